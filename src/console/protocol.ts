/**
 * What the page and the console's server tell one another over their WebSocket: text frames of JSON for everything but sound,
 * binary frames for sound ({@link SoundFrame}). The page asks ({@link Asked}) and gets one answer ({@link Answered}) each; the server
 * also tells by itself ({@link Told}) about the topics that the page follows.
 */
import type {
  AppRecord,
  CallEntry,
  EngineRecord,
  ErrorRecord,
  MessageRecord,
  OperationRecord,
  Pairs,
  SourcedRecord,
  WaitRecord,
} from "../trace/index.ts";

/** Path of the WebSocket. Its subprotocols are `yayts` and `token.<token>`: a page of another origin, or without the token, gets nothing. */
export const socketPath = "/socket";
export const socketProtocol = "yayts";

/** Why the server closes a connection, where another attempt would be in vain. After any other close the page may come again. */
export const closeCodes: { readonly token: number; readonly elsewhere: number } = {
  /** The token is not this console's: the link is an old one. */
  token: 4401,
  /** The same session was opened once more, as by a tab that was copied; the phone is there now. */
  elsewhere: 4409,
};

/** What the page asks: `result` is what it gets; an `error` instead says what is wrong and what to do. */
export interface Asked<D extends keyof Requests = keyof Requests> {
  readonly id: number;
  readonly do: D;
  readonly with: Requests[D]["params"];
}

export type Answered =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly text: string } };

/** Everything that a page may ask. */
export interface Requests {
  /**
   * The first of a connection. `session` is the page's own: made by it, kept over a reload, at most 64 characters; the phone's calls
   * belong to it and wait {@link graceMs} for it to come back.
   */
  hello: { params: { readonly session: string; readonly viewOnly?: boolean }; result: Hello };
  /** Follows topics from now on, and gets what they hold as yet; topics of before that are not named end. */
  follow: { params: { readonly topics: readonly Topic[] }; result: null };

  // ---- the phone
  /** `note`: what a person should know of the number, as that an app takes it too. */
  "phone.number": {
    params: { readonly number: string };
    result: PhoneView & { readonly note?: string | undefined };
  };
  /** `rateHz`: at which rate sound travels between console and engine, where that carries it; default 8000. The same with `phone.answer`. */
  "phone.dial": {
    params: { readonly to: string; readonly as?: string; readonly rateHz?: 8000 | 16_000 };
    result: { readonly line: number };
  };
  "phone.answer": { params: { readonly line: number; readonly rateHz?: 8000 | 16_000 }; result: null };
  "phone.hangup": { params: { readonly line: number; readonly reason?: string }; result: null };
  /** Makes this the line that is heard and spoken into; the one before is put on hold. */
  "phone.select": { params: { readonly line: number }; result: null };
  "phone.hold": { params: { readonly line: number; readonly on: boolean }; result: null };
  "phone.key": {
    params: { readonly line: number; readonly key: string; readonly ms?: number };
    result: null;
  };
  /** Blind: `to` a number. Attended: `to` another line of this phone, which is connected to this one's party. */
  "phone.transfer": {
    params: { readonly line: number; readonly to: string | number };
    result: { readonly outcome: string };
  };
  "phone.weather": {
    params: { readonly line?: number | undefined; readonly weather: Weather };
    result: null;
  };
  /** Says a sound in place of the microphone; `sound` is a file's content (wav, au, gsm, …) in base64, `name` its name. */
  "phone.say": {
    params: { readonly line: number; readonly name: string; readonly sound: string };
    result: { readonly ms: number };
  };
  /** Cuts the engine's connection of an app (embedded engine only) or of this console for so long. */
  "phone.cut": { params: { readonly what: string; readonly ms: number }; result: null };

