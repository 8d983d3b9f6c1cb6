import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { OutgoingCallError, TimedOut, YaytsError } from "yayts";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { readSoundHeader, soundFileKind } from "yayts/media";
import { type CallEvent, describeCallEvent, installPhone, placeCaller } from "yayts/testing";

const welcome = "wave/play/./sounds/en/welcome.gsm";

/** An engine whose number plan is `routes`. */
async function engineWith(routes: Readonly<Record<string, string>>): Promise<EmbeddedEngine> {
  const engine = await createEngine();
  engine.yate.handle("call.route", (route) => routes[route.get("called") ?? ""] ?? false);
  return engine;
}

describe("placeCaller", { timeout: 20_000, concurrency: true }, () => {
  it("tells what happened, in its order, as events and as sentences", async () => {
    await using engine = await engineWith({});
    const people = engine.connect();
    const phone = await installPhone(people, "100");
    const live: CallEvent[] = [];
    const caller = await placeCaller(people, "100", { onEvent: (event) => live.push(event) });
    const call = await phone.ring();
    assert.equal(call.callerid, caller.id);
    assert.equal(call.caller, "caller");
    call.answer();
    assert.equal(await caller.answered, call.id);
    await caller.press("1#", { gapMs: 10 });
    await call.hangup("enough");
    const end = await caller.ended;
    assert.equal(end.reason, "enough");
    assert.deepEqual(caller.transcript, live);
    const sentences = live.map((event) => describeCallEvent(event).replace(/(?<=dumb\/100)-.*/, ""));
    assert.deepEqual(sentences, [
      "called 100",
      "routed to dumb/100",
      "ringing",
      `connected to ${call.id}`,
      `answered by ${call.id}`,
      "pressed 1",
      "pressed #",
      `${call.id} left: enough`,
      "hung up: enough",
    ]);
    const times = live.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(call.transcript.some((event) => event.kind === "key-received" && event.key === "#"));
  });

  it("hears what its call is connected to, and what it plays, from the first sample on", async () => {
    await using engine = await engineWith({ "100": welcome });
    const caller = await placeCaller(engine.connect(), "100");
    assert.equal(caller.targetid, "");
    assert.equal(await caller.answered, "");
    await caller.hears("en/welcome");
    await caller.ended;
    const [heard, ...others] = await caller.heard();
    assert.equal(heard?.name, "en/welcome");
    assert.ok(Math.abs(heard.startMs) < 20, `from ${heard.startMs} ms on`);
    assert.ok(heard.score > 0.99);
    assert.deepEqual(others, []);
    assert.ok((await caller.heardSilenceMs()) < 200);
  });

  it("writes what it heard as a .wav file when the call is over", async () => {
    const folder = await mkdtemp(join(tmpdir(), "yayts-test-"));
    try {
      await using engine = await engineWith({ "100": welcome });
      const recordTo = join(folder, "heard.wav");
      const caller = await placeCaller(engine.connect(), "100", { recordTo });
      await caller.ended;
      const samples = await caller.recording();
      const file = await readFile(recordTo);
      const kind = soundFileKind(recordTo);
      const header = kind && readSoundHeader(kind, file, true);
      assert.ok(header?.kind === "sound");
      assert.equal(header.format.name, "slin");
      assert.equal(header.dataLength, samples.byteLength);
      assert.ok(samples.length > 4000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("speaks to the other party, until the file has ended", async () => {
    await using engine = await engineWith({});
    const people = engine.connect();
    const phone = await installPhone(people, "100");
    await using caller = await placeCaller(people, "100");
    const call = await phone.ring();
    call.answer();
    await Promise.all([caller.say("./sounds/digits/en/5.gsm"), call.hears("digits/en/5")]);
    await assert.rejects(caller.say("./sounds/no-such-file.gsm"), isError("no-media"));
    await assert.rejects(caller.hears("digits/en/5", { timeoutMs: 50 }), TimedOut);
  });

  it("knows sounds of other folders beside the package's, and tells which of several it heard first", async () => {
    await using engine = await engineWith({ "100": welcome });
    const folder = await mkdtemp(join(tmpdir(), "yayts-own-prompts-"));
    try {
      await copyFile("sounds/digits/en/7.gsm", join(folder, "seven.gsm"));
      const people = engine.connect();
      const phone = await installPhone(people, "200");
      await using caller = await placeCaller(people, "200", { promptsFrom: [pathToFileURL(folder)] });
      const call = await phone.ring();
      call.answer();
      await call.say(join(folder, "seven.gsm"));
      const names = ["en/welcome", "seven"];
      assert.equal((await caller.hears(names)).name, "seven");
      await call.say("./sounds/en/welcome.gsm");
      assert.equal((await caller.hears(names)).name, "en/welcome");
      for (const unknown of [["seven", "eight"], []])
        await assert.rejects(
          caller.hears(unknown),
          (error) => error instanceof YaytsError && error.code === "bad-argument",
        );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("rejects with the reason of a call that does not come about", async () => {
    await using engine = await engineWith({ "100": "nowhere/at-all" });
    const people = engine.connect();
    const events: CallEvent[] = [];
    const failed = (reason: string) => (error: unknown) =>
      error instanceof OutgoingCallError && error.reason === reason;
    await assert.rejects(
      placeCaller(people, "404", { onEvent: (event) => events.push(event) }),
      failed("noroute"),
    );
    assert.deepEqual(events.splice(0).map(describeCallEvent), ["called 404", "failed: noroute"]);
    await assert.rejects(
      placeCaller(people, "100", { onEvent: (event) => events.push(event) }),
      OutgoingCallError,
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["placed", "routed", "failed"],
    );
  });

  it("rejects `answered` when the call ends first", async () => {
    await using engine = await engineWith({});
    const people = engine.connect();
    const phone = await installPhone(people, "100");
    const caller = await placeCaller(people, "100");
    await (await phone.ring()).reject();
    await assert.rejects(
      caller.answered,
      (error) => error instanceof OutgoingCallError && error.reason === "busy",
    );
  });

  it("hangs up when its signal fires", async () => {
    await using engine = await engineWith({ "100": "tone/dial" });
    const stop = new AbortController();
    const caller = await placeCaller(engine.connect(), "100", { signal: stop.signal });
    stop.abort();
    assert.equal((await caller.ended).reason, "hangup");
  });

  it("ends with its engine", async () => {
    const engine = await engineWith({ "100": "tone/dial" });
    const yate = engine.connect();
    const caller = await placeCaller(yate, "100");
    const ended = assert.rejects(caller.ended, isError("disconnected"));
    yate.abort();
    await ended;
    await engine.stop();
  });
});

describe("installPhone", { timeout: 20_000 }, () => {
  it("keeps the calls that nobody took yet in their order, and takes no more once it is removed", async () => {
    await using engine = await engineWith({});
    const people = engine.connect();
    const phone = await installPhone(people, "100");
    const callers = [await placeCaller(people, "100"), await placeCaller(people, "100")];
    const rung = [await phone.ring(), await phone.ring()];
    assert.deepEqual(
      rung.map(({ callerid }) => callerid),
      callers.map(({ id }) => id),
    );
    await assert.rejects(phone.ring({ timeoutMs: 20 }), TimedOut);
    phone.remove();
    await assert.rejects(placeCaller(people, "100"), OutgoingCallError);
  });
});

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof YaytsError && error.code === code;
}
