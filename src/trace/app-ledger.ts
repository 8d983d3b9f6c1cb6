import type { BusObserver, ObservedEnd, ObservedWait, Observing, Operation } from "../bus/index.ts";
import { guardChannel, guardText } from "./guard-text.ts";
import type { Unnumbered } from "./outbox.ts";
import type { OperationRecord, TracePlace, WaitRecord } from "./records.ts";
import type { SourceLines } from "./source-lines.ts";
import { traceControl, traceData } from "./trace-messages.ts";

/** Where the records of an app go; each is asked for or not. */
export interface LedgerReader {
  wait(record: Unnumbered<WaitRecord>): void;
  operation(record: Unnumbered<OperationRecord>): void;
  threw(error: unknown, channel: string): void;
}

/** What an app has open, with the lines that wait: told as it begins and ends. */
export interface AppLedger {
  /** Observes from now on; what is open already is learnt, without its line unless it was seen before. */
  begin(): void;
  /** Observes no more. What was seen is remembered as long as it exists. */
  end(): void;
  /** Tells the beginnings of all that is open, the oldest {@link mostTold} of each kind. */
  tellOpen(): void;
  readonly openWaits: number;
  readonly openCalls: number;
}

/** Most waits, and most operations, that are told to one who begins to look. */
const mostTold = 2000;

const ownNames: ReadonlySet<string> = new Set([traceControl, traceData]);

type Entry<R> = Unnumbered<R> & { readonly phase: "begin" };

export function createAppLedger(
  observing: Observing,
  lines: SourceLines,
  nowMs: () => number,
  reader: LedgerReader,
): AppLedger {
  const waits = new Map<object, Entry<WaitRecord>>();
  const operations = new Map<Operation, Entry<OperationRecord>>();
  const remembered = new WeakMap<object, Entry<WaitRecord> | Entry<OperationRecord>>();
  let lastId = 0;
  let learning = false;

  const addWait = ({ what, name, guard, key }: ObservedWait): void => {
    if (ownNames.has(name)) return;
    const within = learning ? undefined : observing.running?.();
    const known = within && operations.get(within);
    const record: Entry<WaitRecord> = {
      kind: "wait",
      phase: "begin",
      atMs: nowMs(),
      id: ++lastId,
      what,
      name,
      guard: guardText(guard),
      channel: guardChannel(guard),
      place: learning ? undefined : placeWithin(known),
      operation: known?.id,
    };
    waits.set(key, record);
    if (!learning) reader.wait(record);
  };

  /** A feature of the call kit waits where the app asked for it; a program of a call, and all else, where it stands. */
  const placeWithin = (known: Entry<OperationRecord> | undefined): TracePlace | undefined =>
    known && known.what !== "call" && known.place ? known.place : (lines.here() ?? known?.place);

  const addOperation = (operation: Operation): void => {
    const { what, channel, leg, detail, beganMs, origin, within } = operation;
    const around = within && operations.get(within)?.place;
    const place = (origin && lines.of(origin)) ?? (learning ? undefined : lines.here()) ?? around;
    const record: Entry<OperationRecord> = {
      kind: "operation",
      phase: "begin",
      atMs: learning ? beganMs : nowMs(),
      id: ++lastId,
      what,
      channel,
      leg,
      detail,
      place,
    };
    operations.set(operation, record);
    if (!learning) reader.operation(record);
  };

  const observer: BusObserver = {
    began: addWait,
    ended(key, how) {
      const record = waits.get(key);
      if (!record) return;
      waits.delete(key);
      const { kind, id, what, name, operation } = record;
      reader.wait({ kind, phase: "end", atMs: nowMs(), id, what, name, operation, outcome: endText(how) });
    },
    operationBegan: addOperation,
    operationEnded(operation, outcome, result) {
      const record = operations.get(operation);
      if (!record) return;
      operations.delete(operation);
      const { kind, id, what } = record;
      const { channel, leg } = operation;
      reader.operation({ kind, phase: "end", atMs: nowMs(), id, what, channel, leg, outcome, result });
    },
    threw: reader.threw,
  };

  return {
    begin() {
      if (observing.observer) return;
      learning = true;
      for (const operation of observing.operations) {
        const known = remembered.get(operation);
        if (known?.kind === "operation") operations.set(operation, known);
        else addOperation(operation);
      }
      for (const wait of observing.open()) {
        const known = remembered.get(wait.key);
        if (known?.kind === "wait") waits.set(wait.key, known);
        else addWait(wait);
      }
      learning = false;
      observing.observer = observer;
    },
    end() {
      if (observing.observer !== observer) return;
      observing.observer = undefined;
      for (const [key, record] of [...waits, ...operations]) remembered.set(key, record);
      waits.clear();
      operations.clear();
    },
    tellOpen() {
      for (const record of oldest(operations)) reader.operation(record);
      for (const record of oldest(waits)) reader.wait(record);
    },
    get openWaits() {
      return waits.size;
    },
    get openCalls() {
      let calls = 0;
      for (const { what } of operations.values()) if (what === "call") calls++;
      return calls;
    },
  };
}

/** Entries are in the order of their coming, which is that of their age. */
function* oldest<R>(entries: ReadonlyMap<object, R>): Generator<R> {
  let left = mostTold;
  for (const record of entries.values()) {
    if (left-- === 0) return;
    yield record;
  }
}

function endText(how: ObservedEnd): string {
  return typeof how === "string" ? how : how.name;
}
