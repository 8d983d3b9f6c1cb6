import type { TraceRecord } from "./records.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const truth: Check = (value) => typeof value === "boolean";
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value);
/** JSON has no undefined; a record that never travelled may have it. */
const perhaps =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const shape = (fields: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(fields);
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    entries.every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));
};

const pairs = listOf((pair) => Array.isArray(pair) && pair.length === 2 && text(pair[0]) && text(pair[1]));
const place = shape({ file: text, line: number, column: number, text: perhaps(text), within: perhaps(text) });
const handler = { name: text, priority: number };
const step = shape({
  ...handler,
  afterMs: perhaps(number),
  tookMs: perhaps(number),
  handled: perhaps(truth),
  changes: listOf(shape({ name: text, from: perhaps(text), to: perhaps(text) })),
  renamed: perhaps(text),
  retvalue: perhaps(text),
  failed: perhaps(text),
});
const figures = shape({
  packets: number,
  lost: number,
  late: perhaps(number),
  jitterMs: perhaps(number),
  delayMs: perhaps(number),
  concealedMs: perhaps(number),
  mos: perhaps(number),
});
const phase = oneOf("begin", "end");

/** Fields of each kind of record, beside `kind`, `seq` and `atMs`. */
const kinds: Readonly<Record<TraceRecord["kind"], Readonly<Record<string, Check>>>> = {
  message: {
    name: text,
    sender: text,
    handled: truth,
    retvalue: text,
    params: pairs,
    before: perhaps(pairs),
    steps: listOf(step),
    next: listOf(shape(handler)),
    tookMs: perhaps(number),
    queuedMs: perhaps(number),
  },
  sip: {
    direction: oneOf("in", "out"),
    transport: oneOf("udp", "tcp", "tls", "ws", "wss"),
    local: text,
    remote: text,
    callId: text,
    channel: text,
    method: text,
    status: perhaps(number),
    line: text,
    text,
    again: truth,
  },
  rtp: {
    phase: oneOf("open", "report", "key", "close"),
    id: text,
    channel: text,
    local: text,
    remote: text,
    format: text,
    received: perhaps(figures),
    sent: perhaps(figures),
    key: perhaps(text),
    direction: perhaps(oneOf("in", "out")),
  },
  operation: {
    phase,
    id: number,
    what: text,
    channel: text,
    leg: text,
    detail: perhaps(text),
    place: perhaps(place),
    outcome: perhaps(text),
    result: perhaps(text),
  },
  wait: {
    phase,
    id: number,
    what: oneOf("onmsg", "onwatch", "messages", "watches", "handle", "dispatch"),
    name: text,
    guard: perhaps(text),
    channel: perhaps(text),
    place: perhaps(place),
    operation: perhaps(number),
    outcome: perhaps(text),
  },
  error: { text, stack: perhaps(text), place: perhaps(place), channel: perhaps(text) },
  log: { level: oneOf("debug", "info", "warn", "error"), text },
  engine: {
    version: text,
    nodeName: text,
    startedMs: number,
    queued: number,
    maxQueued: number,
    running: number,
    dispatched: number,
    dropped: number,
    handlers: number,
    ticks: perhaps(number),
    lateTicks: perhaps(number),
    skippedTicks: perhaps(number),
    worstTickMs: perhaps(number),
    cpu: perhaps(number),
    memoryBytes: perhaps(number),
    modules: listOf(text),
    channels: listOf(
      shape({
        id: text,
        status: text,
        direction: text,
        peer: text,
        address: text,
        billId: text,
        sinceMs: number,
      }),
    ),
    registrations: listOf(
      shape({
        kind: oneOf("phone", "line"),
        name: text,
        where: text,
        status: text,
        untilMs: perhaps(number),
      }),
    ),
    connections: listOf(
      shape({
        name: text,
        way: text,
        remote: text,
        sinceMs: number,
        handlers: listOf(shape({ ...handler, filter: perhaps(text) })),
        watches: listOf(text),
        held: number,
      }),
    ),
    lost: number,
  },
  app: {
    file: text,
    pid: number,
    startedMs: number,
    openWaits: number,
    openCalls: number,
    cpu: perhaps(number),
    memoryBytes: perhaps(number),
    worstLagMs: perhaps(number),
    lost: number,
  },
};

/** What is wrong with a value that should be a record, in words; undefined for a good one. `unknown kind` is no fault: it is newer. */
export type ShapeProblem =
  | { readonly kind: "bad"; readonly text: string }
  | { readonly kind: "unknown kind" };

/** Tells whether `value` is a record with all its fields in their types, else what is wrong. */
export function shapeProblem(value: unknown): ShapeProblem | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { kind: "bad", text: "a record is no object" };
  const fields = value as Readonly<Record<string, unknown>>;
  const { kind } = fields;
  if (typeof kind !== "string") return { kind: "bad", text: "a record has no kind" };
  if (!Object.hasOwn(kinds, kind)) return { kind: "unknown kind" };
  for (const name of ["seq", "atMs"]) {
    if (!number(fields[name])) return { kind: "bad", text: `${kind}: ${name} is no number` };
  }
  for (const [name, check] of Object.entries(kinds[kind as TraceRecord["kind"]])) {
    if (!check(fields[name]))
      return {
        kind: "bad",
        text: `${kind}: ${name} is ${fields[name] === undefined ? "missing" : "not as it should be"}`,
      };
  }
  return undefined;
}
