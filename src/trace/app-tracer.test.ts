import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, encodedLength, type ManualClock } from "../base/index.ts";
import { createBus, type Link, type LinkEvents, Params, type Yate } from "../bus/index.ts";
import { type AppTracer, traceApp } from "./app-tracer.ts";
import type { AppRecord, TraceRecord, WaitRecord } from "./records.ts";
import { traceBatchBytes, traceLeaseMs } from "./trace-messages.ts";

interface Subject {
  readonly yate: Yate;
  readonly events: LinkEvents;
  readonly clock: ManualClock;
  readonly tracer: AppTracer;
  /** The `data` of what was sent. */
  readonly batches: string[];
  records(): TraceRecord[];
  ask(operation: string, of?: string): void;
  meters: number;
}

/** An app on a link whose engine the test plays. */
function subject(): Subject {
  const batches: string[] = [];
  const nothing = (): void => {};
  const link: Link = {
    install: nothing,
    uninstall: nothing,
    watch: nothing,
    unwatch: nothing,
    send: (_, { name, params }) =>
      void (name === "yayts.trace.data" && batches.push(params.get("data") ?? "")),
    answer: nothing,
    setlocal: nothing,
    output: nothing,
    debug: nothing,
    close: () => Promise.resolve(),
    abort: nothing,
    resume: nothing,
  };
  const clock = createManualClock();
  const { yate, events } = createBus(link, { clock });
  const meter = () => {
    made.meters++;
    return { read: () => ({ cpu: 0.5 }), close: () => void made.meters-- };
  };
  const tracer = traceApp(yate, { source: "app.ts 1", file: "/app.ts", pid: 1, clock, meter });
  const made: Subject = {
    yate,
    events,
    clock,
    tracer,
    batches,
    meters: 0,
    records: () => batches.flatMap((batch) => JSON.parse(batch)),
    ask(operation, of = "waits,operations,app") {
      const params = Params.from({ operation, id: "console", of });
      events.event({ kind: "watch", name: "yayts.trace", retvalue: "", params, handled: true });
    },
  };
  return made;
}

/** How often a stack is captured while `fn` runs. */
async function captures(fn: () => void | Promise<void>): Promise<number> {
  const original = Error.captureStackTrace;
  let count = 0;
  Error.captureStackTrace = (...args) => {
    count++;
    Reflect.apply(original, Error, args);
  };
  try {
    await fn();
  } finally {
    Error.captureStackTrace = original;
  }
  return count;
}

describe("the tracer of an app", () => {
  it("says that it is there when it comes, and when it comes back", () => {
    const { batches, events } = subject();
    assert.deepEqual(batches, ["[]"]);
    events.lost(new Error("cut"), { attempt: 1, retryMs: 10 });
    events.restored(10);
    assert.deepEqual(batches, ["[]", "[]"]);
  });

  it("captures no stack and keeps no figures while nobody looks", async () => {
    const { yate, clock, ask, ...made } = subject();
    assert.equal(await captures(() => yate.onmsg("test").cancel()), 1, "at the beginning lines are noted");
    await clock.advance(traceLeaseMs);
    assert.equal(await captures(() => yate.onmsg("test").cancel()), 0);
    ask("start");
    await clock.advance(1000);
    assert.equal(await captures(() => yate.onmsg("test").cancel()), 1);
    ask("stop");
    await clock.advance(1);
    assert.equal(await captures(() => yate.onmsg("test").cancel()), 0);
    assert.equal(made.meters, 0);
  });

  it("tells figures once a second until fifteen seconds after the last word of who looks", async () => {
    const { clock, ask, records } = subject();
    ask("start");
    await clock.advance(10_000);
    ask("keep");
    await clock.advance(60_000);
    const figures = records().filter((record): record is AppRecord => record.kind === "app");
    // One at the beginning, then one a second; at the end of the twenty-fifth it is over.
    assert.equal(figures.length, 25);
    assert.equal(figures.at(-1)?.cpu, 0.5);
  });

  it("remembers what it saw: the next one who looks gets it under the same number and time", async () => {
    const { yate, clock, ask, records } = subject();
    void yate.onmsg("test.kept", { id: "sip/1" });
    await clock.advance(traceLeaseMs);
    void yate.onmsg("test.unseen");
    ask("start");
    await clock.advance(1000);
    ask("stop");
    await clock.advance(100_000);
    ask("start");
    await clock.advance(1000);
    const waits = records().filter((record): record is WaitRecord => record.kind === "wait");
    const [first, unseen, second] = waits;
    assert.deepEqual(
      waits.map(({ name }) => name),
      ["test.kept", "test.unseen", "test.kept", "test.unseen"],
    );
    assert.deepEqual([second?.id, second?.atMs], [first?.id, first?.atMs]);
    assert.equal(unseen?.guard, undefined);
  });

  it("tells only what was asked for", async () => {
    const { yate, clock, tracer, ask, records } = subject();
    ask("start", "app");
    await clock.advance(1);
    void yate.onmsg("test");
    tracer.log("warn", "the line is bad");
    await clock.advance(100);
    assert.deepEqual(
      records().map(({ kind }) => kind),
      ["app", "log"],
    );
  });

  it("keeps batches to the size that a line takes, whatever is in them, and loses nothing", async () => {
    const { yate, clock, ask, batches, records } = subject();
    for (let i = 0; i < 1500; i++) void yate.onmsg(`test:żółć:${i}`, { text: "%%::".repeat(40) });
    ask("start", "waits");
    await clock.advance(5000);
    for (const batch of batches) {
      const escaped = batch.replace(/[%:]/g, "%z");
      assert.ok(encodedLength(escaped) <= traceBatchBytes, `${encodedLength(escaped)} bytes`);
    }
    assert.ok(batches.length > 10);
    assert.deepEqual(
      records().map(({ seq }) => seq),
      Array.from({ length: 1500 }, (_, i) => i + 1),
    );
  });

  it("keeps records while the engine is away, and says how many it could not", async () => {
    const { yate, events, clock, ask, records } = subject();
    ask("start", "waits,app");
    await clock.advance(1000);
    events.lost(new Error("gone"), { attempt: 1, retryMs: 100 });
    for (let i = 0; i < 20_000; i++) yate.onmsg("test", { text: "x".repeat(100) }).cancel();
    await clock.advance(2000);
    events.restored(2000);
    await clock.advance(8000);
    const last = records()
      .filter((record): record is AppRecord => record.kind === "app")
      .at(-1);
    const told = records().length;
    assert.ok(last && last.lost > 0);
    assert.equal(last.lost + told, records().at(-1)?.seq);
  });

  it("is one for each connection, and over with it", async () => {
    const { yate, tracer, ask, clock } = subject();
    assert.equal(traceApp(yate.until(new Promise(() => {})), { source: "other", file: "x" }), tracer);
    ask("start");
    await clock.advance(1);
    assert.equal(tracer.seen, true);
    yate.abort();
    await clock.advance(1);
    assert.equal(tracer.seen, false);
  });
});
