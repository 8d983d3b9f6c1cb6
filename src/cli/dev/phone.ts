import { emitKeypressEvents } from "node:readline";
import type { Yate } from "../../bus/index.ts";
import { OutgoingCallError } from "../../flow/index.ts";
import { type ListeningCaller, placeListeningCaller } from "../calling/listening-caller.ts";
import { createTranscriptPrinter } from "../calling/transcript-line.ts";
import { printError } from "../errors/error-report.ts";
import type { Terminal } from "../terminal.ts";

export interface PhoneOptions {
  /** Its own connection to the engine. */
  readonly yate: Yate;
  readonly terminal: Terminal;
  readonly target: string;
  readonly onReload: () => void;
  readonly onQuit: () => void;
}

/** A telephone on the keys of the terminal. */
export interface TerminalPhone {
  call(): Promise<void>;
  /** Hangs up and gives the keyboard back. */
  close(): Promise<void>;
}

export const phoneHelp = "keys: 0-9 * # into the call, c calls, h hangs up, r reloads, q quits";

export function createTerminalPhone({
  yate,
  terminal,
  target,
  onReload,
  onQuit,
}: PhoneOptions): TerminalPhone {
  const { outStyle: style } = terminal;
  let current: ListeningCaller | undefined;
  let calls = 0;

  const phone: TerminalPhone = {
    async call() {
      await hangUp();
      const mine = ++calls;
      try {
        const listening = await placeListeningCaller(yate, target, {
          caller: "terminal",
          onEvent: createTranscriptPrinter(style, terminal.out),
        });
        if (mine !== calls) return void (await listening.caller.hangup());
        current = listening;
        const over = (): void => {
          if (current === listening) current = undefined;
        };
        listening.caller.answered.catch(() => {});
        listening.done.then(over, over);
      } catch (error) {
        if (!(error instanceof OutgoingCallError)) printError(terminal, error);
        terminal.out(style.dim(`${target} was not reached; c calls again`));
      }
    },
    async close() {
      process.stdin.off("keypress", onKey);
      process.stdin.setRawMode?.(false);
      process.stdin.pause();
      await hangUp();
    },
  };

  const hangUp = async (): Promise<void> => {
    calls++;
    const old = current;
    current = undefined;
    if (!old) return;
    await old.caller.hangup().catch(() => {});
    await old.done.catch(() => {});
  };

  const press = (key: string): void => {
    if (current) current.caller.press(key).catch((error: unknown) => printError(terminal, error));
    else terminal.out(style.dim("there is no call; c calls"));
  };

  const actions: Readonly<Record<string, () => void>> = {
    c: () => void phone.call(),
    h: () => void hangUp(),
    r: onReload,
    q: onQuit,
    "?": () => terminal.out(style.dim(phoneHelp)),
  };
  const onKey = (
    text: string | undefined,
    key: { readonly name?: string; readonly ctrl?: boolean },
  ): void => {
    // Raw mode takes Ctrl-C from the terminal; it goes the way that any Ctrl-C goes.
    if (key.ctrl && key.name === "c") process.kill(process.pid, "SIGINT");
    else if (key.ctrl && key.name === "d") onQuit();
    else if (text !== undefined && /^[0-9*#]$/.test(text)) press(text);
    else if (text !== undefined && Object.hasOwn(actions, text)) actions[text]?.();
  };
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode?.(true);
  process.stdin.on("keypress", onKey);
  process.stdin.resume();
  return phone;
}
