/** The phones of the console's pages, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { tone, withCalls, type Yate, type YateWithCalls } from "yayts";
import { bestAlignment, bytesOf, createTranslator, identify, samplesOf } from "yayts/media";
import { loadPrompts } from "yayts/testing";
import keyecho from "../../examples/keyecho.ts";
import { createPhoneDesk } from "../../src/console/phone/desk.ts";
import type { PhoneDesk } from "../../src/console/phone/phone.ts";
import { fairWeather } from "../../src/console/protocol.ts";
import { noise, openPage, type Page } from "./console-page.ts";
import type { ContractSubject } from "./yate-contract.ts";

export interface ConsolePhoneSubject extends ContractSubject {
  /** In-band keys, which the engine has to tell from sound. */
  readonly tonedetect?: boolean;
}

/** So long each piece is that is looked for: a playout that follows the network moves what comes after. */
const pieceMs = 100;

/** The Polish digits that a page heard; in torn sound too, as on a busy machine. */
async function digitsHeard(page: Page, from: number): Promise<string[]> {
  const digits = (await loadPrompts()).filter(({ name }) => name.startsWith("digits/pl/"));
  const heard = page.heard(from);
  const whole = identify(heard, digits);
  const found = whole.length > 0 ? whole : identify(heard, digits, { torn: true });
  return found.map(({ name }) => name);
}

interface CarryOptions {
  readonly line?: number;
  readonly rateHz?: 8000 | 16_000;
  readonly seed?: number;
  /** A machine that is busy with other tests tears sound. Default 3, of which the first good one counts. */
  readonly tries?: number;
}

interface Carried {
  /** Share of the second that arrived. */
  readonly score: number;
  /** From frame to frame, of each piece that arrived. */
  readonly delaysMs: readonly number[];
}

/** How much of a second of noise that `speaker` says `listener` gets, and how late. */
export async function carried(speaker: Page, listener: Page, options: CarryOptions = {}): Promise<Carried> {
  const { tries = 3 } = options;
  for (let i = 1; ; i++) {
    const one = await carriedOnce(speaker, listener, options);
    if (one.score > 0.5 || i >= tries) return one;
  }
}

async function carriedOnce(speaker: Page, listener: Page, options: CarryOptions): Promise<Carried> {
  const { rateHz = 8000, seed = 7, line = 1 } = options;
  const from = listener.got.length;
  const sound = noise(1000, seed, rateHz);
  const beganMs = await speaker.speak(sound, { line, rateHz });
  await delay(400);
  const frames = listener.got.slice(from);
  const heard = listener.heard(from);
  const narrow = rateHz === 8000 ? undefined : createTranslator("slin/16000", "slin");
  const wanted = narrow ? samplesOf(narrow.translate(bytesOf(sound))) : sound;
  const delaysMs: number[] = [];
  let found = 0;
  const size = pieceMs * 8;
  for (let at = 0; at < wanted.length; at += size) {
    const { score, offsetSamples } = bestAlignment(heard, wanted.subarray(at, at + size));
    if (score < 0.8) continue;
    found++;
    const frame = frames[Math.floor(offsetSamples / 160)];
    if (frame) delaysMs.push(frame.atMs + (offsetSamples % 160) / 8 - (beganMs + at / 8));
  }
  return { score: found / (1000 / pieceMs), delaysMs };
}

