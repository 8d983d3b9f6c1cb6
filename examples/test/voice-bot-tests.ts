import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { sleep, type Voice, withCalls, type Yate, type YateWithCalls } from "yayts";
import { bestAlignment } from "yayts/media";
import { type Caller, decodeSound, loadPrompts, placeCaller } from "yayts/testing";
import { httpRecogniser, pizzaLine, type Recogniser, voiceBot } from "../voice-bot.ts";
import type { Subject } from "./subject.ts";

/** What the callers of the tests say: the words, and the prompt that stands for them. */
const words: Readonly<Record<string, string>> = {
  "two salami, please": "digits/en/7",
  "when are you open?": "digits/en/5",
  "yes, that's right": "digits/en/4",
  "no, funghi": "digits/en/9",
  three: "digits/en/3",
};

/** What the bot says, in prompts. */
const voiceTable: Readonly<Record<string, readonly string[]>> = {
  "Welcome to the pizza line.": ["en/welcome"],
  "Which pizza would you like?": ["en/press-a-key"],
  "We have margherita, funghi and salami.": ["en/unavailable"],
  "2 salami, that is 20 euros.": ["digits/en/2", "en/hold-please", "en/invalid"],
  "Is that right?": ["en/you-pressed"],
  "How many funghi?": ["en/busy"],
  "We are open every day from 11 to 23.": ["digits/en/1"],
  "Thank you.": ["en/thank-you"],
  "Goodbye.": ["en/goodbye"],
  "Sorry?": ["digits/en/0"],
  "Sorry, I do not understand.": ["digits/en/8"],
};

/** A voice that knows what the bot says, and nothing else. */
const promptVoice: Voice = async (text) => {
  const prompts = new Map((await loadPrompts()).map(({ name, samples }) => [name, samples]));
  const parts = (voiceTable[text] ?? []).map((name) => prompts.get(name) ?? assert.fail(name));
  if (parts.length === 0) return { kind: "failed", reason: "voice-failed", text: `no prompt for “${text}”` };
  return { samples: Int16Array.from(parts.flatMap((part) => [...part])), rateHz: 8000 };
};

/** Finds the words in the sound itself: whose prompt is most like it, piece by piece, for a busy machine loses some. */
const recognise: Recogniser = async (speech) => {
  const prompts = new Map((await loadPrompts()).map(({ name, samples }) => [name, samples]));
  let best = { text: "", score: 0.4 };
  for (const [text, name] of Object.entries(words)) {
    const prompt = prompts.get(name) ?? assert.fail(name);
    const scores: number[] = [];
    for (let at = 0; at + pieceSamples <= prompt.length; at += pieceSamples)
      scores.push(bestAlignment(speech, prompt.subarray(at, at + pieceSamples)).score);
    const score = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    if (score > best.score) best = { text, score };
  }
  return best.text;
};
const pieceSamples = 120 * 8;

const menu = "We have margherita, funghi and salami.";
const greeting = `bot: Welcome to the pizza line. Which pizza would you like? ${menu}`;

/** A caller, and what the bot tells about the call. */
class Talk {
  readonly caller: Caller;
  readonly told: readonly string[];

  constructor(caller: Caller, told: readonly string[]) {
    this.caller = caller;
    this.told = told;
  }

  say(text: keyof typeof words): Promise<void> {
    return this.caller.say(`./sounds/${words[text]}.gsm`);
  }