  // ---- the picture
  /** Calls that are over, the latest first; `before` is the `startedMs` of the last one that the page has. */
  "calls.past": {
    params: { readonly search?: string; readonly before?: number; readonly limit?: number };
    result: { readonly calls: readonly CallView[]; readonly more: boolean };
  };
  /** Everything about one call, for a page that does not follow it. */
  "call.records": { params: { readonly call: string }; result: CallRecords };
  /** The call as a file (a journal, see trace) in base64, with the sound that was kept. */
  "call.export": {
    params: { readonly call: string };
    result: { readonly name: string; readonly file: string };
  };
  /** Keeps the sound of all new calls (`call` left out), or of one from now on. Nothing is kept unless asked. */
  "sound.keep": { params: { readonly call?: string; readonly on: boolean }; result: null };
  /** Kept sound of a call: A-law at 8 kHz, in base64, each from `startMs` on; `said` by the channel, `heard` by it. */
  "sound.get": { params: { readonly call: string; readonly channel: string }; result: KeptSound };
  "messages.clear": { params: Record<string, never>; result: null };
  "message.send": {
    params: {
      readonly name: string;
      readonly params: Pairs;
      readonly retvalue?: string;
      readonly enqueue?: boolean;
    };
    result: MessageResult;
  };
  /** Who would take a call to this number: `call.preroute` and `call.route` are dispatched, and nothing is executed. */
  "route.try": {
    params: { readonly called: string; readonly caller?: string; readonly more?: Pairs };
    result: RouteResult;
  };
}

/** How long calls of a page that went away wait for it. */
export const graceMs = 30_000;

export interface Hello {
  readonly version: string;
  readonly engine: EngineFacts;
  readonly phone: PhoneView;
  /** A link for a second phone, of an address that others reach; undefined when there is none. */
  readonly secondPhone?: { readonly url: string; readonly qrSvg: string } | undefined;
  /** Names, parameters and documentation of messages, for completion. */
  readonly catalogue: readonly CatalogueEntry[];
  /** Numbers worth calling, the first the one meant: what the app takes, as far as it is known. */
  readonly targets: readonly string[];
  readonly keepsSound: boolean;
  /** This page may look only: it has the link without the token for actions. */
  readonly viewOnly: boolean;
}

export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  readonly params: readonly { readonly name: string; readonly about: string }[];
}

export interface EngineFacts {
  /** `embedded` tells all that records hold; `yate` only what an external module sees there. */
  readonly kind: "embedded" | "yate";
  readonly version: string;
  readonly address: string;
  /** `connected`, `reconnecting`, `closed`. */
  readonly state: string;
}

/** What a page may follow. */
export type Topic =
  | { readonly topic: "phone" }
  | { readonly topic: "calls" }
  | { readonly topic: "engine" }
  | { readonly topic: "app" }
  /** The live table: those that fit the filter, from now on, after the last `backlog` of them. */
  | { readonly topic: "messages"; readonly filter: string; readonly backlog: number }
  /** Everything about one call, and what comes. */
  | { readonly topic: "call"; readonly call: string };

/** What the server tells by itself. */
export type Told =
  | { readonly topic: "phone"; readonly phone: PhoneView }
  /** Calls that are new or have changed; `gone` are no longer kept. */
  | { readonly topic: "calls"; readonly calls: readonly CallView[]; readonly gone?: readonly string[] }
  | {
      readonly topic: "messages";
      readonly records: readonly SourcedRecord[];
      /** Of all messages, in the last second. */
      readonly perSecond: number;
      /** Records that did not reach the console since the last time. */
      readonly lost: number;
      /** Messages of the filter that were left out because there were too many for a page. */
      readonly skipped: number;
    }
  | { readonly topic: "call"; readonly call: string; readonly records: readonly SourcedRecord[] }
  | { readonly topic: "engine"; readonly facts: EngineFacts; readonly engine: EngineRecord | undefined }
  | { readonly topic: "app"; readonly apps: readonly AppView[] }
  | {
      readonly topic: "notice";
      readonly level: "info" | "warn" | "error";
      readonly text: string;
    };

/** A call as a list shows it. */
export interface CallView extends CallEntry {
  readonly hasSound: boolean;
  /** Sound of it is being kept now. */
  readonly keepsSound?: boolean | undefined;
  /** The line of this page's own phone, if it is on it. */
  readonly line?: number | undefined;
}

export interface CallRecords {
  readonly call: CallView;
  readonly records: readonly SourcedRecord[];
  /** The oldest were dropped for want of room. */
  readonly cut: boolean;
}

export interface KeptSound {
  readonly startMs: number;
  readonly rateHz: number;
  readonly said: string;
  readonly heard: string;
  /** How far a piece after a pause may be from its true time; above 100 its times are told as approximate. */
  readonly errorMs?: number | undefined;
}

export interface MessageResult {
  readonly handled: boolean;
  readonly name: string;
  readonly retvalue: string;
  readonly params: Pairs;
  readonly tookMs: number;
}

