import type { Yate } from "../../bus/index.ts";
import { keyOfPrompt } from "../calling/ear.ts";
import { answerMs, playScriptedCall } from "../calling/scripted-call.ts";
import { createTranscriptPrinter } from "../calling/transcript-line.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Places a call that presses keys and tells whether the caller heard a digit prompt for each of them, in order.
 * Resolves to the exit code.
 */
export async function playSample(
  yate: Yate,
  terminal: Terminal,
  call: { readonly target: string; readonly press: string; readonly signal: AbortSignal },
): Promise<number> {
  const { outStyle: style } = terminal;
  const outcome = await playScriptedCall(yate, {
    ...call,
    stayMs: answerMs,
    leaveWhenHeard: true,
    ringMs: 10_000,
    onEvent: createTranscriptPrinter(style, terminal.out),
  });
  if (outcome.kind === "not-answered") {
    terminal.out(style.red(`the sample call was not answered: ${outcome.reason}`));
    return 1;
  }
  const wanted = [...call.press].filter((key) => key !== ",").join(" ");
  const heard = outcome.heard
    .map(keyOfPrompt)
    .filter((key) => key !== undefined)
    .join(" ");
  if (heard === wanted) {
    terminal.out(style.green(`the caller pressed ${wanted || "nothing"} and heard ${heard || "no digits"}`));
    return 0;
  }
  terminal.out(
    style.red(
      `the caller pressed ${wanted} but heard ${outcome.heard.join(", ") || "nothing that is known"}`,
    ),
  );
  return 1;
}