  /** Waits for a line, which costs this process, that also paces the sound, less than `hears`. */
  async tells(line: string): Promise<void> {
    for (let waitedMs = 0; !this.told.includes(line); waitedMs += 20) {
      assert.ok(waitedMs < 20_000, `“${line}” was not told, but ${JSON.stringify(this.told)}`);
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.caller[Symbol.asyncDispose]();
  }
}

export function voiceBotTests(title: string, start: () => Promise<Subject>): void {
  describe(`voice-bot on ${title}`, { concurrency: 3, timeout: 60_000 }, () => {
    let subject: Subject;
    let app: YateWithCalls;
    let callers: Yate;
    let count = 0;
    /** A call to a bot of its own, and what that tells. */
    const call = async (recogniser = recognise): Promise<Talk> => {
      const number = `bot-${++count}`;
      const told: string[] = [];
      app.onCall(number, (incoming) => voiceBot(incoming, recogniser, (line) => void told.push(line)));
      const caller = await placeCaller(callers, number);
      await caller.answered;
      return new Talk(caller, told);
    };

    before(async () => {
      await loadPrompts();
      subject = await start();
      app = withCalls(await subject.connect(), { voice: promptVoice });
      callers = await subject.connect();
      await app.setlocal("engine.version");
    });
    after(async () => {
      app.abort();
      callers.abort();
      await subject.stop();
    });

    it("takes an order", async () => {
      await using talk = await call();
      const { caller, told } = talk;
      await caller.hears("en/welcome");
      await talk.tells(greeting);
      await talk.say("two salami, please");
      await talk.tells("bot: 2 salami, that is 20 euros. Is that right?");
      await talk.say("yes, that's right");
      await caller.ended;
      await caller.hears("en/goodbye");
      assert.deepEqual(told, [
        greeting,
        "caller: two salami, please",
        "bot: 2 salami, that is 20 euros. Is that right?",
        "caller: yes, that's right",
        "bot: Thank you. Goodbye.",
      ]);
    });

    it("is silent when the caller talks over it, and knows what was not heard", async () => {
      await using talk = await call();
      const { caller, told } = talk;
      await caller.hears("en/welcome");
      await sleep(1500);
      await talk.say("two salami, please");
      await talk.tells("caller: two salami, please");
      // Yes to a price that was not told: it is told again.
      await talk.say("yes, that's right");
      await talk.tells("bot: 2 salami, that is 20 euros. Is that right?");
      await talk.say("yes, that's right");
      await caller.ended;
      assert.deepEqual(told, [
        "bot: Welcome to the pizza line. Which pizza would you like? …",
        "caller: two salami, please",
        "bot:  …",
        "caller: yes, that's right",
        "bot: 2 salami, that is 20 euros. Is that right?",
        "caller: yes, that's right",
        "bot: Thank you. Goodbye.",
      ]);
      const heard = (await caller.heard({ among: "en/" })).map(({ name }) => name);
      assert.ok(!heard.includes("en/unavailable"), String(heard));
    });

    it("answers a question in between, takes back what was wrong, and asks for what is missing", async () => {
      await using talk = await call();
      await talk.caller.hears("en/welcome");
      await talk.say("when are you open?");
      await talk.tells(`bot: We are open every day from 11 to 23. Which pizza would you like? ${menu}`);
      await talk.say("two salami, please");
      await talk.tells("bot: 2 salami, that is 20 euros. Is that right?");
      await talk.say("no, funghi");
      await talk.tells("bot: How many funghi?");
      await talk.caller.hears("en/busy");
    });

    it("ends its side when the caller hangs up, whatever it is at", async () => {
      for (const waitMs of [0, 300, 1000]) {
        const { caller, told } = await call();
        const gone = callers.onwatch("chan.hangup", { id: caller.targetid }, { timeoutMs: 5000 });
        await sleep(waitMs);
        await caller.hangup();
        await gone;
        assert.deepEqual(told, []);
      }
      const asked = Promise.withResolvers<AbortSignal>();
      const talk = await call((_, signal) => {
        asked.resolve(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      await talk.caller.hears("en/welcome");
      await talk.say("three");
      const signal = await asked.promise;
      await talk.caller.hangup();
      if (!signal.aborted) await once(signal, "abort");
      assert.deepEqual(talk.told, ["bot: Welcome to the pizza line. …"]);
    });

    it("says sorry when the recogniser fails", async () => {
      await using talk = await call(async () => {
        throw new Error("out of order");
      });
      await talk.caller.hears("en/welcome");
      await talk.say("three");
      await talk.tells("not recognised: Error: out of order");
      await talk.tells(`bot: Sorry? Which pizza would you like? ${menu}`);
    });
  });
}

export function voiceBotPartTests(): void {
  it("a pizza line gives up who says nothing three times", () => {
    const answer = pizzaLine();
    answer(undefined, []);
    assert.equal(answer("", []).over, undefined);
    assert.equal(answer("", []).sentences[0], "Sorry?");
    assert.equal(answer("er", []).over, true);
  });

  it("a pizza line takes an order in one sentence or in several, in words or digits", () => {
    const answer = pizzaLine();
    assert.deepEqual(answer("a margherita", []).sentences, ["How many margherita?"]);
    assert.deepEqual(answer("12", []).sentences, ["12 margherita, that is 96 euros.", "Is that right?"]);
    assert.deepEqual(answer("no, three funghi", []).sentences, [
      "3 funghi, that is 27 euros.",
      "Is that right?",
    ]);
    assert.equal(answer("yes", ["3 funghi, that is 27 euros."]).over, true);
  });

  it("a server recognises what it is sent as a wav file", async () => {
    const server = createServer(async (request, response) => {
      const form = await new Response(request as unknown as ReadableStream, {
        headers: { "content-type": request.headers["content-type"] ?? "" },
      }).formData();
      const file = form.get("file");
      assert.ok(file instanceof File);
      const samples = decodeSound(file.name, Buffer.from(await file.arrayBuffer()));
      const broken = request.url !== "/inference";
      const text = `${await recognise(samples, new AbortController().signal)} ${form.get("model")} ${request.headers.authorization}`;
      response.writeHead(broken ? 500 : 200).end(JSON.stringify({ text }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const prompt = (await loadPrompts()).find(({ name }) => name === words.three);
      assert.ok(prompt);
      const { signal } = new AbortController();
      const recogniser = httpRecogniser(`${base}/inference`, { model: "tiny", key: "secret" });
      assert.equal(await recogniser(prompt.samples, signal), "three tiny Bearer secret");
      await assert.rejects(httpRecogniser(`${base}/nowhere`)(prompt.samples, signal), /answered 500/);
    } finally {
      server.close();
    }
  });
}
