import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineRecord } from "../../../src/trace/index.ts";
import { FigureSeries } from "./figure-series.ts";

const record = (seq: number, more: Partial<EngineRecord> = {}): EngineRecord => ({
  kind: "engine",
  seq,
  atMs: seq * 1000,
  version: "0.1.0",
  nodeName: "here",
  startedMs: 0,
  queued: 0,
  maxQueued: 0,
  running: 0,
  dispatched: 0,
  dropped: 0,
  handlers: 0,
  modules: [],
  channels: [],
  registrations: [],
  connections: [],
  lost: 0,
  ...more,
});

const values = (series: FigureSeries, name: Parameters<FigureSeries["points"]>[0]) =>
  series.points(name).map(({ value }) => value);

test("messages are told by the second, also when a record was late", () => {
  const series = new FigureSeries();
  series.add(record(1, { dispatched: 100 }));
  series.add(record(2, { dispatched: 600 }));
  series.add(record(4, { dispatched: 1600 }));
  assert.deepEqual(values(series, "messagesPerSecond"), [undefined, 500, 500]);
});

test("late ticks are those of the last record's time, and nothing where the engine does not tell", () => {
  const series = new FigureSeries();
  series.add(record(1, { lateTicks: 5 }));
  series.add(record(2, { lateTicks: 7 }));
  series.add(record(3));
  assert.deepEqual(values(series, "lateTicks"), [undefined, 2, undefined]);
});

test("an engine that was started anew begins anew, a record that comes twice counts once", () => {
  const series = new FigureSeries();
  series.add(record(1, { dispatched: 100 }));
  series.add(record(2, { dispatched: 200, queued: 7 }));
  series.add(record(2, { dispatched: 200, queued: 7 }));
  assert.deepEqual(values(series, "queued"), [0, 7]);
  series.add(record(1, { dispatched: 3, startedMs: 9 }));
  assert.deepEqual(values(series, "queued"), [0]);
  assert.deepEqual(values(series, "messagesPerSecond"), [undefined]);
});

test("only the last minutes are kept", () => {
  const series = new FigureSeries(10_000);
  for (let seq = 1; seq < 100; seq++) series.add(record(seq));
  assert.equal(series.points("queued").length, 11);
});
