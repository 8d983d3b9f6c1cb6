import { emitKeypressEvents } from "node:readline";
import { createTranscriptPrinter } from "../calling/transcript-line.ts";
import { formatReport } from "../errors/error-report.ts";
import type { Terminal } from "../terminal.ts";
import { startCallerThread } from "./caller-thread.ts";

export interface PhoneOptions {
  /** Where it finds the engine. */
  readonly address: string;
  readonly terminal: Terminal;
  readonly target: string;
  readonly onReload: () => void;
  readonly onQuit: () => void;
}

/** A telephone on the keys of the terminal. */
export interface TerminalPhone {
  call(): void;
  /** Hangs up and gives the keyboard back. */
  close(): Promise<void>;
}

export const phoneHelp = "keys: 0-9 * # into the call, c calls, h hangs up, r reloads, q quits";

export function createTerminalPhone(options: PhoneOptions): TerminalPhone {
  const { terminal, target } = options;
  const { outStyle: style } = terminal;
  let print = createTranscriptPrinter(style, terminal.out);
  const caller = startCallerThread(options.address, (message) => {
    switch (message.kind) {
      case "event":
        if (message.event.kind === "placed") print = createTranscriptPrinter(style, terminal.out);
        return print(message.event);
      case "no-call":
        return terminal.out(style.dim("there is no call; c calls"));
      case "failed":
        for (const line of formatReport(message.report, terminal.errStyle, terminal.verbose))
          terminal.err(line);
        return;
      case "outcome":
        return;
    }
  });
  const phone: TerminalPhone = {
    call: () => caller.tell({ kind: "call", target }),
    async close() {
      process.stdin.off("keypress", onKey);
      process.stdin.setRawMode?.(false);
      process.stdin.pause();
      await caller.close();
    },
  };

  const actions: Readonly<Record<string, () => void>> = {
    c: phone.call,
    h: () => caller.tell({ kind: "hangup" }),
    r: options.onReload,
    q: options.onQuit,
    "?": () => terminal.out(style.dim(phoneHelp)),
  };
  const onKey = (
    text: string | undefined,
    key: { readonly name?: string; readonly ctrl?: boolean },
  ): void => {
    // Raw mode takes Ctrl-C from the terminal; it goes the way that any Ctrl-C goes.
    if (key.ctrl && key.name === "c") process.kill(process.pid, "SIGINT");
    else if (key.ctrl && key.name === "d") options.onQuit();
    else if (text !== undefined && /^[0-9*#]$/.test(text)) caller.tell({ kind: "press", key: text });
    else if (text !== undefined && Object.hasOwn(actions, text)) actions[text]?.();
  };
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode?.(true);
  process.stdin.on("keypress", onKey);
  process.stdin.resume();
  return phone;
}
