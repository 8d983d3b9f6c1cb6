import type { CallEntry, CallStory } from "./call-entry.ts";
import { checkRecords } from "./parse-batch.ts";
import type { SourcedRecord, TraceSource } from "./records.ts";

/** Sound of one channel, as a journal holds it: A-law, in base64, from `startMs` on. */
export interface JournalSound {
  readonly channel: string;
  readonly startMs: number;
  readonly rateHz: number;
  /** By the channel. */
  readonly said: string;
  readonly heard: string;
  /** How far its pieces may be from their true times. */
  readonly errorMs?: number | undefined;
}

/** One call, with everything that was kept of it. */
export interface Journal extends CallStory {
  /** When it was written. */
  readonly savedMs: number;
  readonly sound: readonly JournalSound[];
}

/** What a journal's file begins with. A version that is higher cannot be read by this program; fields may be added without one. */
export const journalFormat = "yayts-call";
export const journalVersion = 1;

/** A journal as the text of a file (JSON). It holds what the records hold: numbers and names of people, but no secrets. */
export function writeJournal(journal: Journal): string {
  const { call, cut, savedMs, sound } = journal;
  // Each source once: a call has thousands of records and two or three sources.
  const sources: TraceSource[] = [];
  const places = new Map<string, number>();
  const records = journal.records.map(({ source, record }) => {
    const key = `${source.kind} ${source.name}`;
    let place = places.get(key);
    if (place === undefined) {
      place = sources.push(source) - 1;
      places.set(key, place);
    }
    return { source: place, record };
  });
  return JSON.stringify({
    format: journalFormat,
    version: journalVersion,
    savedMs,
    call,
    cut,
    sources,
    records,
    sound,
  });
}

export type ReadJournal =
  | {
      readonly ok: true;
      readonly journal: Journal;
      /** What was passed over, in words; undefined when all was read. */
      readonly problem?: string | undefined;
    }
  | { readonly ok: false; readonly problem: string };

/** Reads a journal's file. It may be any file: what is wrong is told in words. Never throws. */
export function readJournal(text: string): ReadJournal {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return bad(
      "this is no JSON: a journal is written by Export at a call, and must be unpacked if it was packed",
    );
  }
  if (!isObject(file) || file.format !== journalFormat)
    return bad(`this is no journal of a call: its format is not ${journalFormat}`);
  const { version } = file;
  if (typeof version !== "number" || version < 1) return bad("the journal has no version");
  if (version > journalVersion)
    return bad(
      `the journal is of version ${version}, and this program reads up to ${journalVersion}: take a newer one`,
    );
  const call = readEntry(file.call);
  if (!call) return bad("the journal's call cannot be read");
  const { sources, records, sound = [] } = file;
  if (!Array.isArray(sources) || !sources.every(isSource)) return bad("the journal's sources cannot be read");
  if (!Array.isArray(records)) return bad("the journal has no records");
  let passed = 0;
  let first: string | undefined;
  const read: SourcedRecord[] = [];
  for (const entry of records as readonly unknown[]) {
    const source = isObject(entry) && typeof entry.source === "number" ? sources[entry.source] : undefined;
    const checked = checkRecords([isObject(entry) ? entry.record : undefined]);
    const [record] = checked.records;
    if (source && record) read.push({ source, record });
    else {
      passed++;
      first ??= checked.problem ?? (source ? "of an unknown kind" : "without a source");
    }
  }
  const journal: Journal = {
    call,
    records: read,
    cut: file.cut === true,
    savedMs: typeof file.savedMs === "number" ? file.savedMs : 0,
    sound: Array.isArray(sound) ? sound.filter(isSound) : [],
  };
  return passed === 0
    ? { ok: true, journal }
    : { ok: true, journal, problem: `${passed} records were passed over; the first: ${first}` };
}

/** `yayts-call-<from>-<to>-<time>.json`, of letters that every disk takes; the time is that of UTC. */
export function journalName(call: CallEntry): string {
  const safe = (text: string): string =>
    text
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9+]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .slice(0, 40) || "unknown";
  const time = new Date(Number.isFinite(call.startedMs) ? call.startedMs : 0)
    .toISOString()
    .slice(0, 19)
    .replaceAll(":", "")
    .replace("T", "-");
  return `yayts-call-${safe(call.from)}-${safe(call.to)}-${time}.json`;
}

function bad(problem: string): ReadJournal {
  return { ok: false, problem };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSource(value: unknown): value is TraceSource {
  return (
    isObject(value) &&
    typeof value.name === "string" &&
    ["engine", "app", "console"].includes(String(value.kind))
  );
}

function isSound(value: unknown): value is JournalSound {
  return (
    isObject(value) &&
    typeof value.channel === "string" &&
    typeof value.startMs === "number" &&
    typeof value.rateHz === "number" &&
    typeof value.said === "string" &&
    typeof value.heard === "string"
  );
}

const states: readonly CallEntry["state"][] = ["new", "routing", "ringing", "answered", "ended"];

function readEntry(value: unknown): CallEntry | undefined {
  if (!isObject(value)) return undefined;
  const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
  const number = (name: string): number | undefined =>
    typeof value[name] === "number" ? value[name] : undefined;
  const state = states.find((one) => one === value.state);
  const startedMs = number("startedMs");
  const { channels } = value;
  if (typeof value.id !== "string" || !state || startedMs === undefined || !Array.isArray(channels))
    return undefined;
  return {
    id: value.id,
    from: text("from"),
    to: text("to"),
    channels: channels.filter((channel) => typeof channel === "string"),
    state,
    startedMs,
    answeredMs: number("answeredMs"),
    endedMs: number("endedMs"),
    reason: text("reason"),
    keys: text("keys"),
    messages: number("messages") ?? 0,
    errors: number("errors") ?? 0,
  };
}
