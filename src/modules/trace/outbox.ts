import { type Clock, createBoundedQueue, type Timer } from "../../base/index.ts";
import { type TraceRecord, traceBatchBytes, traceBatchMs } from "../../trace/index.ts";

/**
 * Makes a record at last, when it is sent: work for one that is lost would be in vain, and a little later more is known.
 * @param longest most characters of any text in it
 * @returns a text is JSON already
 */
export type RecordMaker = (seq: number, longest: number) => TraceRecord | string;

/** Records on their way to who asked for them. */
export interface Outbox {
  /** @param weight about how many bytes it holds until it is sent */
  add(make: RecordMaker, weight: number): void;
  /** Records that were lost, since the start. */
  readonly lost: number;
  /** Sends nothing more. */
  stop(): void;
}

/** Over this the oldest are lost: who looks wants to see what happens now. */
const maxRecords = 12_000;
const maxWeight = 8 * 1024 * 1024;
/** Batches sent at a time, when there is so much. */
const mostBatches = 4;
/** Longest text in a record, and in one that would not fit into a batch otherwise. */
const longestText = 8192;
const shortestText = 256;

/**
 * @param send takes a JSON list; called every {@link traceBatchMs}, a few times where there is much
 */
export function createOutbox(clock: Clock, send: (data: string) => void): Outbox {
  const waiting = createBoundedQueue<{ readonly seq: number; readonly make: RecordMaker; weight: number }>(
    maxRecords,
  );
  /** Made already, and too long for the batch before. */
  let left: string | undefined;
  let weight = 0;
  let lastSeq = 0;
  let lost = 0;
  let timer: Timer | undefined;

  const next = (): string | undefined => {
    if (left !== undefined) return left;
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      weight -= item.weight;
      for (const longest of [longestText, shortestText]) {
        const record = item.make(item.seq, longest);
        const text = typeof record === "string" ? record : JSON.stringify(record);
        // Most texts are far too short to be counted in bytes.
        if (text.length * 3 <= traceBatchBytes - 2 || Buffer.byteLength(text) <= traceBatchBytes - 2)
          return text;
      }
      lost++;
    }
    return undefined;
  };

  const flush = (): void => {
    timer = undefined;
    for (let sent = 0; sent < mostBatches && (left !== undefined || waiting.size > 0); sent++) sendBatch();
    if (left !== undefined || waiting.size > 0) wake();
  };

  const sendBatch = (): void => {
    let bytes = 2;
    const batch: string[] = [];
    for (left = next(); left !== undefined; left = next()) {
      bytes += Buffer.byteLength(left) + 1;
      if (bytes > traceBatchBytes && batch.length > 0) break;
      batch.push(left);
      left = undefined;
    }
    if (batch.length > 0) send(`[${batch.join(",")}]`);
  };

  const wake = (): void => {
    timer ??= clock.after(traceBatchMs, flush, { background: true });
  };

  return {
    add(make, itemWeight) {
      const seq = ++lastSeq;
      while (waiting.size >= maxRecords || (weight + itemWeight > maxWeight && waiting.size > 0)) {
        weight -= waiting.shift()?.weight ?? 0;
        lost++;
      }
      waiting.push({ seq, make, weight: itemWeight });
      weight += itemWeight;
      wake();
    },
    get lost() {
      return lost;
    },
    stop() {
      timer?.cancel();
      timer = undefined;
    },
  };
}

/** Cut to `longest` characters, with what is missing said. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more)`;
}
