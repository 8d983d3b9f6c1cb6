import { keyOfPrompt } from "../calling/ear.ts";
import { answerMs, type CallOutcome } from "../calling/scripted-call.ts";
import { createTranscriptPrinter } from "../calling/transcript-line.ts";
import { formatReport } from "../errors/error-report.ts";
import type { Terminal } from "../terminal.ts";
import { type CallerThread, startCallerThread } from "./caller-thread.ts";

/** On a busy machine a prompt may be told late. */
const playingMs = 6000;

export interface Sample {
  /** Places the call; resolves to the exit code. */
  play(target: string, press: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * A call that presses keys and tells whether the caller heard a digit prompt for each of them, in order.
 * @param address where it finds the engine
 */
export function createSample(address: string, terminal: Terminal): Sample {
  const { outStyle: style } = terminal;
  const print = createTranscriptPrinter(style, terminal.out);
  const code = Promise.withResolvers<number>();
  let pressed = "";
  const thread: CallerThread = startCallerThread(address, (message) => {
    switch (message.kind) {
      case "event":
        return print(message.event);
      case "outcome":
        return code.resolve(judge(message.outcome, pressed));
      case "failed":
        for (const line of formatReport(message.report, terminal.errStyle, terminal.verbose))
          terminal.err(line);
        return code.resolve(1);
      case "no-call":
        return;
    }
  });
  const judge = (outcome: CallOutcome, press: string): number => {
    if (outcome.kind === "not-answered") {
      terminal.out(style.red(`the sample call was not answered: ${outcome.reason}`));
      return 1;
    }
    const wanted = [...press].filter((key) => key !== ",").join(" ");
    const heard = outcome.heard.map(keyOfPrompt).filter((key) => key !== undefined);
    if (heard.join(" ") === wanted) {
      terminal.out(
        style.green(`the caller pressed ${wanted || "nothing"} and heard ${wanted || "no digits"}`),
      );
      return 0;
    }
    const instead = outcome.heard.join(", ") || "nothing that is known";
    terminal.out(style.red(`the caller pressed ${wanted || "nothing"} but heard ${instead}`));
    return 1;
  };
  return {
    play(target, press) {
      pressed = press;
      const script = { target, press, stayMs: answerMs, leaveWhenHeard: true, playingMs, ringMs: 10_000 };
      thread.tell({ kind: "script", script });
      return code.promise;
    },
    close: () => thread.close(),
  };
}
