import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type ErrorReport, reportOf } from "../errors/error-report.ts";
import type { ConsoleLinks, ConsoleWish, FromConsole, ToConsole } from "./console-messages.ts";

/** The console of `yayts dev`, in a thread of its own: the engine's clock does not wait for it. */
export interface ConsoleThread {
  /** Where it is, once it is there; what went wrong, if it could not start. */
  readonly started: Promise<ConsoleLinks | ErrorReport>;
  browse(): void;
  /** Tells its pages and ends the thread. */
  close(): Promise<void>;
}

/** How long it may take to end. */
const graceMs = 3000;

/** @param onMessage what it reports, and that it failed after it had started */
export function startConsoleThread(
  wish: ConsoleWish,
  onMessage: (message: Extract<FromConsole, { kind: "log" | "failed" }>) => void,
): ConsoleThread {
  const worker = new Worker(new URL(`console-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: wish,
  });
  const started = Promise.withResolvers<ConsoleLinks | ErrorReport>();
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  let hasStarted = false;
  const failed = (report: ErrorReport): void => {
    if (hasStarted) onMessage({ kind: "failed", report });
    else started.resolve(report);
  };
  worker.on("message", (message: FromConsole) => {
    switch (message.kind) {
      case "ready":
        hasStarted = true;
        return started.resolve(message.links);
      case "failed":
        return failed(message.report);
      case "log":
        return onMessage(message);
    }
  });
  worker.on("error", (error) => failed(reportOf(error)));
  const tell = (message: ToConsole): void => worker.postMessage(message);
  return {
    started: started.promise,
    browse: () => tell({ kind: "browse" }),
    async close() {
      tell({ kind: "close" });
      const timer = setTimeout(() => void worker.terminate(), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
