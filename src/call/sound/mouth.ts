import type { Signal, YaytsError } from "../../base/index.ts";

/** How a step of playing ended; `playedMs` is how much of it was heard, about. */
export type StepEnd =
  | { readonly kind: "completed" | "interrupted"; readonly playedMs: number }
  /** Another player took the leg's sound away. */
  | { readonly kind: "replaced"; readonly playedMs: number }
  | { readonly kind: "failed"; readonly error: YaytsError };

/** How to play one step. */
export interface StepOptions {
  /** Interrupts it when it fires. */
  readonly signal: Signal;
  readonly volumeDb: number;
  /** How much of it was heard before a pause. */
  readonly offsetMs: number;
  /** Again and again, without a gap, until it is interrupted. */
  readonly forever: boolean;
}

/** The end of nothing but time: a pause between prompts, or the length of a tone. */
export async function waitFor(
  clock: { monotonicMs(): number; after(delayMs: number, fn: () => void): { cancel(): void } },
  forMs: number,
  signal: Signal,
): Promise<StepEnd> {
  const startMs = clock.monotonicMs();
  const completed = await new Promise<boolean>((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = Number.isFinite(forMs) ? clock.after(forMs, () => finish(true)) : undefined;
    const interrupt = (): void => finish(false);
    const finish = (result: boolean): void => {
      timer?.cancel();
      signal.removeEventListener("abort", interrupt);
      resolve(result);
    };
    signal.addEventListener("abort", interrupt, { once: true });
  });
  return { kind: completed ? "completed" : "interrupted", playedMs: clock.monotonicMs() - startMs };
}
