/**
 * voice-bot: call `bot`, and order a pizza by talking, or ask when we are open. Who talks over it is listened to at once.
 *
 *     VOICE_BOT_RECOGNISER=http://127.0.0.1:8080/inference npx yayts dev examples/voice-bot.ts --phone 100:secret
 *
 * That address takes a wav file as the field `file` of a form and answers `{"text": "…"}`, as the server of whisper.cpp does. So does
 * `…/v1/audio/transcriptions` of many others, which want VOICE_BOT_MODEL, and VOICE_BOT_KEY if they ask for one. The bot speaks by
 * espeak-ng; another `voice` can be given to `app`.
 */
import { app, type Call, type Playing, utterances } from "yayts";

/** What somebody said, in words; "" for nothing. */
export type Recogniser = (speech: Int16Array, signal: AbortSignal) => Promise<string>;

const {
  VOICE_BOT_RECOGNISER: url = "http://127.0.0.1:8080/inference",
  VOICE_BOT_MODEL: model,
  VOICE_BOT_KEY: key,
} = process.env;

export default app((yate) =>
  yate.onCall("bot", (call) => voiceBot(call, httpRecogniser(url, { model, key }))),
);

/** One call: says something, listens, and again. */
export async function voiceBot(
  call: Call,
  recognise: Recogniser,
  tell: (line: string) => void = console.log,
): Promise<void> {
  await call.answer();
  const opened = await call.audio();
  if (opened.kind !== "open") return;
  const speech = utterances(opened.audio);
  let saying: Playing | undefined;
  speech.onSpeech(() => void saying?.stop());

  const answer = pizzaLine();
  for (let turn = answer(undefined, []); ; ) {
    const heard = await say(turn.sentences);
    if (call.signal.aborted) return;
    tell(`bot: ${heard.join(" ")}${heard.length < turn.sentences.length ? " …" : ""}`);
    if (turn.over) return;
    const next = await speech.listen(8000);
    const said = next.kind === "utterance" ? await understand(next.utterance.samples) : "";
    if (next.kind === "ended" || call.signal.aborted) return;
    tell(`caller: ${said}`);
    turn = answer(said, heard);
  }

  /** Says sentences until the caller talks. Returns those that were heard to their end: the mark after each tells. */
  async function say(sentences: readonly string[]): Promise<string[]> {
    const heard: string[] = [];
    for (const sentence of sentences) {
      // Who goes on talking has not said all of it.
      if (speech.speaking || speech.queued > 0) break;
      saying = call.say(sentence);
      const end = await saying;
      if (end.kind === "failed") throw end.error;
      if (end.kind !== "completed") break;
      heard.push(sentence);
    }
    return heard;
  }

  async function understand(samples: Int16Array): Promise<string> {
    try {
      return (await recognise(samples, call.signal)).trim().toLowerCase();
    } catch (error) {
      if (!call.signal.aborted) tell(`not recognised: ${error}`);
      return "";
    }
  }
}

/** What the bot says next. */
interface Turn {
  readonly sentences: readonly string[];
  readonly over?: boolean;
}

const prices: Readonly<Record<string, number>> = { margherita: 8, funghi: 9, salami: 10 };
const numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** One order. In the place of this function there may be a language model: what was heard is what it must know it has said. */
export function pizzaLine(): (said: string | undefined, heard: readonly string[]) => Turn {
  let pizza: string | undefined;
  let count: number | undefined;
  let misses = 0;

  /** What is still to be asked. */
  const question = (): string[] => {
    if (!pizza) return ["Which pizza would you like?", "We have margherita, funghi and salami."];
    if (!count) return [`How many ${pizza}?`];
    return [`${count} ${pizza}, that is ${count * (prices[pizza] ?? 0)} euros.`, "Is that right?"];
  };

  return (said, heard) => {
    if (said === undefined) return { sentences: ["Welcome to the pizza line.", ...question()] };
    const has = (...words: string[]): string | undefined =>
      words.find((word) => new RegExp(`\\b${word}`).test(said));
    const asked = question();
    const before = [pizza, count];
    if (has("no\\b", "wrong")) pizza = count = undefined;
    pizza = has(...Object.keys(prices)) ?? pizza;
    const number = /\d+/.exec(said)?.[0] ?? numbers.indexOf(has(...numbers) ?? "");
    if (Number(number) > 0) count = Number(number);
    const changed = before[0] !== pizza || before[1] !== count;

    // Who says yes before the price was heard has not agreed to it.
    const agreed = pizza && count && !changed && has("yes", "right");
    if (agreed && asked[0] && heard.includes(asked[0]))
      return { sentences: ["Thank you.", "Goodbye."], over: true };
    if (has("open", "hours")) return { sentences: ["We are open every day from 11 to 23.", ...question()] };
    misses = changed || agreed ? 0 : misses + 1;
    if (misses === 3) return { sentences: ["Sorry, I do not understand.", "Goodbye."], over: true };
    return { sentences: misses > 0 ? ["Sorry?", ...question()] : question() };
  };
}

/** Asks a server what was said. */
export function httpRecogniser(
  address: string,
  { model, key }: { model?: string | undefined; key?: string | undefined } = {},
): Recogniser {
  return async (speech, signal) => {
    const form = new FormData();
    form.set("file", new Blob([wavOf(speech)], { type: "audio/wav" }), "speech.wav");
    form.set("response_format", "json");
    if (model) form.set("model", model);
    const response = await fetch(address, {
      method: "POST",
      body: form,
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    return String(Object(await response.json()).text ?? "");
  };
}

/** A wav file: linear, 16 bits, 8 kHz, mono. */
function wavOf(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const wav = Buffer.alloc(44 + samples.length * 2);
  wav.write("RIFF    WAVEfmt ", "latin1");
  wav.writeUInt32LE(wav.length - 8, 4);
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 16_000],
    [40, wav.length - 44],
  ] as const)
    wav.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    wav.writeUInt16LE(value, at);
  wav.write("data", 36, "latin1");
  for (const [i, sample] of samples.entries()) wav.writeInt16LE(sample, 44 + 2 * i);
  return wav;
}
