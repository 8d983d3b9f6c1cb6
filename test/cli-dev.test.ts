import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "yayts/client";
import { type Caller, placeCaller } from "yayts/testing";
import {
  assertNoStack,
  createFolder,
  type Folder,
  keyechoSource,
  type RunningCommand,
  runCommand,
  startCommand,
} from "./cli-process.ts";

/** Starts `yayts dev app.ts` on a free port and waits until the app runs. */
async function startDev(
  folder: Folder,
  ...options: string[]
): Promise<{ dev: RunningCommand; address: string }> {
  const dev = startCommand(["dev", "app.ts", "--port", "0", ...options], { cwd: folder.path });
  const [, address = ""] = await dev.until(/listening at (\S+);/);
  await dev.until(/app\.ts started/);
  return { dev, address };
}

async function end(dev: RunningCommand): Promise<void> {
  dev.child.kill("SIGINT");
  assert.equal(await dev.exit, 0);
}

describe("yayts dev", { concurrency: 3 }, () => {
  it("--sample without a terminal calls the app, presses 1 2 3 and hears 1 2 3, told from the audio", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const { code, out, err } = await runCommand(["dev", "app.ts", "--sample"], { cwd: folder.path });
    assert.equal(code, 0, out + err);
    assert.match(out, /called ivr\n.*routed to dumb\//);
    for (const key of [1, 2, 3])
      assert.match(out, new RegExp(`pressed ${key}\n(.*\n)*.*heard digits/en/${key} `));
    assert.match(out, /the caller pressed 1 2 3 and heard 1 2 3\n$/);
    assert.doesNotMatch(err, /listening/);
  });

  it("runs an app that imports and exports also where npm init wrote commonjs", async () => {
    await using folder = await createFolder({
      "package.json": '{ "type": "commonjs" }',
      "app.ts": `import { voice } from "./voice.ts";\n${keyechoSource("$" + "{voice}")}`,
      "voice.ts": 'export const voice = "pl";\n',
    });
    const { code, out, err } = await runCommand(["dev", "app.ts", "--sample", "--press", "4"], {
      cwd: folder.path,
    });
    assert.equal(code, 0, out + err);
    assert.match(out, /heard digits\/pl\/4/);
  });

  it("--sample exits 1 and says what was heard instead", async () => {
    const wrong = keyechoSource().replace("$" + '{key.get("text")}', "7");
    await using folder = await createFolder({ "app.ts": wrong });
    const { code, out } = await runCommand(["dev", "app.ts", "--sample", "--press", "1"], {
      cwd: folder.path,
    });
    assert.equal(code, 1);
    assert.match(out, /the caller pressed 1 but heard digits\/en\/7\n$/);
  });

  it("--sample exits 1 when nobody answers, and when the app does not start", async () => {
    await using folder = await createFolder({
      "app.ts": 'import { app } from "yayts";\nexport default app(() => {});\n',
      "bad.ts": "export default 3;\n",
      "endless.ts": "while (true) {}\n",
    });
    const sample = (file: string) => runCommand(["dev", file, "--sample"], { cwd: folder.path });
    const [silent, bad, endless] = await Promise.all([
      sample("app.ts"),
      sample("bad.ts"),
      sample("endless.ts"),
    ]);
    assert.deepEqual([silent.code, bad.code, endless.code], [1, 1, 1]);
    assert.match(silent.out, /the sample call was not answered: noroute/);
    assert.match(bad.err, /yayts: \[app-invalid\] bad\.ts exports a number by default, which is no app;/);
    assert.match(endless.err, /endless\.ts has not answered for 3 s/);
  });

  it("says which line does not compile, and starts the app when it is saved again", async () => {
    await using folder = await createFolder({ "app.ts": "const a = 1;\n\n  const b = ;\nexport {};\n" });
    await using dev = startCommand(["dev", "app.ts", "--port", "0"], { cwd: folder.path });
    await dev.until(
      /yayts: \[ERR_INVALID_TYPESCRIPT_SYNTAX\] .*\n {2}app\.ts:3:13\n {4}2 \| \n {2}> 3 \| {3}const b = ;\n {6}\| {13}\^\n {4}4 \| export/,
    );
    await dev.until(/app\.ts did not start; it comes back when you save it/);
    await folder.write("app.ts", "export default function app() {}\n");
    await dev.until(/app\.ts started/);
    await folder.write("app.ts", "let x = 1;\nlet x = 2;\nexport default () => {};\n");
    await dev.until(/SyntaxError\] Identifier 'x' has already been declared\n {2}app\.ts:2:5\n/);
    await dev.until(/did not start; the old copy stays/);
    await folder.write("app.ts", "export const app = 1;\n");
    await dev.until(/\[app-invalid\] app\.ts has no default export; write: export default app\(/);
    await end(dev);
    assertNoStack(dev.err);
  });

  it("reloads when a file that the app imports is saved, also one that was missing", async () => {
    await using folder = await createFolder({
      "app.ts":
        'import { voice } from "./voice.ts";\nconsole.log("voice", voice);\nexport default () => {};\n',
    });
    await using dev = startCommand(["dev", "app.ts", "--port", "0"], { cwd: folder.path });
    await dev.until(/ERR_MODULE_NOT_FOUND\][\s\S]*app\.ts did not start/);
    await folder.write("voice.ts", 'export const voice: string = "en";\n');
    await dev.until(/voice en\n[\s\S]*app\.ts started/);
    await folder.write("voice.ts", 'export const voice: string = "pl";\n');
    await dev.until(/voice pl\n[\s\S]*app\.ts reloaded/);
    await end(dev);
  });

  it("shows where the app crashed while calls keep their sound, and brings it back on the next save", async () => {
    const crashing = keyechoSource().replace(
      "key.ret(true);",
      'key.ret(true);\n        if (key.get("text") === "9") setTimeout(() => { throw new RangeError("nine"); });',
    );
    await using folder = await createFolder({ "app.ts": crashing });
    const { dev, address } = await startDev(folder);
    await using _ = dev;
    await using yate = await connect(address);
    await using caller = await answered(placeCaller(yate, "ivr"));
    await caller.press("9");
    await dev.until(
      /yayts: \[RangeError\] nine\n {2}app\.ts:\d+:\d+\n[\s\S]*\n {2}> .*throw new RangeError\("nine"\)/,
    );
    await dev.until(/app\.ts has crashed; calls keep their sound, it comes back when you save it/);
    await caller.hears("digits/en/9", { timeoutMs: 20_000 });
    assert.equal(caller.ended.settled, false);
    await folder.write("app.ts", keyechoSource("pl"));
    await dev.until(/app\.ts started/);
    await using next = await answered(placeCaller(yate, "ivr"));
    await next.press("2");
    await next.hears("digits/pl/2", { timeoutMs: 20_000 });
    await end(dev);
  });

  it("reloads during a call: its sound goes on, the old copy serves it to its end, the new one takes the next call", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource("en") });
    const { dev, address } = await startDev(folder);
    await using _ = dev;
    await using yate = await connect(address);
    await using before = await answered(placeCaller(yate, "ivr"));
    const silentMs = await before.heardSilenceMs();
    await folder.write("app.ts", keyechoSource("pl"));
    await dev.until(
      /app\.ts reloaded in .*; the old copy finishes the calls it has, the new one takes the next/,
    );
    // The dial tone that the call had when its app was reloaded has no break.
    await delay(500);
    assert.ok((await before.heardSilenceMs()) - silentMs < 100, "the sound of the call broke off");
    await using after = await answered(placeCaller(yate, "ivr"));
    await Promise.all([before.press("1"), after.press("1")]);
    await Promise.all([
      before.hears("digits/en/1", { timeoutMs: 20_000 }),
      after.hears("digits/pl/1", { timeoutMs: 20_000 }),
    ]);
    assert.deepEqual(
      (await after.heard({ among: "digits/en/" })).map(({ name }) => name),
      [],
    );
    await before.hangup();
    await dev.until(/the old copy of app\.ts has finished its calls/);
    await after.press("2");
    await after.hears("digits/pl/2", { timeoutMs: 20_000 });
    await end(dev);
  });

  it("keeps the handlers of an old copy, which know no calls, to the calls that it has", async () => {
    const source = (copy: string): string => `import { app } from "yayts";
export default app((yate) => {
  yate.handle("call.route", { filter: { called: "ivr" } }, () => "tone/dial");
  yate.handle("chan.dtmf", (key) => {
    yate.msg("test.key", { id: key.get("id"), copy: "${copy}" }).enqueue();
    return true;
  });
});
`;
    await using folder = await createFolder({ "app.ts": source("old") });
    const { dev, address } = await startDev(folder);
    await using _ = dev;
    await using yate = await connect(address);
    const copyThatServes = async (caller: Caller): Promise<string | undefined> => {
      const served = yate.onwatch("test.key", { id: caller.id }, { timeoutMs: 20_000 });
      await caller.press("1");
      return (await served).get("copy");
    };
    await using before = await answered(placeCaller(yate, "ivr"));
    await folder.write("app.ts", source("new"));
    await dev.until(/app\.ts reloaded/);
    await using after = await answered(placeCaller(yate, "ivr"));
    assert.equal(await copyThatServes(after), "new");
    assert.equal(await copyThatServes(before), "old");
    await before.hangup();
    await dev.until(/the old copy of app\.ts has finished its calls/);
    assert.equal(await copyThatServes(after), "new");
    await end(dev);
  });

  it("says once where an app loops without end, keeps the calls' sound, and replaces it on save", async () => {
    const looping = keyechoSource().replace(
      "key.ret(true);",
      'key.ret(true);\n        if (key.get("text") === "0") while (true) {}',
    );
    await using folder = await createFolder({ "app.ts": looping });
    const { dev, address } = await startDev(folder);
    await using _ = dev;
    await using yate = await connect(address);
    await using caller = await answered(placeCaller(yate, "ivr"));
    // Its answer never comes: the app loops before it has left the process.
    caller.press("0").catch(() => {});
    await dev.until(
      /app\.ts has not answered for 3 s in serve\(\): an endless loop, .*; on save it is replaced\n {2}app\.ts:\d+:\d+\n[\s\S]*\n {2}> .*while \(true\) \{\}/,
    );
    assert.ok((await caller.recording()).length > 2.5 * 8000, "the dial tone went on");
    assert.equal(caller.ended.settled, false);
    await folder.write("app.ts", keyechoSource("pl"));
    await dev.until(/app\.ts reloaded/);
    await dev.until(/the old copy of app\.ts does not answer and is ended/);
    await using next = await answered(placeCaller(yate, "ivr"));
    await next.press("5");
    await next.hears("digits/pl/5", { timeoutMs: 20_000 });
    assert.equal(dev.err.match(/has not answered/g)?.length, 1);
    await end(dev);
  });

  it("says which option helps when the port is taken", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const { code, err } = await runCommand(["dev", "app.ts", "--port", String(port)], { cwd: folder.path });
    server.close();
    assert.equal(code, 1);
    assert.equal(
      err,
      `yayts: [port-taken] another program listens at 127.0.0.1:${port}; choose another port with --port N, or --port 0 for any that is free\n`,
    );
  });

  it("--no-reload exits 1 when the app crashes", async () => {
    await using folder = await createFolder({
      "app.ts": 'export default () => { setTimeout(() => { throw new Error("late"); }, 300); };\n',
    });
    const { code, err } = await runCommand(["dev", "app.ts", "--port", "0", "--no-reload"], {
      cwd: folder.path,
    });
    assert.equal(code, 1);
    assert.match(err, /yayts: \[Error\] late\n {2}app\.ts:1:\d+\n/);
  });
});

async function answered(placing: Promise<Caller>): Promise<Caller> {
  const caller = await placing;
  try {
    await caller.answered;
    return caller;
  } catch (error) {
    await caller[Symbol.asyncDispose]();
    throw error;
  }
}