export interface RouteResult {
  /** `-` or "" when nobody takes it. */
  readonly target: string;
  readonly handled: boolean;
  /** error, reason of a refusal. */
  readonly refusal: string;
  /** The two messages with who was asked; the steps as far as the engine tells. */
  readonly messages: readonly MessageRecord[];
}

/** An app, its figures, and what it waits for. */
export interface AppView {
  readonly source: string;
  readonly app: AppRecord | undefined;
  /** Not ended yet, the oldest first; at most 2000. */
  readonly waits: readonly WaitRecord[];
  readonly operations: readonly OperationRecord[];
  /** The latest 200, the latest first. */
  readonly errors: readonly ErrorRecord[];
}

/** The phone of a page. */
export interface PhoneView {
  /** Calls to this number ring here. */
  readonly number: string;
  readonly lines: readonly LineView[];
  /** The line that is heard; undefined for none. */
  readonly selected: number | undefined;
}

export interface LineView {
  /** From 1; one that is over keeps its number until another call takes it. */
  readonly line: number;
  /** Of the phone's own channel; "" until there is one. */
  readonly channel: string;
  /** Its call's id in `calls`. */
  readonly call: string;
  readonly direction: "incoming" | "outgoing";
  /** Who is on the other side. */
  readonly other: string;
  readonly otherName: string;
  readonly state: "calling" | "ringing" | "early" | "answered" | "ended";
  readonly held: boolean;
  readonly startedMs: number;
  readonly answeredMs?: number | undefined;
  readonly endedMs?: number | undefined;
  /** Of one that is over: why, in words for people. */
  readonly why: string;
  readonly weather: Weather;
  /** Keys sent so far. */
  readonly keys: string;
  /** Figures of its sound between console and engine; undefined without sound. */
  readonly sound?: LineSound | undefined;
}

export interface LineSound {
  /** From the engine, in packets. */
  readonly received: number;
  readonly lost: number;
  readonly late: number;
  readonly jitterMs: number;
  /** Of the playout buffer. */
  readonly delayMs: number;
  readonly sent: number;
}

/** How bad a line is made, for trying. The same seed gives the same losses and delays. */
export interface Weather {
  readonly seed: number;
  /** Of packets that get lost, each way, 0…1. */
  readonly loss: number;
  /** Mean length of a loss, in packets; 1: each by itself. */
  readonly burst: number;
  /** Fixed, one way. */
  readonly delayMs: number;
  /** Up to so much more, each packet anew. */
  readonly jitterMs: number;
  /** `in`: nothing is heard here; `out`: nothing is heard there. */
  readonly mute: "none" | "in" | "out";
  /** How keys travel: as the message `chan.dtmf`, as RFC 4733 events, or as tones in the sound. */
  readonly keys: "message" | "rfc4733" | "inband";
}

export const fairWeather: Weather = {
  seed: 1,
  loss: 0,
  burst: 1,
  delayMs: 0,
  jitterMs: 0,
  mute: "none",
  keys: "message",
};

/**
 * A binary frame: 8 bytes of head, then 20 ms of samples, signed 16 bit, little-endian.
 *
 * | byte | |
 * |---|---|
 * | 0 | 1: sound |
 * | 1 | line |
 * | 2 | rate in kHz: 8 or 16 |
 * | 3 | 0 |
 * | 4–7 | the page's own: sample count of the sender, unsigned, little-endian; missing ones were lost |
 */
export interface SoundFrame {
  readonly line: number;
  readonly rateHz: 8000 | 16_000;
  readonly position: number;
  readonly samples: Int16Array;
}

export function encodeSoundFrame({ line, rateHz, position, samples }: SoundFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, line);
  view.setUint8(2, rateHz / 1000);
  view.setUint32(4, position >>> 0, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(8 + i * 2, samples[i] ?? 0, true);
  return bytes;
}

/** Undefined for what is no frame of sound. */
export function decodeSoundFrame(bytes: Uint8Array): SoundFrame | undefined {
  const [kind, line = 0, khz] = bytes;
  if (kind !== 1 || (khz !== 8 && khz !== 16) || bytes.length !== 8 + khz * 40) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Int16Array(khz * 20);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(8 + i * 2, true);
  return { line, rateHz: khz === 8 ? 8000 : 16_000, position: view.getUint32(4, true), samples };
}
