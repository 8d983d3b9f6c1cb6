import { extname } from "node:path";
import { Worker } from "node:worker_threads";

/** How often the watched thread shows that it is free. */
const beatMs = 250;

/**
 * Watches this thread from another one, which can tell even while this one is in an endless loop, and say where. It also
 * ends the process when its parent has gone.
 */
export function startWatchdog(): void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const worker = new Worker(new URL(`watchdog-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: beats,
  });
  // Without it the app runs as well; it only could not tell an endless loop.
  worker.on("error", () => {});
  worker.unref();
}
