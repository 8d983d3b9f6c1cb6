/** What Ctrl-C and SIGTERM do while a command runs. */
export interface Interrupt {
  /** Fires at the first of them. */
  readonly signal: AbortSignal;
  /** Resolves at the first of them. */
  readonly asked: Promise<void>;
  /** Gives the signals back to Node. */
  [Symbol.dispose](): void;
}

/** Exit code of a program that a second Ctrl-C ended: 128 + SIGINT. */
const atOnce = 130;

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) asks to end, the second ends the process at once.
 * @param now called before the process ends at once
 */
export function onInterrupt(now?: () => void): Interrupt {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve()));
  const obey = (): void => {
    if (controller.signal.aborted) {
      now?.();
      process.exit(atOnce);
    }
    controller.abort();
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, obey);
  return {
    signal: controller.signal,
    asked,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, obey);
    },
  };
}
