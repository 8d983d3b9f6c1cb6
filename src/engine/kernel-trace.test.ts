import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, silentLogger } from "../base/index.ts";
import { startEngine } from "./engine.ts";
import { connectInProcess } from "./in-process.ts";
import { createKernel, type Kernel } from "./kernel.ts";
import type { KernelTracer } from "./kernel-trace.ts";
import { EngineMessage } from "./message.ts";

const message = (name: string, broadcast = false): EngineMessage =>
  new EngineMessage(name, { timeMs: 0, broadcast });

/** Writes down what a kernel tells. */
function writer(): { readonly lines: string[]; readonly tracer: KernelTracer } {
  const lines: string[] = [];
  return {
    lines,
    tracer: {
      begin({ name }, queuedMs) {
        lines.push(`${name} ${queuedMs === undefined ? "at once" : "queued"}`);
        return {
          asking: ({ owner, priority }) => lines.push(`${owner.name}:${priority}?`),
          failed: (why) => lines.push(why),
          answered: (handled) => lines.push(String(handled)),
          over: (handled, next) =>
            lines.push(
              `over ${handled}; ${next.map(({ owner, priority }) => `${owner.name}:${priority}`).join()}`,
            ),
        };
      },
    },
  };
}

describe("the kernel's tracer", () => {
  const setUp = (): { kernel: Kernel; lines: string[] } => {
    const kernel = createKernel({ clock: createManualClock(), log: silentLogger });
    const { lines, tracer } = writer();
    kernel.tracer = tracer;
    return { kernel, lines };
  };

  it("hears who is asked, what they say, and who of those that want the message would be next", async () => {
    const { kernel, lines } = setUp();
    kernel.install({ name: "m", priority: 10, trackName: "a", receive: () => false });
    kernel.install({ name: "", priority: 20, owner: { name: "b" }, receive: async () => true });
    kernel.install({ name: "m", priority: 30, filter: { name: "p", value: "x" }, receive: () => true });
    kernel.install({ name: "m", priority: 40, trackName: "d", owner: { name: "D" }, receive: () => true });
    kernel.install({ name: "m", priority: 50, receive: () => true });
    assert.equal(await kernel.dispatch(message("m")), true);
    assert.deepEqual(lines, ["m at once", "a:10?", "false", "b:20?", "true", "over true; D:40,engine:50"]);
  });

  it("hears of all handlers of a broadcast, after whom nobody is next", () => {
    const { kernel, lines } = setUp();
    kernel.install({ name: "m", priority: 10, trackName: "a", receive: () => true });
    kernel.install({ name: "m", priority: 20, trackName: "b", receive: () => false });
    void kernel.dispatch(message("m", true));
    assert.deepEqual(lines, ["m at once", "a:10?", "true", "b:20?", "false", "over true; "]);
  });

  it("hears of handlers that throw, at once and later", async () => {
    const { kernel, lines } = setUp();
    kernel.install({
      name: "m",
      priority: 10,
      trackName: "a",
      receive() {
        throw new Error("no");
      },
    });
    kernel.install({
      name: "m",
      priority: 20,
      trackName: "b",
      receive: () => Promise.reject(new Error("never")),
    });
    assert.equal(await kernel.dispatch(message("m")), false);
    assert.deepEqual(lines, ["m at once", "a:10?", "no", "false", "b:20?", "never", "false", "over false; "]);
  });

  it("hears that an app gave no answer in time", async () => {
    const clock = createManualClock();
    const engine = await startEngine({ clock });
    const { lines, tracer } = writer();
    const app = connectInProcess(engine, { name: "slow", timeoutMs: 500 });
    app.handle("m", { priority: 10 }, () => new Promise<boolean>(() => {}));
    engine.kernel.tracer = tracer;
    const result = engine.kernel.dispatch(message("m"));
    await clock.advance(500);
    assert.equal(await result, false);
    assert.deepEqual(lines, ["m at once", "slow:10?", "no answer within 500 ms", "false", "over false; "]);
    app.abort();
    await engine.stop();
  });

  it("hears of the end of a dispatch that began before it was taken away, and of none that begins later", async () => {
    const { kernel, lines } = setUp();
    const answer = Promise.withResolvers<boolean>();
    kernel.install({ name: "m", priority: 10, trackName: "a", receive: () => answer.promise });
    const first = kernel.dispatch(message("m"));
    kernel.tracer = undefined;
    const second = kernel.dispatch(message("m"));
    answer.resolve(true);
    await Promise.all([first, second]);
    assert.deepEqual(lines, ["m at once", "a:10?", "true", "over true; "]);
  });

  it("hears that a message was in the queue", async () => {
    const clock = createManualClock();
    const kernel = createKernel({ clock, log: silentLogger });
    const { lines, tracer } = writer();
    kernel.tracer = tracer;
    kernel.enqueue(message("m"));
    await clock.advance(0);
    assert.deepEqual(lines, ["m queued", "over false; "]);
  });
});

describe("names of handlers", () => {
  it("what a module installs without a name has the module's", async () => {
    const engine = await startEngine({
      modules: [
        {
          name: "quiet",
          start: (host) => void host.install({ name: "m", priority: 10, receive: () => true }),
        },
      ],
    });
    const { lines, tracer } = writer();
    engine.kernel.tracer = tracer;
    void engine.kernel.dispatch(message("m"));
    assert.deepEqual(lines, ["m at once", "quiet:10?", "true", "over true; "]);
    engine.kernel.tracer = undefined;
    await engine.stop();
  });

  it("two apps of one name are told apart", async () => {
    const engine = await startEngine();
    const apps = [connectInProcess(engine, { name: "ivr" }), connectInProcess(engine, { name: "ivr" })];
    assert.deepEqual(
      [...engine.apps].map(({ name }) => name),
      ["ivr", "ivr #2"],
    );
    apps[0]?.abort();
    connectInProcess(engine, { name: "ivr" });
    assert.deepEqual(
      [...engine.apps].map(({ name }) => name),
      ["ivr #2", "ivr"],
    );
    await engine.stop();
    assert.equal(engine.apps.size, 0);
  });
});
