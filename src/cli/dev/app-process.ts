import { fork } from "node:child_process";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  type FromWatchdog,
  isFromHost,
  isFromWatchdog,
  type ToHost,
  watchdogFd,
} from "../app/host-messages.ts";
import type { ErrorReport } from "../errors/error-report.ts";
import { appNodeFlags } from "../node-flags.ts";

/** How a copy of the app got on with starting. */
export type StartOutcome =
  | { readonly kind: "started" }
  | { readonly kind: "failed"; readonly report: ErrorReport | undefined }
  /** It was ended by us. */
  | { readonly kind: "ended" };

export interface AppProcessOptions {
  readonly file: string;
  /** Where it finds the engine. */
  readonly address: string;
  readonly verbose: boolean;
  /** Whether what it prints may be coloured. */
  readonly colour: boolean;
  /** It reads this file. */
  readonly onFile: (file: string) => void;
  /** It ran and has ended by itself; without a report when Node could not tell why. */
  readonly onCrash: (report: ErrorReport | undefined) => void;
  readonly onStuck: (stuck: Extract<FromWatchdog, { kind: "stuck" }>) => void;
  readonly onFree: () => void;
}

/** A copy of the app in a process of its own. */
export interface AppProcess {
  readonly started: Promise<StartOutcome>;
  readonly exited: Promise<void>;
  /** It does not answer: its thread is not free. */
  readonly stuck: boolean;
  /** @param channels those that the engine has now */
  retire(channels: readonly string[]): void;
  /** Lets what is under way end; kills it when it does not come to an end, or is stuck. Resolves when it is gone. */
  close(): Promise<void>;
  kill(): void;
}

/** How long a copy may take to end when it was told to. */
const graceMs = 2000;

const host = fileURLToPath(new URL(`../app/app-host${extname(import.meta.url)}`, import.meta.url));

/** Starts one. */
export function startAppProcess(options: AppProcessOptions): AppProcess {
  const child = fork(host, [options.file, options.address, options.verbose ? "verbose" : ""], {
    execArgv: appNodeFlags(),
    // A Node that shares the terminal would at its end put it back into the mode that it found. IPC is descriptor 3, the
    // watchdog's pipe 4.
    stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    env: { ...process.env, ...(options.colour ? { FORCE_COLOR: "1" } : {}) },
  });
  child.stdout?.on("data", (text: Uint8Array) => process.stdout.write(text));
  child.stderr?.on("data", (text: Uint8Array) => process.stderr.write(text));
  const started = Promise.withResolvers<StartOutcome>();
  const exited = Promise.withResolvers<void>();
  let state: "starting" | "running" | "ending" | "gone" = "starting";
  let stuck = false;

  child.on("message", (message: unknown) => {
    if (!isFromHost(message) || state === "gone") return;
    switch (message.kind) {
      case "file":
        return options.onFile(message.file);
      case "started":
        if (state === "starting") state = "running";
        return started.resolve({ kind: "started" });
      case "failed":
        if (state === "starting") state = "ending";
        return started.resolve({ kind: "failed", report: message.report });
      case "crashed":
        if (state !== "running") return;
        state = "ending";
        return options.onCrash(message.report);
    }
  });
  const gone = (): void => {
    if (state === "gone") return;
    if (state === "running") options.onCrash(undefined);
    started.resolve(state === "ending" ? { kind: "ended" } : { kind: "failed", report: undefined });
    state = "gone";
    process.off("exit", kill);
    exited.resolve();
  };
  child.once("error", gone);
  // What it printed last comes before the news of its end, unless a process of its own keeps the pipe open.
  child.once("close", gone);
  child.once("exit", () => setTimeout(gone, 200).unref());

  const pipe = child.stdio[watchdogFd];
  if (pipe instanceof Readable)
    createInterface({ input: pipe }).on("line", (line) => {
      const message: unknown = JSON.parse(line);
      if (!isFromWatchdog(message)) return;
      stuck = message.kind === "stuck";
      if (message.kind === "stuck") options.onStuck(message);
      else options.onFree();
    });

  const kill = (): void => {
    if (state !== "gone") state = "ending";
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const send = (message: ToHost): void => {
    if (child.connected) child.send(message, () => {});
  };

  return {
    started: started.promise,
    exited: exited.promise,
    get stuck() {
      return stuck;
    },
    retire: (channels) => send({ kind: "retire", channels }),
    async close() {
      if (state === "gone") return;
      const starting = state === "starting";
      state = "ending";
      send({ kind: "close" });
      const timer = setTimeout(kill, stuck || starting ? 0 : graceMs);
      await exited.promise;
      clearTimeout(timer);
    },
    kill,
  };
}
