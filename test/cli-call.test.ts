import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "yayts/client";
import { decodeSound } from "yayts/testing";
import {
  assertNoStack,
  createFolder,
  type Folder,
  keyechoSource,
  type RunningCommand,
  runCommand,
  startCommand,
} from "./cli-process.ts";

describe("yayts call and yayts trace", { concurrency: 3 }, () => {
  let folder: Folder;
  let dev: RunningCommand;
  let address = "";
  before(async () => {
    folder = await createFolder({ "app.ts": keyechoSource() });
    dev = startCommand(["dev", "app.ts", "--port", "0"], { cwd: folder.path });
    [, address = ""] = await dev.until(/listening at (\S+);/);
    await dev.until(/app\.ts started/);
  });
  after(async () => {
    await dev[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("call tells what happened with its times, what was heard, and writes the recording", async () => {
    const file = join(folder.path, "heard.wav");
    const args = ["call", "ivr", "--press", "1,2", "--stay", "0", "--record", file, "--yate", address];
    const { code, out, err } = await runCommand(args);
    assert.equal(code, 0, out + err);
    const steps = [
      "called ivr",
      "routed to dumb/",
      "ringing",
      "answered by dumb/\\d+",
      "pressed 1",
      "heard digits/en/1 ",
      "pressed 2",
      "hung up",
    ];
    assert.match(
      out,
      new RegExp(steps.map((step) => `^ *\\d+\\.\\d{3} s +\\+\\d+ ms {2}${step}.*\n`).join("(?:.*\n)*"), "m"),
    );
    assert.match(out, /^answered; heard \d+\.\d s of sound: digits\/en\/1.*; recorded to .*heard\.wav$/m);
    assert.ok((await stat(file)).size > 4000);
    assert.ok(decodeSound(file, await readFile(file)).length > 2000);
  });

  it("call --json writes an object a line and the result at the end", async () => {
    const { code, out } = await runCommand([
      "call",
      "ivr",
      "--press",
      "3",
      "--wait",
      "100",
      "--stay",
      "4000",
      "--caller",
      "42",
      "--json",
      "--yate",
      address,
    ]);
    assert.equal(code, 0);
    const events = out
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    assert.equal(events[0]?.kind, "placed");
    assert.ok(events.some(({ kind, key }) => kind === "key-sent" && key === "3"));
    const { kind, answered, heard } = events.at(-1) ?? {};
    assert.deepEqual({ kind, answered, heard }, { kind: "result", answered: true, heard: ["digits/en/3"] });
  });

  it("call exits 1 with the reason when nobody answers", async () => {
    const { code, err } = await runCommand(["call", "4711", "--yate", address]);
    assert.equal(code, 1);
    assert.equal(
      err,
      "yayts: [call-failed] 4711 did not answer: noroute; no app and no number plan has this number\n",
    );
  });

  it("call exits 1 and says what to start when no engine is there", async () => {
    const { code, err } = await runCommand(["call", "ivr", "--yate", "tcp://127.0.0.1:1"]);
    assert.equal(code, 1);
    assert.match(err, /^yayts: \[connect-refused\] .*127\.0\.0\.1:1/);
    assertNoStack(err);
  });

  it("call hangs up and exits at Ctrl-C", async () => {
    await using call = startCommand(["call", "ivr", "--stay", "60000", "--yate", address]);
    await call.until(/answered by/);
    call.child.kill("SIGINT");
    assert.equal(await call.exit, 0);
    assert.match(call.out, /hung up/);
  });

  it("trace shows the messages that are asked for, one a line, and counts them at Ctrl-C", async () => {
    await using trace = startCommand(["trace", "test.*", "--param", "colour=r*", "--yate", address]);
    await trace.until(/tracing test\.\* at/);
    await using yate = await connect(address);
    await yate.setlocal("runid");
    for (const colour of ["red", "green", "rose"])
      await yate.msg("test.one", { id: "x/1", colour }).dispatch();
    await yate.msg("other.one", { colour: "red" }).dispatch();
    await trace.until(/^\d\d:\d\d:\d\d\.\d{3} · test\.one id=x\/1 colour=red\n.* colour=rose\n/m);
    trace.child.kill("SIGINT");
    assert.equal(await trace.exit, 0);
    assert.equal(trace.out.trim().split("\n").length, 2);
    assert.match(trace.err, /2 messages shown in \d+\.\d s, none lost\n$/);
  });

  it("trace --json keeps every parameter, and --call a channel's messages", async () => {
    await using trace = startCommand(["trace", "--json", "--call", "y/7", "--yate", address]);
    await trace.until(/tracing all messages/);
    await using yate = await connect(address);
    await yate.setlocal("runid");
    await yate.msg("test.two", { id: "y/8" }).dispatch();
    await yate.msg("test.two", { peerid: "y/7", a: "ż=1: 2" }, "back").dispatch();
    const [line] = await trace.until(/^\{.*\}$/m);
    const { name, handled, retvalue, params } = JSON.parse(line);
    assert.deepEqual(
      { name, handled, retvalue, peerid: params.peerid, a: params.a },
      { name: "test.two", handled: false, retvalue: "back", peerid: "y/7", a: "ż=1: 2" },
    );
    trace.child.kill("SIGINT");
    assert.equal(await trace.exit, 0);
  });
});
