/** The contract of calls and their sound, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Call,
  type CallKitOptions,
  type PlayEnd,
  silence,
  spoken,
  tone,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { type Caller, decodeSound, loadPrompts, placeCaller } from "yayts/testing";
import type { ContractSubject } from "./yate-contract.ts";

/** One call: its program's side and the caller's. */
export interface Pair {
  readonly call: Call;
  readonly caller: Caller;
}

/** Places calls to an app and gives both sides of each. */
export class Calling {
  readonly #programs: Map<string, (call: Call) => void> = new Map();
  readonly #callers: Yate;
  #count = 0;

  constructor(app: YateWithCalls, callers: Yate) {
    this.#callers = callers;
    app.onCall(/^pair-\d+$/, async (call) => {
      this.#programs.get(call.to)?.(call);
      await call.ended;
    });
  }

  async pair(): Promise<Pair> {
    const number = `pair-${++this.#count}`;
    const came = new Promise<Call>((resolve) => this.#programs.set(number, resolve));
    const caller = await placeCaller(this.#callers, number, { caller: "4711" });
    return { call: await came, caller };
  }

  async answered(): Promise<Pair> {
    const pair = await this.pair();
    await pair.call.answer();
    await pair.caller.answered;
    return pair;
  }
}

export function callSoundContract(
  title: string,
  start: () => Promise<ContractSubject>,
  options: CallKitOptions = {},
): void {
  describe(`the sound of calls over ${title}`, { timeout: 60_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let callers: Yate;
    let calling: Calling;
    let folder = "";

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-call-sound-"));
      subject = await start();
      app = withCalls(await subject.connect(), {
        cacheFolder: join(folder, "cache"),
        // Against stalls of a machine that runs other tests as well.
        audioDelayMs: 100,
        ...options,
      });
      callers = await subject.connect();
      calling = new Calling(app, callers);
      await app.setlocal("engine.version");
    });
    after(async () => {
      app.abort();
      callers.abort();
      await subject.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("a prompt is heard whole, and tells that it was", async () => {
      const { call, caller } = await calling.answered();
      const end = await call.play("digits/5");
      assert.equal(end.kind, "completed");
      await caller.hears("digits/en/5");
      await caller.hangup();
    });

    it("several are heard one after the other: prompts, silence, values in the call's language", async () => {
      const { call, caller } = await calling.answered();
      call.language = "pl";
      const end = await call.play([
        "digits/1",
        silence(200),
        spoken.number(42),
        tone("busy", 300),
        "digits/3",
      ]);
      assert.equal(end.kind, "completed");
      for (const name of ["digits/pl/1", "numbers/pl/40", "digits/pl/2", "digits/pl/3"])
        await caller.hears(name);
      await caller.hangup();
    });

    it("stop ends it at once, and tells how much was played", async () => {
      const { call, caller } = await calling.answered();
      const playing = call.play(["en/welcome", "en/welcome"], { loops: 10 });
      await delay(600);
      const end = await playing.stop();
      assert.equal(end.kind, "stopped");
      assert.ok(end.kind === "stopped" && end.by === "app");
      assert.ok(end.playedMs > 300 && end.playedMs < 1500, `${end.playedMs} ms`);
      await delay(400);
      await caller.hangup();
      const heardMs = (await caller.recording()).length / 8;
      assert.ok(Math.abs(heardMs - end.playedMs) < 300, `${heardMs} ms heard, ${end.playedMs} ms played`);
    });

    it("a pause goes on where it was", async () => {
      const { call, caller } = await calling.answered();
      const welcome = (await loadPrompts()).find(({ name }) => name === "en/welcome");
      assert.ok(welcome);
      const playing = call.play("en/welcome");
      await delay(400);
      playing.pause();
      assert.equal(playing.paused, true);
      await delay(400);
      playing.resume();
      const end = await playing;
      assert.equal(end.kind, "completed");
      assert.ok(
        end.kind === "completed" && Math.abs(end.playedMs - welcome.samples.length / 8) < 250,
        `${end.kind}`,
      );
      await caller.hangup();
    });

    it("what is played next stops what was played before", async () => {
      const { call, caller } = await calling.answered();
      const first = call.play("en/welcome", { loops: Number.POSITIVE_INFINITY });
      await delay(300);
      const second = call.play("digits/7");
      const end = await first;
      assert.ok(end.kind === "stopped" && end.by === "next");
      assert.equal((await second).kind, "completed");
      await caller.hears("digits/en/7");
      await caller.hangup();
    });

    it("a key ends it where it may, and can be read afterwards", async () => {
      const { call, caller } = await calling.answered();
      const playing = call.play("en/welcome", { bargeIn: "0#", loops: 5 });
      await caller.press("5");
      await caller.press("0");
      const end = await playing;
      assert.ok(end.kind === "key" && end.key === "0", JSON.stringify(end));
      const keys = call.dtmf();
      assert.deepEqual([(await keys.next()).value, (await keys.next()).value], ["5", "0"]);
      assert.equal((await call.play("en/welcome", { bargeIn: true })).kind, "completed");
      await caller.press("9");
      await delay(200);
      assert.equal((await call.play("en/welcome", { bargeIn: true })).kind, "key");
      await caller.hangup();
    });

    it("a prompt that is missing, or is no sound, is a failure that names it; the call goes on", async () => {
      const { call, caller } = await calling.answered();
      const missing = await call.play("digitz/5");
      assert.ok(
        missing.kind === "failed" && /digitz\/5/.test(missing.error.message),
        JSON.stringify(missing),
      );
      const noSound = await call.play(new URL(import.meta.url).href);
      assert.equal(noSound.kind, "failed");
      assert.equal((await call.play("digits/1")).kind, "completed");
      await caller.hangup();
    });

    it("hang-up ends playing at its start, in its middle and at its end", async () => {
      for (const waitMs of [0, 300]) {
        const { call, caller } = await calling.answered();
        const playing = call.play("en/welcome", { loops: 20 });
        await delay(waitMs);
        await caller.hangup("enough");
        assert.equal((await playing).kind, "hangup");
        assert.equal((await call.play("digits/1")).kind, "hangup");
      }
      const { call, caller } = await calling.answered();
      const playing = call.play("digits/1");
      playing.then(() => caller.hangup());
      assert.equal((await playing).kind, "completed");
      await call.ended;
    });

    it("a program of samples is heard, and its source is told when nobody listens any more", async () => {
      const { call, caller } = await calling.answered();
      const digit = (await loadPrompts()).find(({ name }) => name === "digits/en/8");
      assert.ok(digit);
      assert.equal(
        (await call.play({ kind: "samples", samples: digit.samples }, { loops: 2 })).kind,
        "completed",
      );
      await caller.hears("digits/en/8");
      let returned = false;
      async function* endless(): AsyncGenerator<Int16Array> {
        try {
          for (;;) yield new Int16Array(160);
        } finally {
          returned = true;
        }
      }
      const playing = call.play({ kind: "samples", samples: endless() });
      await delay(300);
      await caller.hangup();
      assert.equal((await playing).kind, "hangup");
      await delay(100);
      assert.equal(returned, true);
    });

    it("what the caller says is recorded until a key, and the key is not read again", async () => {
      const { call, caller } = await calling.answered();
      const to = join(folder, "message.wav");
      const recording = call.record({ to, finishOn: "#", beep: false, maxMs: 20_000 });
      await delay(300);
      await caller.say(`${process.cwd()}/sounds/digits/en/4.gsm`);
      await caller.press("#");
      const end = await recording;
      assert.ok(end.kind === "recorded" && end.by === "key" && end.key === "#", JSON.stringify(end));
      assert.equal(end.spoken, true);
      const { samples: kept } = await readSamples(to);
      assert.ok(Math.abs(kept.length / 8 - end.durationMs) < 50, `${kept.length / 8} and ${end.durationMs}`);
      await caller.press("1");
      const { value: key } = await call.dtmf().next();
      assert.equal(key, "1");
      await caller.hangup();
    });

    it("a hang-up in the middle of a recording keeps what was said", async () => {
      const { call, caller } = await calling.answered();
      const to = join(folder, "cut.wav");
      const recording = call.record({ to, beep: true });
      await delay(1200);
      await caller.hangup();
      const end = await recording;
      assert.ok(end.kind === "recorded" && end.by === "hangup", JSON.stringify(end));
      await readSamples(to);
      assert.equal((await call.record()).kind, "hangup");
    });

    it("after a recording, files are played again", async () => {
      const { call, caller } = await calling.answered();
      assert.equal((await call.record({ maxMs: 300, beep: false })).kind, "recorded");
      const end: PlayEnd = await call.play("digits/6");
      assert.equal(end.kind, "completed");
      await caller.hears("digits/en/6");
      await caller.hangup();
    });
  });
}

async function readSamples(file: string): Promise<{ readonly samples: Int16Array }> {
  return { samples: decodeSound(file, new Uint8Array(await readFile(file))) };
}
