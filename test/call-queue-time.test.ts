/** What queues do in time, on a clock that the test holds, engine and sound included. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CallQueue,
  type EnqueueOutcome,
  type QueueEvent,
  type QueueOptions,
  silence,
  withCalls,
  type Yate,
} from "yayts";
import { createEngine } from "yayts/engine";
import { createManualClock, type ManualClock } from "../src/base/index.ts";

interface Centre extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly queue: CallQueue;
  readonly outcomes: EnqueueOutcome[];
  /** What happened, with the second in which it did. */
  readonly told: string[];
  /** Somebody calls; resolves to the caller's channel. */
  enter(): Promise<string>;
  /** Answers what rings at agents. */
  answer(): Promise<void>;
  drop(id: string): Promise<void>;
}

async function openCentre(options: QueueOptions): Promise<Centre> {
  const clock = createManualClock();
  const engine = await createEngine({ clock });
  const app = withCalls(engine.connect(), { clock });
  const people: Yate = engine.connect();
  const queue = app.queue("q", { music: silence(3_600_000), announceEveryMs: 0, ...options });
  const outcomes: EnqueueOutcome[] = [];
  const told: string[] = [];
  const beganMs = clock.now();
  const note = async (events: AsyncIterable<QueueEvent>): Promise<void> => {
    for await (const event of events)
      if (["offered", "missed", "answered", "wrapped-up"].includes(event.kind))
        told.push(`${event.kind} ${Math.round((event.atMs - beganMs) / 1000)}`);
  };
  note(queue.events()).catch(() => {});
  app.onCall("500", async (call) => {
    outcomes.push(await call.enqueue(queue));
  });
  people.handle("call.route", { filter: { called: "agent" } }, () => "dumb/agent");
  let ringing: readonly [agent: string, caller: string] | undefined;
  const follow = async (): Promise<void> => {
    for await (const execute of people.watches("call.execute", { callto: "dumb/agent" }))
      ringing = [execute.get("targetid") ?? "", execute.get("id") ?? ""];
  };
  follow().catch(() => {});
  await people.setlocal("engine.version");
  /** Messages go to and fro without a moment passing. */
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 50; turns++) await clock.advance(0);
  };
  return {
    clock,
    queue,
    outcomes,
    told,
    async enter() {
      const call = people.msg("call.execute", { callto: "dumb/", target: "500", caller: "4711" });
      await call.dispatch();
      await settle();
      return call.get("id") ?? "";
    },
    async answer() {
      const [id, targetid] = ringing ?? [];
      await people.msg("call.answered", { id, targetid }).dispatch();
      await settle();
    },
    async drop(id) {
      await people.msg("call.drop", { id, reason: "hangup" }).dispatch();
      await settle();
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

describe("queues in time", { timeout: 60_000 }, () => {
  it("it rings for ringMs, then the agent is left alone for backOffMs, and so on", async () => {
    await using centre = await openCentre({ ringMs: 20_000, backOffMs: 10_000 });
    await centre.queue.agents.add({ id: "agent" });
    await centre.enter();
    await centre.clock.advance(65_000);
    assert.deepEqual(centre.told, ["offered 0", "missed 20", "offered 30", "missed 50", "offered 60"]);
  });

  it("after a call the next one rings when the wrap-up is over", async () => {
    await using centre = await openCentre({ wrapUpMs: 15_000 });
    await centre.queue.agents.add({ id: "agent" });
    const first = await centre.enter();
    await centre.enter();
    await centre.answer();
    await centre.clock.advance(60_000);
    await centre.drop(first);
    await centre.clock.advance(15_000);
    assert.deepEqual(centre.told, ["offered 0", "answered 0", "wrapped-up 75", "offered 75"]);
    assert.ok(centre.outcomes[0]?.kind === "served" && centre.outcomes[0].talkedMs === 60_000);
  });

  it("the longest wait is exact, and announcements come in their time", async () => {
    const places: number[] = [];
    await using centre = await openCentre({
      maxWaitMs: 120_000,
      announceEveryMs: 30_000,
      announce: ({ waitedMs }) => {
        places.push(waitedMs);
        return undefined;
      },
    });
    await centre.enter();
    await centre.clock.advance(119_999);
    assert.deepEqual(centre.outcomes, []);
    await centre.clock.advance(1);
    assert.deepEqual(centre.outcomes, [{ kind: "timeout", waitedMs: 120_000 }]);
    assert.deepEqual(places, [30_000, 60_000, 90_000]);
    assert.deepEqual(centre.queue.snapshot().waiting, []);
  });

  it("what was over leaves no timer behind", async () => {
    await using centre = await openCentre({ maxWaitMs: 120_000, announceEveryMs: 30_000, wrapUpMs: 1000 });
    await centre.clock.advance(1000);
    const before = centre.clock.pending;
    await centre.queue.agents.add({ id: "agent" });
    const caller = await centre.enter();
    await centre.answer();
    await centre.clock.advance(5000);
    await centre.drop(caller);
    // The engine's own reports come some seconds after a call.
    await centre.clock.advance(10_000);
    assert.equal(centre.outcomes[0]?.kind, "served");
    assert.equal(centre.clock.pending, before);
  });
});
