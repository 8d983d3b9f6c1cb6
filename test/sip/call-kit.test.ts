import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type BridgeEnd, type Call, samples, withCalls, type YateWithCalls } from "yayts";
import { coreOf } from "../../src/call/call.ts";
import { identify } from "../../src/media/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";
import { type Baresip, noBaresip, phoneOf } from "./baresip.ts";
import { join, pause, speech } from "./hear.ts";
import { type SipEngine, startSipEngine } from "./sip-engine.ts";

const users = ["100", "200", "300"];
const regfile = users.map((user) => `[${user}]\npassword=secret${user}\n`).join("\n");
const names = [
  "en/welcome",
  "en/press-a-key",
  "en/thank-you",
  "en/you-pressed",
  "en/hold-please",
  "en/goodbye",
];
const saidBy = { "100": "en/thank-you", "200": "en/hold-please" };

/** Of the prompts that these tests know, those in a sound, in their order. Delay of a busy machine may damage them a little. */
async function namesIn(sound: Int16Array): Promise<string[]> {
  const known = (await loadPrompts()).filter(({ name }) => names.includes(name));
  assert.equal(known.length, names.length);
  return identify(sound, known, { minScore: 0.7 }).map(({ name }) => name);
}

/** Looks until it is so, at most 12 s. */
async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 12_000; !(await look()); await delay(150))
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
}

