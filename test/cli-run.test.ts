import assert from "node:assert/strict";
import { chmod, readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { placeCaller } from "yayts/testing";
import {
  assertNoStack,
  commandLine,
  createFolder,
  keyechoSource,
  type RunningCommand,
  runCommand,
  startCommand,
} from "./cli-process.ts";

/** Starts `yayts engine` and waits until it listens. */
async function startEngine(
  ...args: string[]
): Promise<{ engine: RunningCommand; address: string; port: string }> {
  const engine = startCommand(["engine", ...args]);
  const [, address = "", port = ""] = await engine.until(
    /^yayts engine ready: global (tcp:\/\/127\.0\.0\.1:(\d+))/m,
  );
  return { engine, address, port };
}

describe("yayts run", { concurrency: 3 }, () => {
  it("runs an app on an engine elsewhere until Ctrl-C, and exits 0", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const { engine, address } = await startEngine("--global", "127.0.0.1:0");
    await using _ = engine;
    await using run = startCommand(["run", "app.ts", "--yate", address], { cwd: folder.path });
    await run.until(/running app\.ts on tcp:\/\/127\.0\.0\.1:\d+; Ctrl-C ends it/);
    await using yate = await connect(address);
    await using caller = await placeCaller(yate, "ivr");
    await caller.answered;
    await caller.press("4");
    await caller.hears("digits/en/4", { timeoutMs: 20_000 });
    run.child.kill("SIGINT");
    assert.equal(await run.exit, 0);
    assert.equal(run.out, "");
  });

  it("finds a lost engine again, says so, and serves the next call", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const { engine, address, port } = await startEngine("--global", "127.0.0.1:0");
    await using run = startCommand(["run", "app.ts", "--yate", address], { cwd: folder.path });
    await run.until(/running/);
    engine.child.kill("SIGTERM");
    assert.equal(await engine.exit, 0);
    await run.until(/no engine at .*; trying again in \d+ ms/);
    const again = await startEngine("--global", `127.0.0.1:${port}`);
    await using _ = again.engine;
    await run.until(/the engine is back after/);
    await using yate = await connect(address);
    await using caller = await placeCaller(yate, "ivr");
    await caller.answered;
    run.child.kill("SIGINT");
    run.child.kill("SIGINT");
    assert.ok([0, 130].includes(Number(await run.exit)));
  });

  it("exits 1 with the source line when the app crashes", async () => {
    const crashing = "export default () => {\n  setTimeout(() => {\n    null.x;\n  }, 400);\n};\n";
    await using folder = await createFolder({ "app.mjs": crashing });
    const { engine, address } = await startEngine("--global", "127.0.0.1:0");
    await using _ = engine;
    const { code, err } = await runCommand(["run", "app.mjs", "--yate", address], { cwd: folder.path });
    assert.equal(code, 1);
    assert.match(err, /yayts: \[TypeError\] Cannot read properties of null .*\n {2}app\.mjs:3:10\n/);
    assertNoStack(err);
  });

  it("exits 1 and says where to look when nobody listens, and when it is no YATE", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const nobody = await runCommand(["run", "app.ts", "--yate", "tcp://127.0.0.1:1"], { cwd: folder.path });
    assert.equal(nobody.code, 1);
    assert.match(nobody.err, /yayts: \[connect-refused\] .*127\.0\.0\.1:1/);
    assertNoStack(nobody.err);
  });

  it("--stdio is a script of the engine: the protocol on stdout, all else on stderr, exit 0 when the engine ends it", async () => {
    const source = keyechoSource().replace(
      "export default",
      'console.log("hello from the app");\nexport default',
    );
    await using folder = await createFolder({ "app.ts": source });
    const words = [...commandLine, "run", `${folder.path}/app.ts`, "--stdio"].map((word) => `'${word}'`);
    const script = await folder.write(
      "script.sh",
      // The engine asks a script to go that does not end at once; the shell is to wait for its program all the same.
      `#!/bin/sh\ntrap : TERM\n${words.join(" ")} 2>>'${folder.path}/err.txt'\necho $? >'${folder.path}/code.txt'\n`,
    );
    await chmod(script, 0o755);
    const engine = await createEngine();
    const started = await engine.yate.msg("call.execute", { callto: `external/nochan/${script}` }).dispatch();
    assert.equal(started.get("error"), undefined);
    await routed(engine.yate);
    await using caller = await placeCaller(engine.connect(), "ivr");
    await caller.answered;
    await caller.press("6");
    await caller.hears("digits/en/6", { timeoutMs: 20_000 });
    await caller.hangup();
    await engine.stop();
    assert.equal(await text(`${folder.path}/code.txt`), "0\n");
    assert.match(await text(`${folder.path}/err.txt`), /^hello from the app\n/);
  });
});

/** What a file holds as soon as it holds something. */
async function text(file: string): Promise<string> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await readFile(file, "utf8").catch(() => "");
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  return "";
}

/** Waits until somebody routes `ivr`. */
async function routed(yate: Awaited<ReturnType<typeof createEngine>>["yate"]): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const route = await yate.msg("call.route", { called: "ivr", id: "none" }).dispatch();
    if (route.handled) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail("nobody routes ivr");
}
