import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../base/index.ts";
import type { AudioSocket } from "./audio-socket.ts";
import { createNetwork, type NetworkConditions } from "./network.ts";
import { createPacketFates } from "./packet-fate.ts";

const fair: NetworkConditions = { seed: 1, loss: 0, burst: 1, delayMs: 0, jitterMs: 0, mute: "none" };

function lossesOf(conditions: Partial<NetworkConditions>, count: number, salt = 0): boolean[] {
  const next = createPacketFates({ ...fair, ...conditions }, salt);
  return Array.from({ length: count }, () => next().lost);
}

/** Lengths of the losses in a row. */
function burstsOf(losses: readonly boolean[]): number[] {
  const text = losses.map((lost) => (lost ? "x" : ".")).join("");
  return [...text.matchAll(/x+/g)].map(([run]) => run.length);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A socket without a network: what is sent, and what comes when the test says so. */
function bareSocket(): AudioSocket & { readonly sent: number[]; come(first: number): void; closed: boolean } {
  let receive: (bytes: Uint8Array) => void = () => {};
  const sent: number[] = [];
  return {
    port: 4000,
    strangers: 0,
    unsent: 0,
    errors: 0,
    sent,
    closed: false,
    open(_engine, fn) {
      receive = fn;
    },
    send: (packet) => void sent.push(packet[0] ?? 0),
    close() {
      this.closed = true;
    },
    come: (first) => receive(Uint8Array.of(first)),
  };
}

describe("what becomes of packets", () => {
  for (const [loss, burst] of [
    [0.01, 1],
    [0.2, 1],
    [0.2, 3],
    [0.5, 4],
    [0.8, 5],
  ] as const)
    it(`a share of ${loss} is lost, ${burst} in a row on average`, () => {
      const losses = lossesOf({ loss, burst, seed: 42 }, 200_000);
      const share = losses.filter(Boolean).length / losses.length;
      assert.ok(Math.abs(share - loss) < 0.05 * loss + 0.001, `${share}`);
      const length = mean(burstsOf(losses));
      assert.ok(Math.abs(length - burst) < 0.05 * burst, `${length}`);
    });

  it("all of them are lost, or none, when that is asked for", () => {
    assert.ok(lossesOf({ loss: 1, burst: 3 }, 1000).every(Boolean));
    assert.ok(!lossesOf({ loss: 0, burst: 3 }, 1000).some(Boolean));
  });

  it("the same seed gives the same fates, another seed or direction others", () => {
    const one = lossesOf({ seed: 7, loss: 0.3, burst: 2 }, 500);
    assert.deepEqual(lossesOf({ seed: 7, loss: 0.3, burst: 2 }, 500), one);
    assert.notDeepEqual(lossesOf({ seed: 8, loss: 0.3, burst: 2 }, 500), one);
    assert.notDeepEqual(lossesOf({ seed: 7, loss: 0.3, burst: 2 }, 500, 1), one);
  });

  it("delays do not change which packets are lost, and lie between delay and delay plus jitter", () => {
    const next = createPacketFates({ ...fair, loss: 0.3, delayMs: 50, jitterMs: 40 }, 0);
    const fates = Array.from({ length: 5000 }, next);
    assert.deepEqual(
      fates.map(({ lost }) => lost),
      lossesOf({ loss: 0.3 }, 5000),
    );
    const delays = fates.map(({ delayMs }) => delayMs);
    assert.ok(Math.min(...delays) >= 50 && Math.max(...delays) < 90);
    assert.ok(Math.abs(mean(delays) - 70) < 1, `${mean(delays)}`);
  });
});

describe("a network that can be made bad", () => {
  it("is as it is while nothing is asked for: packets pass at once", () => {
    const clock = createManualClock();
    const socket = bareSocket();
    const wrapped = createNetwork(fair, clock).wrap(socket);
    const got: number[] = [];
    wrapped.open({ ip: "127.0.0.1", port: 1 }, (bytes) => void got.push(bytes[0] ?? 0));
    wrapped.send(Uint8Array.of(1));
    socket.come(2);
    assert.deepEqual([socket.sent, got, clock.pending], [[1], [2], 0]);
  });

  it("delays packets each way, lets them overtake, and forgets those on their way when it closes", async () => {
    const clock = createManualClock();
    const socket = bareSocket();
    const wrapped = createNetwork({ ...fair, delayMs: 30, jitterMs: 100, seed: 5 }, clock).wrap(socket);
    const got: number[] = [];
    wrapped.open({ ip: "127.0.0.1", port: 1 }, (bytes) => void got.push(bytes[0] ?? 0));
    for (let i = 0; i < 20; i++) {
      wrapped.send(Uint8Array.of(i));
      socket.come(i);
    }
    await clock.advance(29);
    assert.deepEqual([socket.sent, got], [[], []]);
    await clock.advance(101);
    const inOrder = Array.from({ length: 20 }, (_, i) => i);
    for (const list of [socket.sent, got]) {
      assert.notDeepEqual(list, inOrder);
      assert.deepEqual(
        [...list].sort((a, b) => a - b),
        inOrder,
      );
    }
    wrapped.send(Uint8Array.of(99));
    assert.equal(clock.pending, 1);
    wrapped.close();
    assert.equal(clock.pending, 0);
    assert.equal(socket.closed, true);
  });

  it("lets nothing through one way when that is muted, and changes while it is in use", () => {
    const socket = bareSocket();
    const network = createNetwork({ ...fair, mute: "in" });
    const wrapped = network.wrap(socket);
    const got: number[] = [];
    wrapped.open({ ip: "127.0.0.1", port: 1 }, (bytes) => void got.push(bytes[0] ?? 0));
    const both = (n: number): void => {
      wrapped.send(Uint8Array.of(n));
      socket.come(n);
    };
    both(1);
    network.conditions = { ...fair, mute: "out" };
    both(2);
    network.conditions = fair;
    both(3);
    assert.deepEqual(
      [socket.sent, got],
      [
        [1, 3],
        [2, 3],
      ],
    );
  });

  it("refuses what is no network", () => {
    for (const wrong of [
      { loss: 2 },
      { loss: Number.NaN },
      { burst: 0 },
      { delayMs: -1 },
      { jitterMs: 1e9 },
      { seed: 0.5 },
    ])
      assert.throws(() => createNetwork({ ...fair, ...wrong }), { code: "bad-argument" });
  });
});