describe("the call kit with somebody else's phone", { skip: noBaresip, timeout: 90_000 }, () => {
  let engine: SipEngine;
  let app: YateWithCalls;
  let one: Baresip;
  let two: Baresip;
  let program: (call: Call) => unknown = () => {};
  let broken: unknown;
  let calls: { readonly size: number } = new Set();

  before(async () => {
    engine = await startSipEngine({ regfile, yrtpchan: "[general]\nminjitter=80\n" });
    app = withCalls(engine.embedded.connect(), { language: "en", audioDelayMs: 100 });
    app.onCall("app", async (call) => {
      calls = coreOf(call).kit.calls;
      try {
        await program(call);
      } catch (error) {
        broken ??= error;
      }
    });
    await app.setlocal("engine.version");
    const phone = async (user: "100" | "200") =>
      phoneOf(engine, user, { says: join(pause(1500), await speech(saidBy[user])) });
    [one, two] = await Promise.all([phone("100"), phone("200")]);
  });
  after(async () => {
    for (const phone of [one, two]) await phone?.[Symbol.asyncDispose]();
    app?.abort();
    await engine?.embedded.stop();
  });

  /** The phone calls the program, whose result it resolves to. */
  async function dial<T>(run: (call: Call) => Promise<T>): Promise<{ readonly result: Promise<T> }> {
    const result = new Promise<T>((done, fail) => {
      program = async (call) => {
        try {
          done(await run(call));
        } catch (error) {
          fail(error);
          throw error;
        }
      };
    });
    result.catch(() => {});
    await one.command("dial", `app@${engine.sip}`);
    return { result };
  }
  /** The phone's call is over, for it and for the kit. */
  async function over(phone: Baresip, reason?: RegExp): Promise<void> {
    await phone.event("CALL_CLOSED", reason);
    await until("calls of the kit are over", () => calls.size === 0);
    assert.equal(broken, undefined);
  }

  it("it hears a prompt, and its keys are the answer to a question", async () => {
    const asked = Promise.withResolvers<void>();
    const { result } = await dial(async (call) => {
      await call.answer();
      const played = await call.play("en/welcome");
      const answer = call.gather({ prompt: "en/press-a-key", max: 6, firstDigitMs: 20_000 });
      asked.resolve();
      const digits = await answer;
      const bye = await call.play("en/goodbye");
      return { kinds: [played.kind, bye.kind], digits };
    });
    await one.event("CALL_ESTABLISHED");
    await asked.promise;
    await until("the question is heard", async () =>
      (await namesIn(await one.received())).includes("en/press-a-key"),
    );
    for (const key of "15590#") await one.command("sndcode", key);
    const { kinds, digits } = await result;
    assert.deepEqual(kinds, ["completed", "completed"]);
    assert.ok(digits.kind === "digits", JSON.stringify(digits));
    assert.equal(digits.digits, "15590");
    assert.equal(digits.finishedBy, "#");
    await over(one);
    assert.deepEqual(await namesIn(await one.received()), ["en/welcome", "en/press-a-key", "en/goodbye"]);
  });

  it("what it says is recorded until it is silent", async () => {
    const { result } = await dial(async (call) => {
      await call.answer();
      return await call.record({ beep: false, silenceMs: 1200, initialSilenceMs: 10_000, maxMs: 15_000 });
    });
    const end = await result;
    assert.ok(end.kind === "recorded", JSON.stringify(end));
    assert.equal(end.by, "silence");
    assert.ok(end.spoken);
    assert.deepEqual(await namesIn(end.samples ?? new Int16Array(0)), [saidBy["100"]]);
    await over(one);
  });

  it("it hears a prompt before the answer, and then that it is busy here", async () => {
    const established = one.events("CALL_ESTABLISHED").length;
    const { result } = await dial(async (call) => {
      const played = await call.play("en/welcome");
      const { state } = call;
      await call.reject("busy");
      return { played, state };
    });
    await one.event("CALL_PROGRESS");
    const { played, state } = await result;
    assert.equal(played.kind, "completed");
    assert.notEqual(state, "answered");
    await over(one, /^486 /);
    assert.equal(one.events("CALL_ESTABLISHED").length, established);
    assert.deepEqual(await namesIn(await one.received()), ["en/welcome"]);
  });

  it("a program calls it: it answers and hears; or declines; one that is not there cannot be called", async () => {
    const calling = app.call("100", { from: "500" });
    const incoming = await one.event("CALL_INCOMING");
    assert.match(incoming.peeruri, /^sip:500@/);
    await one.command("accept");
    const answered = await calling;
    assert.ok(answered.kind === "answered", JSON.stringify(answered));
    assert.equal((await answered.call.play("en/you-pressed")).kind, "completed");
    await answered.call.hangup();
    await over(one);
    assert.deepEqual(await namesIn(await one.received()), ["en/you-pressed"]);

    const declining = app.call("100");
    await one.event("CALL_INCOMING");
    await one.command("hangup");
    const declined = await declining;
    assert.ok(declined.kind === "busy" || declined.kind === "rejected", JSON.stringify(declined));
    assert.ok([486, 603].includes(declined.code ?? 0), JSON.stringify(declined));
    await over(one);

    // 300 has an account and no phone; nobody knows 999.
    for (const nobody of ["300", "999"]) assert.equal((await app.call(nobody)).kind, "failed", nobody);
    await until("nothing is left", () => calls.size === 0);
  });

  it("a program has what it says as frames, and it hears the samples that are written", async () => {
    const written = await speech("en/you-pressed");
    const { result } = await dial(async (call) => {
      await call.answer();
      const opened = await call.audio();
      if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
      const { audio } = opened;
      await audio.write(written);
      const heard: Int16Array[] = [];
      const fromBaresip = async (): Promise<void> => {
        for await (const frame of audio.frames()) {
          heard.push(frame.samples.slice());
          const sound = heard.length % 25 === 0 ? join(...heard) : undefined;
          if (sound && (await namesIn(sound)).includes(saidBy["100"])) return;
          if (heard.length > 600) return;
        }
      };
      const [mark] = await Promise.all([audio.mark("said"), fromBaresip()]);
      await audio.close();
      // The call goes on without it.
      const bye = await call.play(samples(await speech("en/goodbye")));
      return { mark: mark.kind, bye: bye.kind, heard: join(...heard) };
    });
    const { mark, bye, heard } = await result;
    assert.deepEqual([mark, bye], ["played", "completed"]);
    assert.deepEqual(await namesIn(heard), [saidBy["100"]]);
    await over(one);
    assert.deepEqual(await namesIn(await one.received()), ["en/you-pressed", "en/goodbye"]);
  });

  it("two of them talk through a program until a key parts them; both hear goodbye", async () => {
    const { result } = await dial(async (call) => {
      await call.answer();
      const other = await app.call("200", { from: call.from, signal: call.signal });
      if (other.kind !== "answered") throw new Error(JSON.stringify(other));
      const end: BridgeEnd = await call.bridge(other.call, { endOn: "*", keepOther: true });
      const byes = await Promise.all([call, other.call].map((each) => each.play("en/goodbye")));
      await other.call.hangup();
      return { end, byes: byes.map(({ kind }) => kind) };
    });
    await two.event("CALL_INCOMING");
    await two.command("accept");
    await until("both have heard the other", async () => {
      const [byOne, byTwo] = [await namesIn(await one.received()), await namesIn(await two.received())];
      return byOne.includes(saidBy["200"]) && byTwo.includes(saidBy["100"]);
    });
    // Another key is for the other phone, and parts nobody.
    await one.command("sndcode", "7");
    await two.event("CALL_DTMF_START", /^7$/);
    await one.command("sndcode", "*");
    const { end, byes } = await result;
    assert.ok(end.kind === "ended" && end.by === "key" && end.key === "*", JSON.stringify(end));
    assert.deepEqual(byes, ["completed", "completed"]);
    await Promise.all([over(one), over(two)]);
    assert.equal((await namesIn(await one.received())).at(-1), "en/goodbye");
    assert.equal((await namesIn(await two.received())).at(-1), "en/goodbye");
  });
});
