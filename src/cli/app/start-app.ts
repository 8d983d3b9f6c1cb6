import type { App, Yate } from "../../bus/index.ts";

/** Something of the app that nobody caught. */
export type OnCrash = (error: unknown) => void;

/** How long an app may go on with its preparations until it counts as started. */
const settleMs = 150;

/**
 * Starts an app. Resolves when it has started: what it returned is settled, or lives on while its first waits and
 * handlers are with the engine. Rejects when it fails until then; a later failure is a crash.
 */
export async function startApp(app: App, yate: Yate, onCrash: OnCrash): Promise<void> {
  let started = false;
  const running = (async () => app.start(yate))();
  const failed = new Promise<never>((_, reject) => {
    running.catch((error: unknown) => (started ? onCrash(error) : reject(error)));
  });
  failed.catch(() => {});
  await Promise.race([running, failed, new Promise((resolve) => setTimeout(resolve, settleMs).unref())]);
  // Installs are answered in order: when this is, they are.
  await Promise.race([yate.setlocal("runid"), failed]);
  started = true;
}

/** Hears of every error that the app lets go. */
export function onUncaught(onCrash: OnCrash): void {
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
}
