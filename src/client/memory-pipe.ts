import { type Clock, realClock } from "../base/index.ts";
import { encodeText } from "../wire/index.ts";
import type { Transport, TransportEvents } from "./transport.ts";

/** How a memory pipe treats what goes through it. */
export interface MemoryPipeOptions {
  /** Delay of every piece in milliseconds, default 0: in a later turn. */
  readonly delayMs?: number;
  /** Cuts everything into pieces of so many bytes; default: as it was written. */
  readonly pieceBytes?: number;
  readonly clock?: Clock;
}

/** Two linked transports. */
export interface MemoryPipe {
  readonly near: Transport;
  readonly far: Transport;
  /** Breaks the connection: both ends learn of it, what is under way is lost. */
  drop(error?: Error): void;
}

/** A connection without a socket, for tests: what one end writes the other one reads. */
export function createMemoryPipe(options: MemoryPipeOptions = {}): MemoryPipe {
  const near = createEnd(options);
  const far = createEnd(options);
  near.link(far);
  far.link(near);
  return {
    near: near.transport,
    far: far.transport,
    drop(error) {
      near.finish(error);
      far.finish(error);
    },
  };
}

interface PipeEnd {
  readonly transport: Transport;
  link(peer: PipeEnd): void;
  /** Takes bytes from the other end, or its end (undefined). */
  take(bytes: Uint8Array | undefined): void;
  finish(error: Error | undefined): void;
  /** Bytes that came and were not read yet. */
  readonly unreadBytes: number;
}

function createEnd({
  delayMs = 0,
  pieceBytes = Number.POSITIVE_INFINITY,
  clock = realClock,
}: MemoryPipeOptions): PipeEnd {
  let peer: PipeEnd | undefined;
  let events: TransportEvents | undefined;
  let paused = false;
  let over = false;
  let failure: Error | undefined;
  /** What came and was not read yet; undefined stands for the other side's end. */
  const arrived: (Uint8Array | undefined)[] = [];
  let arrivedBytes = 0;
  let whenClosed: (() => void)[] = [];

  const finish = (error: Error | undefined): void => {
    if (over) return;
    over = true;
    failure = error;
    arrived.length = 0;
    events?.closed(error);
    for (const done of whenClosed) done();
    whenClosed = [];
  };

  const drain = (): void => {
    while (events && !paused && !over && arrived.length > 0) {
      const bytes = arrived.shift();
      if (!bytes) {
        finish(undefined);
        return;
      }
      arrivedBytes -= bytes.length;
      events.data(bytes);
    }
  };

  const later = (fn: () => void): void => {
    if (delayMs > 0) clock.after(delayMs, fn);
    else clock.turn(fn);
  };

  const end: PipeEnd = {
    link(other) {
      peer = other;
    },
    take(bytes) {
      if (over) return;
      if (bytes) arrivedBytes += bytes.length;
      later(() => {
        if (bytes)
          for (let at = 0; at < bytes.length; at += pieceBytes)
            arrived.push(bytes.subarray(at, at + pieceBytes));
        else arrived.push(undefined);
        drain();
      });
    },
    finish,
    get unreadBytes() {
      return arrivedBytes;
    },
    transport: {
      kind: "memory",
      start(user) {
        events = user;
        if (over) clock.turn(() => user.closed(failure));
        else clock.turn(drain);
      },
      write(data) {
        if (!over) peer?.take(typeof data === "string" ? encodeText(data) : data.slice());
      },
      get bufferedBytes() {
        return peer?.unreadBytes ?? 0;
      },
      pause() {
        paused = true;
      },
      resume() {
        if (!paused) return;
        paused = false;
        clock.turn(drain);
      },
      close() {
        if (over) return Promise.resolve();
        peer?.take(undefined);
        finish(undefined);
        return Promise.resolve();
      },
      abort() {
        peer?.finish(undefined);
        finish(undefined);
      },
    },
  };
  return end;
}
