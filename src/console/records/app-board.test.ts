import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TraceRecord } from "../../trace/index.ts";
import { AppBoard } from "./app-board.ts";

const source = { kind: "app", name: "ivr.ts 1" } as const;

describe("the board of apps", () => {
  const wait = (id: number, phase: "begin" | "end", name = "x"): TraceRecord => ({
    kind: "wait",
    seq: id,
    atMs: id,
    phase,
    id,
    what: "onmsg",
    name,
  });
  const figures = (startedMs: number): TraceRecord => ({
    kind: "app",
    seq: 1,
    atMs: 1,
    file: "ivr.ts",
    pid: 1,
    startedMs,
    openWaits: 1,
    openCalls: 0,
    lost: 0,
  });

  it("shows what is open, the oldest first, and nothing that has ended", () => {
    const board = new AppBoard();
    for (const id of [1, 2, 3]) board.add({ source, record: wait(id, "begin") }, 0);
    assert.equal(board.add({ source, record: wait(2, "end") }, 0), true);
    assert.equal(board.add({ source, record: wait(2, "end") }, 0), false, "nothing has changed");
    assert.deepEqual(
      board.views()[0]?.waits.map(({ id }) => id),
      [1, 3],
    );
  });

  it("tells a page 2000 waits at most, of an app that leaks", () => {
    const board = new AppBoard();
    for (let id = 0; id < 30_000; id++) board.add({ source, record: wait(id, "begin") }, 0);
    assert.equal(board.views()[0]?.waits.length, 2000);
  });

  it("forgets what an app waited for that was started anew, and an app that is silent", () => {
    const board = new AppBoard();
    board.add({ source, record: figures(1) }, 0);
    board.add({ source, record: wait(1, "begin") }, 0);
    board.add({ source, record: figures(2) }, 0);
    assert.deepEqual(board.views()[0]?.waits, []);
    assert.equal(board.prune(5000), false);
    assert.equal(board.prune(30_000), true);
    assert.deepEqual(board.views(), []);
  });

  it("keeps the latest 200 errors, the latest first", () => {
    const board = new AppBoard();
    for (let seq = 1; seq <= 300; seq++)
      board.add({ source, record: { kind: "error", seq, atMs: seq, text: `e${seq}` } }, 0);
    const errors = board.views()[0]?.errors ?? [];
    assert.deepEqual([errors.length, errors[0]?.text], [200, "e300"]);
  });
});
