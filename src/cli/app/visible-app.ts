import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Logger } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { type AppTracer, type LogRecord, traceApp } from "../../trace/index.ts";
import { connectionNamer, type NameConnection } from "../connection-name.ts";
import { createProcessMeter } from "./process-meter.ts";

/** An app of this process, as consoles on its engine see it. */
export interface VisibleApp {
  /** For the app's connection: who looks sees it too. */
  readonly log: Logger;
  /** From now on it can be seen. Called before the app starts, so that what it waits for from the beginning has its line. */
  show(yate: Yate): void;
  /** The app has started: unless it has given its connection a name, it has its file's now. */
  started(): void;
  /** The app is about to end with an error; resolves when who looks has been told. */
  failed(error: unknown): Promise<void>;
}

/** @param log where the lines go in any case */
export function createVisibleApp(file: string, log: Logger): VisibleApp {
  let tracer: AppTracer | undefined;
  let name: NameConnection | undefined;
  const level =
    (name: LogRecord["level"]): Logger["info"] =>
    (text, details) => {
      tracer?.log(name, text);
      log[name](text, details);
    };
  return {
    log: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") },
    show(yate) {
      name = connectionNamer(yate, basename(file));
      tracer = traceApp(yate, {
        source: `${basename(file)} ${process.pid}`,
        file: resolve(file),
        pid: process.pid,
        readText,
        meter: createProcessMeter,
      });
    },
    started: () => void name?.(),
    async failed(error) {
      tracer?.error(error);
      if (!tracer?.seen) return;
      tracer.flush();
      // What was sent is gathered until the end of this turn, and written at that of the next.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    },
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