export function consolePhoneContract(title: string, start: () => Promise<ConsolePhoneSubject>): void {
  describe(`the console's phones over ${title}`, { timeout: 120_000 }, () => {
    let subject: ConsolePhoneSubject;
    let desk: PhoneDesk;
    let console: Yate;
    let app: YateWithCalls;
    const keys: string[] = [];

    before(async () => {
      subject = await start();
      console = await subject.connect();
      desk = createPhoneDesk({ yate: console, graceMs: 300 });
      const appYate = await subject.connect();
      app = withCalls(appYate);
      keyecho.start(appYate);
      app.onCall("announce", async (call) => {
        await call.play(tone("dial", 800));
        await call.reject("busy");
      });
      app.onCall("keys", async (call) => {
        await call.answer();
        for await (const key of call.dtmf()) keys.push(key);
      });
      app.onCall("silent", async (call) => void (await call.ended));
      app.onCall("connect-me", (call) => call.dial("phone-2"));
      await app.setlocal("engine.version");
      await console.setlocal("engine.version");
    });
    after(async () => {
      await desk.close();
      app.abort();
      console.abort();
      await subject.stop();
    });

    // What one test leaves behind when it fails is no failure of the next.
    afterEach(async () => await hangUp(...open(3)));

    /** Pages whose phones are phone-1, phone-2, … */
    const open = (count: number): Page[] =>
      Array.from({ length: count }, (_, i) => openPage(desk, `${title} ${i + 1}`));
    const dial = async (page: Page, to: string, rateHz: 8000 | 16_000 = 8000): Promise<number> =>
      (await page.phone.ask("phone.dial", { to, rateHz })).line;
    const talk = async (caller: Page, called: Page, rateHz: 8000 | 16_000 = 8000): Promise<void> => {
      await dial(caller, called.number, rateHz);
      await called.state("ringing");
      await called.phone.ask("phone.answer", { line: 1, rateHz });
      await caller.state("answered");
    };
    const hangUp = async (...pages: Page[]): Promise<void> => {
      for (const page of pages)
        for (const { line, state } of page.phone.view.lines)
          if (state !== "ended") await page.phone.ask("phone.hangup", { line }).catch(() => {});
      for (const page of pages)
        await page.until("all lines are over", ({ lines }) => lines.every(({ state }) => state === "ended"));
    };
    const channels = async (): Promise<number> => {
      const { retvalue } = await console.msg("engine.status", { module: "dumb" }).dispatch();
      return Number(/chans=(\d+)/.exec(retvalue)?.[1] ?? Number.NaN);
    };
    const noChannels = async (): Promise<void> => {
      for (let i = 0; i < 100 && (await channels()) > 0; i++) await delay(20);
      assert.equal(await channels(), 0);
    };

    it("two phones call one another and hear one another", async () => {
      const [a, b] = open(2) as [Page, Page];
      assert.deepEqual([a.number, b.number], ["phone-1", "phone-2"]);
      await dial(a, "phone-2");
      const ringing = await b.state("ringing");
      assert.equal(ringing.other, "phone-1");
      await a.state("ringing");
      await b.phone.ask("phone.answer", { line: 1 });
      await a.state("answered");
      await delay(100);
      const there = await carried(a, b);
      const back = await carried(b, a, { seed: 8 });
      assert.ok(there.score > 0.5 && back.score > 0.5, JSON.stringify({ there, back }));
      const wide = await carried(a, b, { rateHz: 16_000 });
      assert.ok(wide.score > 0.5, `16 kHz: ${JSON.stringify(wide)}`);
      assert.equal(desk.lineOf(a.session, [a.line().channel]), 1);
      await a.phone.ask("phone.hangup", { line: 1 });
      assert.equal((await a.state("ended")).why, "you hung up");
      assert.equal((await b.state("ended")).why, "they hung up");
      await noChannels();
    });

    it("tells in words how a call ended", async () => {
      const [a, b] = open(2) as [Page, Page];
      await dial(a, "nobody-at-all");
      assert.equal((await a.state("ended")).why, "nobody took the number");
      await dial(a, "phone-2");
      await b.state("ringing");
      await b.phone.ask("phone.hangup", { line: 1, reason: "busy" });
      assert.equal((await a.state("ended")).why, "busy");
      await dial(a, "phone-2");
      await b.state("ringing");
      await b.phone.ask("phone.hangup", { line: 1 });
      assert.equal((await a.state("ended")).why, "rejected");
      await dial(a, "phone-2");
      await b.state("ringing");
      await a.phone.ask("phone.hangup", { line: 1 });
      assert.equal((await a.state("ended")).why, "you hung up");
      await b.state("ended");
      b.leave();
      await dial(a, "phone-2");
      await a.until("the call is over", ({ lines }) => lines[0]?.state === "ended");
      assert.equal(a.line().why, "nobody is at that phone");
      await noChannels();
    });

    it("what is said before the answer is heard", async () => {
      const [a] = open(1) as [Page];
      const from = a.got.length;
      await dial(a, "announce");
      await a.state("early");
      assert.equal((await a.state("ended")).why, "busy");
      const loud = a.got.slice(from).filter(({ samples }) => samples.some((x) => Math.abs(x) > 1000));
      assert.ok(loud.length > 20, `${loud.length} frames of the tone`);
      await noChannels();
    });

    it("a second call comes while one talks: taking it holds the first, which can be gone back to", async () => {
      const [a, b, c] = open(3) as [Page, Page, Page];
      await talk(a, b);
      await dial(c, b.number);
      await b.state("ringing", 2);
      assert.equal(b.phone.view.selected, 1);
      await b.phone.ask("phone.answer", { line: 2 });
      await c.state("answered");
      assert.deepEqual([b.phone.view.selected, b.line(1).held, b.line(2).held], [2, true, false]);
      const toC = await carried(b, c, { line: 2 });
      assert.ok(toC.score > 0.5, JSON.stringify(toC));
      const toA = await carried(b, a, { line: 2, seed: 9, tries: 1 });
      assert.ok(toA.score < 0.3, "who is on hold does not hear it");
      await b.phone.ask("phone.select", { line: 1 });
      assert.deepEqual([b.phone.view.selected, b.line(1).held, b.line(2).held], [1, false, true]);
      const again = await carried(b, a, { seed: 10 });
      assert.ok(again.score > 0.5, JSON.stringify(again));
      await hangUp(a, b, c);
      await noChannels();
    });

    for (const way of ["message", "rfc4733", "inband"] as const)
      it(`keys reach an app as ${way}, and it speaks them`, async (t) => {
        if (way === "inband" && subject.tonedetect === false) return t.skip("no tone detection");
        const [a] = open(1) as [Page];
        const weather = { ...fairWeather, keys: way };
        await a.phone.ask("phone.weather", { weather });
        keys.length = 0;
        const line = await dial(a, "keys");
        await a.state("answered", line);
        await a.until("there is sound", ({ lines }) => lines[0]?.sound !== undefined);
        for (const key of "12*#9D") await a.phone.ask("phone.key", { line, key, ms: 80 });
        await delay(300);
        assert.equal(keys.join(""), "12*#9D");
        assert.equal(a.line(line).keys, "12*#9D");
        await hangUp(a);
        const ivr = await dial(a, "ivr");
        await a.state("answered", ivr);
        await a.until("there is sound", ({ lines }) => lines[0]?.sound !== undefined);
        const from = a.got.length;
        await a.phone.ask("phone.key", { line: ivr, key: "5" });
        await delay(1500);
        const loud = a.got.slice(from).filter(({ samples }) => samples.some((x) => Math.abs(x) > 500));
        assert.deepEqual(
          await digitsHeard(a, from),
          ["digits/pl/5"],
          `${loud.length} loud frames; ${JSON.stringify(a.line(ivr))}`,
        );
        await a.phone.ask("phone.weather", { weather: fairWeather });
        await hangUp(a);
        await noChannels();
      });

    it("a fifth of the packets is lost when the weather says so, and the line shows it", async () => {
      const [a, b] = open(2) as [Page, Page];
      await talk(a, b);
      await delay(100);
      const weather = { ...fairWeather, seed: 3, loss: 0.2, burst: 2 };
      await b.phone.ask("phone.weather", { line: 1, weather });
      for (let i = 0; i < 5; i++) await carried(a, b, { seed: 20 + i, tries: 1 });
      const { received = 0, lost = 0 } = b.line().sound ?? {};
      const share = lost / (received + lost);
      assert.ok(share > 0.08 && share < 0.35, `lost ${lost} of ${received + lost}`);
      await b.phone.ask("phone.weather", { line: 1, weather: { ...fairWeather, mute: "in" } });
      const mute = await carried(a, b, { tries: 1 });
      assert.ok(mute.score < 0.2, JSON.stringify(mute));
      await b.phone.ask("phone.weather", { line: 1, weather: fairWeather });
      const fair = await carried(a, b);
      assert.ok(fair.score > 0.5, JSON.stringify(fair));
      await hangUp(a, b);
    });

    it("a blind transfer connects the other side with a third phone, or tells why not", async () => {
      const [a, b, c] = open(3) as [Page, Page, Page];
      await talk(a, b);
      const nobody = await b.phone.ask("phone.transfer", { line: 1, to: "nobody-at-all" });
      assert.equal(nobody.outcome, "not transferred: nobody took the number");
      assert.equal(b.line().state, "answered");
      const still = await carried(b, a);
      assert.ok(still.score > 0.5, JSON.stringify(still));
      const transferring = b.phone.ask("phone.transfer", { line: 1, to: c.number });
      await c.state("ringing");
      await c.phone.ask("phone.answer", { line: 1 });
      assert.equal((await transferring).outcome, "transferred");
      assert.equal((await b.state("ended")).why, "transferred");
      await delay(200);
      const there = await carried(a, c);
      const back = await carried(c, a, { seed: 8 });
      assert.ok(there.score > 0.5 && back.score > 0.5, JSON.stringify({ there, back }));
      await hangUp(c);
      assert.equal((await a.state("ended")).why, "they hung up");
      await noChannels();
    });

    it("an attended transfer connects those of two lines", async () => {
      const [a, b, c] = open(3) as [Page, Page, Page];
      await talk(a, b);
      const second = await dial(b, c.number);
      await c.state("ringing");
      await c.phone.ask("phone.answer", { line: 1 });
      await b.state("answered", second);
      assert.equal(b.line(1).held, true);
      const consult = await carried(b, c, { line: second });
      assert.ok(consult.score > 0.5, JSON.stringify(consult));
      const { outcome } = await b.phone.ask("phone.transfer", { line: 1, to: second });
      assert.equal(outcome, "transferred");
      await b.state("ended", 1);
      await b.state("ended", second);
      await delay(200);
      const there = await carried(a, c);
      const back = await carried(c, a, { seed: 8 });
      assert.ok(there.score > 0.5 && back.score > 0.5, JSON.stringify({ there, back }));
      await hangUp(a);
      await c.state("ended");
      await noChannels();
    });

    it("a phone that an app connects to another one stays when the app's own leg is gone", async () => {
      const [a, b] = open(2) as [Page, Page];
      await dial(a, "connect-me");
      await b.state("ringing");
      await b.phone.ask("phone.answer", { line: 1 });
      await a.state("answered");
      await delay(300);
      const there = await carried(a, b);
      const back = await carried(b, a, { seed: 8 });
      assert.ok(there.score > 0.5 && back.score > 0.5, JSON.stringify({ there, back }));
      await hangUp(b);
      await a.state("ended");
      await noChannels();
    });

    it("a page that reloads goes on with its call; one that stays away is hung up", async () => {
      const [a, b] = open(2) as [Page, Page];
      await talk(a, b);
      b.leave();
      await delay(100);
      const again = openPage(desk, b.session);
      assert.equal(again.line().state, "answered");
      const { score } = await carried(a, again);
      assert.ok(score > 0.5, `heard after the reload: ${score}`);
      again.leave();
      await a.state("ended");
      await noChannels();
      assert.equal(openPage(desk, b.session).number, "phone-2");
    });

    it("says a file in place of the microphone, which is not heard meanwhile, and tells what is wrong with one", async () => {
      const [a, b] = open(2) as [Page, Page];
      await talk(a, b);
      await delay(200);
      const from = b.got.length;
      const file = await readFile(new URL("../../sounds/digits/pl/7.gsm", import.meta.url));
      const murmur = noise(1400, 30).map((sample) => sample / 2);
      const talking = a.speak(murmur);
      await delay(300);
      const { ms } = await a.phone.ask("phone.say", {
        line: 1,
        name: "7.gsm",
        sound: file.toString("base64"),
      });
      await delay(ms + 400);
      await talking;
      assert.deepEqual(await digitsHeard(b, from), ["digits/pl/7"]);
      const heard = b.heard(from);
      const during = bestAlignment(heard, murmur.subarray(500 * 8, 600 * 8));
      assert.ok(during.score < 0.5, `the microphone while the file was said: ${during.score}`);
      const afterwards = bestAlignment(heard, murmur.subarray(1200 * 8, 1300 * 8));
      assert.ok(afterwards.score > 0.8, `the microphone after it: ${afterwards.score}`);
      const say = (name: string, sound: string): Promise<unknown> =>
        a.phone.ask("phone.say", { line: 1, name, sound });
      await assert.rejects(say("x.wav", "!"), /no base64/);
      await assert.rejects(say("x.wav", btoa("nothing")), /x\.wav: it cannot be played/);
      await assert.rejects(say("x.wav", "A".repeat(12_000_000)), /too large/);
      await hangUp(a, b);
    });

    it("hanging up at any moment of a call leaves nothing behind", async () => {
      const [a, b] = open(2) as [Page, Page];
      for (const waitMs of [0, 1, 3, 7, 15, 30]) {
        for (const who of [a, b]) {
          const startedMs = Date.now();
          const line = await dial(a, "phone-2");
          await delay(waitMs);
          // That of the call before may learn of its end later than its caller.
          const ringing = b.phone.view.lines.find(
            (one) => one.state === "ringing" && one.startedMs >= startedMs,
          );
          if (ringing && waitMs > 5) void b.phone.ask("phone.answer", { line: ringing.line }).catch(() => {});
          await delay(waitMs);
          const quits = who === b && ringing ? { page: b, line: ringing.line } : { page: a, line };
          await quits.page.phone.ask("phone.hangup", { line: quits.line }).catch(() => {});
          await a.state("ended", line);
        }
      }
      await hangUp(a, b);
      await noChannels();
      assert.equal(process.getActiveResourcesInfo().filter((name) => /UDP/.test(name)).length, 0);
    });

    it("a number is one page's", async () => {
      const [a, b] = open(2) as [Page, Page];
      await assert.rejects(a.phone.ask("phone.number", { number: b.number }), /another page/);
      await assert.rejects(a.phone.ask("phone.number", { number: "no good" }), /letters, digits/);
      assert.equal((await a.phone.ask("phone.number", { number: "4711" })).number, "4711");
      await dial(b, "4711");
      await a.state("ringing");
      await hangUp(b);
      await a.phone.ask("phone.number", { number: "phone-1" });
    });

    it("at 16 kHz two phones hear what 8 kHz cannot hold, and apps as ever", async () => {
      const [a, b] = open(2) as [Page, Page];
      await talk(a, b, 16_000);
      await delay(200);
      const { score } = await carried(a, b, { rateHz: 16_000 });
      assert.ok(score > 0.5, `${score}`);
      const from = b.got.length;
      const high = Int16Array.from({ length: 16_000 }, (_, i) =>
        Math.round(8000 * Math.sin((2 * Math.PI * 6000 * i) / 16_000)),
      );
      await a.speak(high, { rateHz: 16_000 });
      const frames = b.got.slice(from);
      assert.ok(frames.every(({ rateHz }) => rateHz === 16_000));
      const loud = frames.filter(({ samples }) => samples.some((sample) => Math.abs(sample) > 6000));
      assert.ok(loud.length > 25, `${loud.length} frames of 6 kHz`);
      await hangUp(a, b);
      const ivr = await dial(a, "ivr", 16_000);
      await a.state("answered", ivr);
      await a.until("there is sound", ({ lines }) => lines[0]?.sound !== undefined);
      const before = a.got.length;
      await a.phone.ask("phone.key", { line: ivr, key: "5" });
      await delay(1500);
      assert.deepEqual(await digitsHeard(a, before), ["digits/pl/5"]);
      await hangUp(a);
    });

    it("mistakes of a page are told in words", async () => {
      const [a] = open(1) as [Page];
      await assert.rejects(dial(a, "  "), /no number/);
      await assert.rejects(a.phone.ask("phone.answer", { line: 7 }), /line 7 has no call/);
      await assert.rejects(a.phone.ask("phone.cut", { what: "nobody", ms: 10 }), /cannot be cut/);
      const bad = { ...fairWeather, loss: 2 };
      await assert.rejects(a.phone.ask("phone.weather", { weather: bad }), /loss takes/);
    });
  });
}
