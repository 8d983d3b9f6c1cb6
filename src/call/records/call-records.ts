import { type Clock, realClock, type Signal, YaytsError } from "../../base/index.ts";
import type { Until, WatchedMessage, Yate } from "../../bus/index.ts";
import type { CallRecord } from "./call-record.ts";
import { type EndedLeg, RecordBook } from "./record-book.ts";

/** Options of {@link callRecords}. */
export interface CallRecordsOptions {
  /** Ends the loop. */
  readonly signal?: Signal | undefined;
  /** Ends the loop, as in all waits. */
  readonly until?: Until | undefined;
  /** Most records held while the loop is busy, default 10,000; over it the oldest is dropped, reported and counted. */
  readonly bufferSize?: number | undefined;
  /** Also those that the engine was told not to write (`cdrwrite=false`). Default false. */
  readonly unwritten?: boolean | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** The records of an engine's calls, as they end; leaving the loop gives it up. */
export interface CallRecords extends AsyncIterable<CallRecord> {
  /** Records lost because the loop was too slow. */
  readonly dropped: number;
}

/** How long a record waits for the `chan.hangup` of its channel; a real YATE may tell them in either order. */
const hangupWithinMs = 250;

/** Who collects records over a connection: an app does not see its own messages, so they are told here. */
const collectors = new WeakMap<object, Set<RecordBook>>();

/**
 * One record for each channel of the engine whose call ends from now on; an engine on which a call has two channels, such as
 * the caller's and the callee's, gives two with the same `callId`. A real YATE needs its module cdrbuild for it. The loop ends with the connection
 * (or throws Disconnected when the engine was lost for good). A call that was going on before has what the engine tells at its end.
 * @example
 * import { app } from "yayts";
 * import { callRecords, formatRecordLine } from "yayts";
 *
 * export default app(async (yate) => {
 *   for await (const record of callRecords(yate)) yate.output(formatRecordLine(record));
 * });
 */
export function callRecords(yate: Yate, options: CallRecordsOptions = {}): CallRecords {
  const { signal, until, bufferSize = 10_000, unwritten = false, clock = realClock } = options;
  const book = new RecordBook(clock);
  const ended = new WeakMap<WatchedMessage, EndedLeg>();
  // Guards look at the messages in the order in which they come, all kinds together; what loops would take apart.
  const tap = (name: string, look: (message: WatchedMessage) => void): (() => Promise<unknown>) => {
    const stream = yate.watches(
      name,
      (message: WatchedMessage) => {
        look(message);
        return false;
      },
      { signal, until },
    );
    return () => stream.return();
  };
  const taps = [
    tap("chan.connected", (message) => book.channel(message)),
    tap("chan.disconnected", (message) => book.channel(message)),
    tap("chan.hangup", (message) => book.channel(message)),
    tap("call.update", (message) => {
      const names = (message.get("cdrfields") ?? "").split(",").filter(Boolean);
      const id = message.get("id");
      if (id && names.length > 0) book.add(id, fieldsOf(message, names));
    }),
  ];
  const stream = yate.watches(
    "call.cdr",
    (message: WatchedMessage) => {
      const leg = book.cdr(message);
      if (!leg || (!unwritten && message.get("cdrwrite") === "false")) return false;
      ended.set(message, leg);
      return true;
    },
    { signal, until, bufferSize },
  );
  const own = [yate, ...prototypesOf(yate)];
  for (const each of own) {
    const books = collectors.get(each) ?? new Set();
    collectors.set(each, books.add(book));
  }
  const close = (): void => {
    for (const end of taps) void end();
    for (const each of own) collectors.get(each)?.delete(book);
  };

  async function* records(): AsyncGenerator<CallRecord, void, undefined> {
    try {
      for await (const message of stream) {
        const leg = ended.get(message);
        if (!leg) continue;
        if (!leg.hungUp && !message.get("reason")?.startsWith("CDR ")) await hangupOf(leg, clock);
        yield leg.record();
      }
    } finally {
      close();
    }
  }
  const made = records();
  return {
    get dropped() {
      return stream.dropped;
    },
    [Symbol.asyncIterator]: () => made,
  };
}

function hangupOf(leg: EndedLeg, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(hangupWithinMs, resolve);
    leg.onHangup = () => {
      timer.cancel();
      resolve();
    };
  });
}

function* fieldsOf(message: WatchedMessage, names: readonly string[]): Generator<[string, string]> {
  for (const name of names) {
    const value = message.get(name);
    if (value !== undefined) yield [name, value];
  }
}

/** A connection with calls on top has the connection below as its prototype. */
function prototypesOf(yate: Yate): object[] {
  const found: object[] = [];
  for (let each: unknown = Object.getPrototypeOf(yate); each; each = Object.getPrototypeOf(each)) {
    if (!Object.hasOwn(each, "constructor")) found.push(each);
  }
  return found;
}

/** Names that mean something else in a `call.update`. */
const taken =
  /^(?:id|module|operation|cdr.*|handlers|nodename|status|direction|reason|(?:target|peer|lastpeer|bill|trace_)id|answered|address|caller.*|called.*|username|time|chan|runid|duration|billtime|ringtime|external|audio.*|media.*|rtp.*|sdp.*|sip_.*|osip.*)$/;

/**
 * Adds fields of an app's own to the record of a call's leg, such as where it was recorded: `fields` of the {@link CallRecord},
 * and `recording` at its top. Whoever collects the records of the engine has them, in whatever program; a real YATE needs no
 * configuration for it. It goes as `call.update id=<id> operation=cdrbuild cdrfields=<names> <name>=<value>…`, so other tools see
 * them in `call.cdr` once `[parameters]` of cdrbuild.conf names them (`recording=yes`).
 * @param id the channel, while it lives
 * @throws YaytsError `bad-argument` for a name that is not letters, digits, `_` and `.`, or that means something to the engine
 */
export function addToCallRecord(yate: Yate, id: string, fields: Readonly<Record<string, string>>): void {
  const entries = Object.entries(fields);
  for (const [name] of entries) {
    if (/^[a-z][\w.]*$/i.test(name) && !taken.test(name)) continue;
    throw new YaytsError(
      "bad-argument",
      `a field of a call record cannot be named ${JSON.stringify(name)}; take letters, digits and _, and no name that the engine uses`,
    );
  }
  if (entries.length === 0) return;
  for (const each of [yate, ...prototypesOf(yate)]) {
    for (const book of collectors.get(each) ?? []) book.add(id, entries);
  }
  const cdrfields = entries.map(([name]) => name).join(",");
  yate.msg("call.update", { id, operation: "cdrbuild", cdrfields, ...fields }).enqueue();
}
