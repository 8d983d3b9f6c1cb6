import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { SipFigures } from "../../src/modules/sip/index.ts";
import { mutated, request, sdp, seeded } from "./attack-kit.ts";

interface Memory extends SipFigures {
  /** What is in use after garbage was collected. */
  readonly heldBytes: number;
  readonly rss: number;
  readonly callMs: number;
  readonly lines: number;
}

const mebibyte = 1024 * 1024;

/** An engine in a process of its own, whose memory is nobody else's. */
async function startChild() {
  const child: ChildProcess = fork(fileURLToPath(new URL("attack-memory-child.ts", import.meta.url)), {
    execArgv: [...process.execArgv.filter((argument) => !argument.startsWith("--test")), "--expose-gc"],
  });
  const [{ udp }] = (await once(child, "message")) as [{ udp: number }];
  const socket = createSocket({ type: "udp4", lookup: (name, _options, done) => done(null, name, 4) });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.66", resolve));
  return {
    async measure(): Promise<Memory> {
      child.send("measure");
      const [memory] = (await once(child, "message")) as [Memory];
      return memory;
    },
    /** Sends at a pace that the other process keeps up with. */
    async flood(count: number, packet: (at: number) => Uint8Array | string, atOnce: number): Promise<void> {
      for (let at = 0; at < count; at++) {
        socket.send(packet(at), udp, "127.0.0.1");
        if (at % atOnce === atOnce - 1) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      child.send("stop");
      await once(child, "exit");
    },
  };
}

describe("memory", () => {
  it("after 50,000 bad requests, and 3,000 of 60 KB, is bounded, and a call goes through", {
    timeout: 60_000,
  }, async (t) => {
    await using child = await startChild();
    const before = await child.measure();
    const random = seeded(50_000);
    const texts = [
      () => request("OPTIONS", "sip:x@y"),
      () => request("REGISTER", "sip:y", { Authorization: 'Digest username="100", nonce="0"' }),
      () => request("INVITE", "sip:members@y", { "Content-Type": "application/sdp" }, sdp(9)),
      () => request("BYE", "sip:x@y", { To: "<sip:x@y>;tag=none" }),
      () => request("OPTIONS", "sip:x@y", { CSeq: "x" }),
      () => "\x01\x02garbage",
    ];
    const some = Array.from({ length: 2000 }, (_, at) => {
      const text = Buffer.from(texts[at % texts.length]?.() ?? "", "latin1");
      return at % 4 === 0 ? mutated(random, text) : text;
    });
    // Branches and Call-IDs are all different, as those of an attacker are.
    await child.flood(
      50_000,
      (at) => {
        const packet = Buffer.from(some[at % some.length] ?? "");
        const id = packet.indexOf(`${process.pid}-`);
        if (id >= 0) packet.write(String(at).padStart(6, "x"), id);
        return packet;
      },
      20,
    );
    const small = await child.measure();
    const large = (at: number): string =>
      request(
        "BYE",
        "sip:x@y",
        { To: "<sip:x@y>;tag=none", "Call-ID": `${at}${"c".repeat(15_000)}` },
        "b".repeat(45_000),
      );
    await child.flood(1500, large, 2);
    const full = await child.measure();
    await child.flood(1500, large, 2);
    const after = await child.measure();
    const held = [small, full, after].map(({ heldBytes }) =>
      Math.round((heldBytes - before.heldBytes) / mebibyte),
    );
    const told = `${held.join(", ")} MiB held; RSS ${Math.round(before.rss / mebibyte)} to ${Math.round(after.rss / mebibyte)} MiB; ${after.received} packets`;
    assert.ok(small.received > 25_000, told);
    assert.ok((held[0] ?? 0) < 120, told);
    assert.ok((held[1] ?? 0) < 250, told);
    // The second thousand of large ones takes the room of the first.
    assert.ok((held[2] ?? 0) < (held[1] ?? 0) + 40, told);
    assert.ok(after.transactions <= 20_000);
    assert.ok(after.flooded > 1000, `${after.flooded} dropped`);
    assert.ok(after.callMs < 5000, `a call took ${after.callMs} ms`);
    assert.ok(after.lines <= 5, `${after.lines} lines were logged`);
    assert.ok(after.rss < 1000 * mebibyte, told);
    t.diagnostic(told);
  });
});
