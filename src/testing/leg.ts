import { setTimeout as delay } from "node:timers/promises";
import { type Clock, realClock, type Signal, TimedOut, YaytsError } from "../base/index.ts";
import {
  createWait,
  type MessageStream,
  reasonOfStatus,
  type Wait,
  type WatchedMessage,
  type Yate,
} from "../bus/index.ts";
import { sleep } from "../flow/index.ts";
import { type HeardSound, identify } from "../media/index.ts";
import type { CallEvent, Transcript } from "./call-events.ts";
import { knownPrompts } from "./prompts.ts";
import { createRecorder } from "./recorder.ts";
import { onAttach } from "./shared-handlers.ts";

/** How a leg's call ended. */
export interface CallEnd {
  /** The engine's word: busy, noanswer, hangup, …; "" when it gave none. */
  readonly reason: string;
  /** From the placing (or the coming in) of the call, in milliseconds. */
  readonly durationMs: number;
}

/** Options that callers and phones share. */
export interface LegOptions {
  /**
   * File for what the leg hears, as .wav, .au or .slin; written when the call is over. Default: none; a temporary recording
   * is kept as long as the leg itself.
   */
  readonly recordTo?: string | undefined;
  /** Told each event at once. */
  readonly onEvent?: ((event: CallEvent) => void) | undefined;
  /** Hangs up when it fires. */
  readonly signal?: Signal | undefined;
  /** Folders of sounds that `heard` and `hears` know beside the package's prompts. Default: none. */
  readonly promptsFrom?: string | URL | readonly (string | URL)[] | undefined;
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** Which sounds to look for. */
export interface HeardOptions {
  /** Only those whose name begins so, as in `digits/pl/`. Default: all. */
  readonly among?: string | undefined;
}

/**
 * One side of a call, played by a program: it presses keys, speaks and listens, on any engine on this machine. It uses
 * nothing but messages (design.md §4.5).
 */
export interface Leg extends AsyncDisposable {
  /** The channel. */
  readonly id: string;
  /** Resolves when the channel is gone. Never rejects but when the engine is lost. */
  readonly ended: Wait<CallEnd>;
  /** What happened until now. */
  readonly transcript: readonly CallEvent[];
  /**
   * Sends keys to the other party, one after another; resolves when the engine has taken the last one.
   * @param keys any of 0-9 A-D * #; a comma is a pause of a second
   * @param gapMs from key to key, default 250
   */
  press(keys: string, options?: { readonly gapMs?: number }): Promise<void>;
  /**
   * Plays a file to the other party; resolves when it was played. Rejects with `no-media` when the engine cannot play it, and
   * with Abandoned when the call ends first.
   * @param file as in `wave/play/<file>`
   */
  say(file: string): Promise<void>;
  /** Ends the call; resolves when it is over. Harmless when it is. */
  hangup(reason?: string): Promise<CallEnd>;
  /** The prompts it heard so far, in the order of their beginning; after the call all of them. */
  heard(options?: HeardOptions): Promise<HeardSound[]>;
  /**
   * Waits until it has heard, to its end, a prompt that `hears` did not find before. Rejects with {@link TimedOut}.
   * @param name as in `digits/pl/5`, or several, of which the first to be heard counts
   * @param timeoutMs default 5000
   */
  hears(name: string | readonly string[], options?: { readonly timeoutMs?: number }): Promise<HeardSound>;
  /** What it heard so far: linear samples at 8 kHz. Time in which nothing was sent to it takes no room. */
  recording(): Promise<Int16Array>;
  /** How much of the recording is silence, in milliseconds. */
  heardSilenceMs(): Promise<number>;
}

/** What makes a leg, besides its options. */
export interface LegParts {
  readonly yate: Yate;
  readonly id: string;
  readonly transcript: Transcript;
  /** Whether it has another party already; one that never gets any leaves no event of its end. */
  readonly accepted: boolean;
}

const pollMs = 100;
const samplesPerMs = 8;
/** So much more than a prompt's length is searched again. */
const searchAgainMs = 1000;
/** So much of a prompt's end may be missing: it is silent, and a player may leave it out. */
const tailMs = 40;
/** A block of 20 ms whose loudest sample is below this is silent; comfort noise is. */
const silentPeak = 100;

/** A leg that is not recorded yet. */
export interface OpenedLeg {
  readonly leg: Leg;
  /** Resolves when the engine has answered about the recorder. Never rejects. */
  readonly ready: Promise<void>;
}

/** Watches a channel from now on, and asks for its recorder. */
export function openLeg({ yate, id, transcript, accepted: begun }: LegParts, options: LegOptions): OpenedLeg {
  const clock = options.clock ?? realClock;
  const ending = createWait<CallEnd>(`the end of ${id}`, undefined);
  const streams: MessageStream<WatchedMessage>[] = [];
  const follow = (
    name: string,
    guard: Readonly<Record<string, string>>,
    fn: (message: WatchedMessage) => void,
  ): void => {
    const stream = yate.watches(name, guard);
    streams.push(stream);
    const run = async (): Promise<void> => {
      for await (const message of stream) fn(message);
    };
    run().catch((error: Error) => ending.reject(error));
  };

  let leaving = "";
  let hangupReason = "";
  let accepted = begun;
  let answered = false;
  follow("call.route", { id }, (m) => {
    if (!accepted && m.handled && m.retvalue) transcript.add({ kind: "routed", callto: m.retvalue });
  });
  follow("call.execute", { id }, (m) => {
    accepted ||= m.handled;
    if (m.handled && m.get("autoring") === "true" && !answered) transcript.add({ kind: "ringing" });
  });
  for (const [name, kind] of [
    ["call.ringing", "ringing"],
    ["call.progress", "progress"],
  ] as const)
    follow(name, { targetid: id }, () => transcript.add({ kind }));
  follow("call.answered", { targetid: id }, (m) => {
    answered = true;
    transcript.add({ kind: "answered", by: m.get("id") ?? "" });
  });
  follow("chan.connected", { id }, (m) => transcript.add({ kind: "connected", to: m.get("peerid") ?? "" }));
  follow("chan.dtmf", { targetid: id }, (m) => {
    transcript.add({ kind: "key-received", key: m.get("text") ?? "", from: m.get("id") ?? "" });
  });
  follow("chan.disconnected", { id }, (m) => {
    leaving = m.get("reason") ?? "";
    transcript.add({ kind: "disconnected", from: m.get("lastpeerid") ?? "", reason: leaving });
  });
  follow("chan.hangup", { id }, (m) => {
    const status = m.get("status") ?? "";
    const reason = m.get("reason") ?? (hangupReason || leaving || reasonOfStatus(status));
    if (accepted) transcript.add({ kind: "hungup", reason });
    ending.resolve({ reason, durationMs: transcript.nowMs });
  });

  // Waits, unlike streams, do not outlive the engine's loss.
  yate.onwatch("chan.hangup", { id }).catch((error: Error) => ending.reject(error));

  const drop = async (reason: string | undefined): Promise<void> => {
    if (ending.settled) return;
    hangupReason = reason ?? "hangup";
    await yate.msg("call.drop", { id, reason: hangupReason }).dispatch();
  };
  const onSignal = (): void => void drop("hangup").catch(() => {});
  options.signal?.addEventListener("abort", onSignal, { once: true });

  const forget = onAttach(yate, id, (attach) => {
    const mine = attach.get("id") === id;
    for (const name of mine ? (["override", "replace"] as const) : (["source"] as const)) {
      const source = attach.get(name);
      if (source && source !== "-") transcript.add({ kind: "playing", source, by: attach.get("id") ?? "" });
    }
  });
  const recorder = createRecorder(yate, id, options.recordTo);
  const over = ending.wait.then(
    () => undefined,
    () => undefined,
  );
  const finished = over.then(async () => {
    options.signal?.removeEventListener("abort", onSignal);
    forget();
    for (const stream of streams) await stream.return();
    await recorder.finish();
  });
  // Told by whoever asks for the recording.
  finished.catch(() => {});
  const samples = async (): Promise<Int16Array> => {
    if (!(await recorder.working))
      throw new YaytsError("no-media", `nothing of ${id} could be recorded: has the engine the wave module?`);
    if (ending.settled) await finished;
    return await recorder.samples();
  };

  let heardUpTo = 0;
  const leg: Leg = {
    id,
    ended: ending.wait,
    transcript: transcript.events,
    async press(keys, { gapMs = 250 } = {}) {
      let first = true;
      for (const key of keys) {
        if (!first) await sleep(gapMs, { clock, until: ending.wait });
        first = false;
        if (key === ",") {
          await sleep(1000, { clock, until: ending.wait });
          first = true;
          continue;
        }
        transcript.add({ kind: "key-sent", key });
        await yate.msg("chan.masquerade", { message: "chan.dtmf", id, text: key }).dispatch();
      }
    },
    async say(file) {
      const token = `${id}/said/${transcript.nowMs}`;
      const played = yate.onwatch("chan.notify", { targetid: token }, { until: ending.wait });
      const attached = await yate
        .msg("chan.masquerade", {
          message: "chan.attach",
          id,
          source: `wave/play/${file}`,
          notify: token,
          single: true,
        })
        .dispatch();
      if (attached.get("source") !== undefined || !attached.handled) {
        played.cancel();
        throw new YaytsError("no-media", `the engine cannot play ${file} to the peer of ${id}`);
      }
      const notice = await played;
      if (notice.get("reason") === undefined)
        throw new YaytsError("no-media", `the engine cannot open ${file}`);
    },
    async hangup(reason) {
      await drop(reason);
      return await ending.wait;
    },
    async heard({ among = "" } = {}) {
      const prompts = await knownPrompts(options.promptsFrom);
      return identify(
        await samples(),
        prompts.filter(({ name }) => name.startsWith(among)),
      );
    },
    async hears(name, { timeoutMs = 5000 } = {}) {
      const prompts = await knownPrompts(options.promptsFrom);
      const names = typeof name === "string" ? [name] : name;
      const wanted = prompts.filter((prompt) => names.includes(prompt.name));
      const unknown = names.find((one) => !wanted.some((prompt) => prompt.name === one));
      if (names.length === 0 || unknown !== undefined)
        throw new YaytsError("bad-argument", `there is no prompt ${unknown ?? "without a name"}`);
      const sizes = new Map(wanted.map((prompt) => [prompt.name, prompt.samples.length]));
      const deadlineMs = performance.now() + timeoutMs;
      const longest = Math.max(...sizes.values());
      // What was searched in vain is not searched again, but for what may be the beginning of it; and all of it in the end.
      let from = heardUpTo;
      for (;;) {
        const ended = ending.settled;
        const isLast = ended || performance.now() >= deadlineMs;
        const recorded = await samples();
        if (isLast) from = heardUpTo;
        // What a machine that stood still has torn counts as heard, if nothing better comes.
        const [found] = identify(recorded.subarray(from), wanted, { torn: isLast });
        const startMs = from / samplesPerMs + (found?.startMs ?? 0);
        const end = Math.round(startMs * samplesPerMs) + (sizes.get(found?.name ?? "") ?? 0);
        if (found && (ended || end <= recorded.length + tailMs * samplesPerMs)) {
          heardUpTo = Math.min(end, recorded.length);
          return { ...found, startMs };
        }
        if (isLast) {
          const what = ended ? "the call ended and" : `within ${timeoutMs} ms`;
          const others = identify(recorded, prompts).map((prompt) => prompt.name);
          const heard = others.length > 0 ? others.join(", ") : "no prompt";
          const seconds = (recorded.length / samplesPerMs / 1000).toFixed(1);
          throw new TimedOut(
            `${what} ${id} did not hear ${names.join(" or ")}, but ${heard} in ${seconds} s of sound`,
            timeoutMs,
          );
        }
        if (!found) from = Math.max(from, recorded.length - longest - searchAgainMs * samplesPerMs);
        await Promise.race([delay(pollMs), over]);
      }
    },
    recording: samples,
    async heardSilenceMs() {
      return silenceMsOf(await samples());
    },
    async [Symbol.asyncDispose]() {
      if (yate.state.kind === "connected") await leg.hangup();
      await finished;
    },
  };
  if (options.signal?.aborted) onSignal();
  return { leg, ready: recorder.working.then(() => undefined) };
}

function silenceMsOf(samples: Int16Array): number {
  const block = 20 * samplesPerMs;
  let silent = 0;
  for (let at = 0; at < samples.length; at += block) {
    const part = samples.subarray(at, at + block);
    if (part.every((sample) => Math.abs(sample) < silentPeak)) silent += part.length;
  }
  return silent / samplesPerMs;
}
