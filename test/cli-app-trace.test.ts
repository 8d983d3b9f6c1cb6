/** What the apps of the command line tell of themselves. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect } from "yayts/client";
import { placeCaller } from "yayts/testing";
import type { AppRecord, EngineRecord, ErrorRecord, LogRecord } from "../src/trace/index.ts";
import { createFolder, startCommand } from "./cli-process.ts";
import { Looker } from "./trace-looker.ts";

const waiting = `import { app } from "yayts";
export default app(async (yate) => {
  yate.onmsg("test.leak");
  for await (const route of yate.messages("call.route", { called: "ivr" })) route.ret(true, "tone/dial");
});
`;

const crashing = `import { app } from "yayts";
export default app((yate) => {
  yate.onCall("ivr", async (call) => {
    await call.answer();
    setTimeout(() => { throw new Error("out of coffee"); }, 10);
    await call.ended;
  });
});
`;

describe("apps of the command line, seen", { concurrency: 2, timeout: 60_000 }, () => {
  it("dev: shows the line that waits from the beginning, and goes on after its connection was cut", async () => {
    await using folder = await createFolder({ "app.ts": waiting });
    await using dev = startCommand(["dev", "app.ts", "--port", "0", "--no-console"], { cwd: folder.path });
    const [, address = ""] = await dev.until(/listening at (\S+);/);
    await dev.until(/app\.ts started/);
    await using yate = await connect(address);
    const app = new Looker(yate, undefined);
    await app.say("start", "waits,app,engine");
    const figures = await app.find<AppRecord>("app", ({ cpu }) => cpu !== undefined);
    assert.equal(figures.file, join(folder.path, "app.ts"));
    assert.ok((figures.memoryBytes ?? 0) > 1e6 && figures.pid > 0);
    const wait = await app.wait("begin", "call.route");
    assert.equal(wait.place?.file, join(folder.path, "app.ts"));
    assert.equal(wait.place?.line, 4);
    assert.match(wait.place?.text ?? "", /^for await \(const route of /);
    const leak = await app.wait("begin", "test.leak");
    assert.deepEqual([leak.place?.line, leak.place?.text], [3, 'yate.onmsg("test.leak");']);

    const named = ({ connections }: EngineRecord): boolean =>
      connections.some(({ name }) => name === "app.ts");
    const engine = await app.find<EngineRecord>("engine", named);
    const connection = engine.connections.find(({ name }) => name === "app.ts");
    assert.ok(
      connection?.watches.includes("yayts.trace"),
      "the connection with the name of the file is the app's",
    );
    await yate.msg("yayts.trace", { operation: "cut", connection: "app.ts" }).dispatch();
    const end = await app.wait("end", "test.leak");
    assert.deepEqual([end.id, end.outcome], [leak.id, "Disconnected"]);
    await app.find<LogRecord>("log", ({ text }) => /the engine is back/.test(text));
    await (await placeCaller(yate, "ivr")).hangup();
    await folder.write("app.ts", waiting.replace("tone/dial", "tone/busy"));
    await dev.until(/app\.ts reloaded in/);
    await using caller = await placeCaller(yate, "ivr");
    await caller.answered;
    dev.child.kill("SIGINT");
    assert.equal(await dev.exit, 0);
  });

  it("run: tells what the app crashed of, and on which call, before it ends", async () => {
    await using folder = await createFolder({ "app.ts": crashing });
    const engine = startCommand(["engine", "--global", "127.0.0.1:0"]);
    await using _ = engine;
    const [, address = ""] = await engine.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    await using run = startCommand(["run", "app.ts", "--yate", address], { cwd: folder.path });
    await run.until(/running/);
    await using yate = await connect(address);
    const app = new Looker(yate, undefined);
    await app.say("start");
    const caller = await placeCaller(yate, "ivr");
    const error = await app.find<ErrorRecord>("error", () => true);
    assert.deepEqual([error.text, error.channel, error.place?.line], ["Error: out of coffee", caller.id, 5]);
    assert.equal(await run.exit, 1);
  });
});
