import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type ConnectOptions, connect } from "../../src/client/index.ts";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

const missing = whyNoYate();
let engine: RunningYate;

describe("the client on a real YATE", { skip: missing ?? false, timeout: 60_000 }, () => {
  before(async () => {
    engine = await startYate({ modules: ["extmodule"] });
  });
  after(() => engine.stop());

  const addresses = (): string[] => [engine.tcp, engine.any, engine.unix];

  /** The median time of a dispatch that nobody handles, or that this app handles itself, in milliseconds. */
  async function roundTripMs(address: string, options: ConnectOptions, handled: boolean): Promise<number> {
    const yate = await connect(address, options);
    if (handled) await yate.handle("test.echo", () => true).ready;
    const times: number[] = [];
    for (let i = 0; i < 40; i++) {
      const start = performance.now();
      const { handled: by } = await yate.msg("test.echo", { i }).dispatch();
      times.push(performance.now() - start);
      assert.equal(by, handled);
    }
    await yate.close();
    return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  }

  test("connects to listeners with and without a role, over TCP and a UNIX socket", async () => {
    for (const address of addresses()) {
      const yate = await connect(address);
      assert.match(await yate.setlocal("engine.version"), /^\d+\.\d+/);
      assert.equal(await yate.setlocal("reenter"), "true");
      await yate.close();
    }
  });

  test("has its answers within 7 ms over TCP, thanks to the kick", async (t) => {
    const kickedMs = await roundTripMs(engine.tcp, {}, false);
    const handledMs = await roundTripMs(engine.tcp, {}, true);
    const plainMs = await roundTripMs(engine.tcp, { kick: false }, false);
    t.diagnostic(
      `p50: dispatch ${kickedMs.toFixed(2)} ms, through an own handler ${handledMs.toFixed(2)} ms, without kick ${plainMs.toFixed(2)} ms`,
    );
    assert.ok(kickedMs <= 7, `${kickedMs} ms`);
    // Two trips: to the handler and back.
    assert.ok(handledMs <= 14, `${handledMs} ms`);
  });

  test("sends lines that need the larger buffer", async () => {
    for (const address of addresses()) {
      const yate = await connect(address);
      const text = "é:%\u0001".repeat(5000);
      assert.equal((await yate.msg("test.long", { text }).dispatch()).get("text"), text);
      await yate.close();
    }
  });

  test("keeps bytes, order and the first of repeated names through the engine", async () => {
    const yate = await connect(engine.tcp);
    const answer = await yate
      .msg("test.bytes", [
        ["b", "\udcff\udc80"],
        ["a", "é😀"],
        ["e", ""],
        ["c:%", "=:"],
      ])
      .dispatch();
    assert.deepEqual([...answer.params].slice(0, 4), [
      ["b", "\udcff\udc80"],
      ["a", "é😀"],
      ["e", ""],
      ["c:%", "=:"],
    ]);
    await yate.close();
  });

  test("rejects a dispatch that the engine refuses, and lives on", async () => {
    const yate = await connect(engine.tcp);
    await assert.rejects(yate.msg("test.name", { "a=b": 1 }).dispatch(), { code: "bad-line" });
    assert.equal((await yate.msg("test.name").dispatch()).handled, false);
    await yate.close();
  });
});
