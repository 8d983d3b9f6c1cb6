import { type Clock, type Logger, realClock, type Timer } from "../base/index.ts";
import type { Yate } from "../bus/index.ts";
import {
  connect,
  parseAddress,
  socketFactory,
  type Transport,
  type TransportFactory,
} from "../client/index.ts";

/** A connection that can be lost on purpose. */
export interface CuttableConnection {
  readonly yate: Yate;
  /** Breaks it, and lets it come back after so long. */
  cut(forMs: number): void;
}

/** Connects the console to an engine, as `connect` does. */
export async function connectCuttable(
  address: string,
  options: { readonly log?: Logger | undefined; readonly clock?: Clock | undefined } = {},
): Promise<CuttableConnection> {
  const { clock = realClock } = options;
  const open = socketFactory(parseAddress(address));
  let current: Transport | undefined;
  let wholeMs = 0;
  const factory: TransportFactory = async (signal) => {
    await pause(wholeMs - clock.monotonicMs(), clock, signal);
    current = await open(signal);
    return current;
  };
  const yate = await connect(factory, { ...options, name: address });
  return {
    yate,
    cut(forMs) {
      wholeMs = clock.monotonicMs() + forMs;
      current?.abort();
    },
  };
}

/** Resolves after so long; rejects as soon as the signal fires. */
function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer: Timer = clock.after(delayMs, () => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    });
    const giveUp = (): void => {
      timer.cancel();
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
