import type { TranscriptEvent } from "../calling/listening-caller.ts";
import type { CallOutcome, ScriptedCallOptions } from "../calling/scripted-call.ts";
import type { ErrorReport } from "../errors/error-report.ts";

/** A scripted call as it can be told to another thread. */
export type CallScript = Omit<ScriptedCallOptions, "onEvent" | "signal">;

/** What the caller's thread is told. */
export type ToCaller =
  | { readonly kind: "script"; readonly script: CallScript }
  | { readonly kind: "call"; readonly target: string }
  | { readonly kind: "press"; readonly key: string }
  | { readonly kind: "hangup" }
  /** Hang up, say goodbye to the engine, and end. */
  | { readonly kind: "close" };

/** What it tells. */
export type FromCaller =
  | { readonly kind: "event"; readonly event: TranscriptEvent }
  | { readonly kind: "outcome"; readonly outcome: CallOutcome }
  /** A key was pressed while there was no call. */
  | { readonly kind: "no-call" }
  | { readonly kind: "failed"; readonly report: ErrorReport };
