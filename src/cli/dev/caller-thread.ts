import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { reportOf } from "../errors/error-report.ts";
import type { FromCaller, ToCaller } from "./caller-messages.ts";

/** The caller of `yayts dev`, in a thread of its own. */
export interface CallerThread {
  tell(message: ToCaller): void;
  /** Hangs up and ends the thread. */
  close(): Promise<void>;
}

/** @param address where it finds the engine */
export function startCallerThread(address: string, onMessage: (message: FromCaller) => void): CallerThread {
  const worker = new Worker(new URL(`caller-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: address,
  });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("message", (message: FromCaller) => onMessage(message));
  worker.on("error", (error) => onMessage({ kind: "failed", report: reportOf(error) }));
  return {
    tell: (message) => worker.postMessage(message),
    async close() {
      worker.postMessage({ kind: "close" } satisfies ToCaller);
      const timer = setTimeout(() => void worker.terminate(), 1500);
      await ended;
      clearTimeout(timer);
    },
  };
}
