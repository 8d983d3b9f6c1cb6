import { type Clock, encodedLength, type Timer } from "../base/index.ts";
import type { Yate } from "../bus/index.ts";
import { traceBatchBytes, traceBatchMs, traceData } from "./trace-messages.ts";

/** A record that gets its number when it is put in. */
export type Unnumbered<R> = R extends unknown ? Omit<R, "seq"> : never;

/** Records on their way to whoever asked for them. */
export interface Outbox {
  put(record: { readonly kind: string }): void;
  /** Says that there is somebody here who could be asked. */
  announce(): void;
  /** Sends all that there is, now. */
  flush(): void;
  /** Forgets what was not sent. */
  clear(): void;
  /** Records that found no place, since the beginning. */
  readonly lost: number;
}

/** Most that waits to be sent: beyond it, as when the engine is away for long, the oldest are lost. */
const mostWaitingBytes = 4 * 1024 * 1024;

/** @param source as in `app.ts 4711` */
export function createOutbox(yate: Yate, source: string, clock: Clock): Outbox {
  let waiting: string[] = [];
  let waitingBytes = 0;
  let seq = 0;
  let lost = 0;
  let timer: Timer | undefined;

  const send = (): void => {
    if (yate.state.kind !== "connected" || waiting.length === 0) return;
    let count = 0;
    let bytes = 2;
    for (const text of waiting) {
      bytes += sizeOf(text) + 1;
      if (count > 0 && bytes > traceBatchBytes) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const text of batch) waitingBytes -= text.length;
    yate.msg(traceData, { from: "app", source, data: `[${batch.join(",")}]` }).enqueue();
  };

  const schedule = (): void => {
    if (timer || waiting.length === 0) return;
    timer = clock.after(
      traceBatchMs,
      () => {
        timer = undefined;
        send();
        schedule();
      },
      { background: true },
    );
  };

  return {
    put(record) {
      const text = JSON.stringify({ ...record, seq: ++seq });
      waiting.push(text);
      waitingBytes += text.length;
      while (waitingBytes > mostWaitingBytes && waiting.length > 1) {
        waitingBytes -= waiting.shift()?.length ?? 0;
        lost++;
      }
      schedule();
    },
    announce() {
      if (yate.state.kind === "connected") yate.msg(traceData, { from: "app", source, data: "[]" }).enqueue();
    },
    flush() {
      while (waiting.length > 0 && yate.state.kind === "connected") send();
    },
    clear() {
      timer?.cancel();
      timer = undefined;
      waiting = [];
      waitingBytes = 0;
    },
    get lost() {
      return lost;
    },
  };
}

/** Bytes on the wire, where a colon and a percent sign take two (spec/protocol.md §3). */
function sizeOf(text: string): number {
  let escaped = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 58 || unit === 37) escaped++;
  }
  return encodedLength(text) + escaped;
}
