import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AppMeter } from "../../trace/index.ts";

/** How often the thread is looked at. */
const everyMs = 20;

/** Figures of this process and its main thread. */
export function createProcessMeter(): AppMeter {
  const delays = monitorEventLoopDelay({ resolution: everyMs });
  delays.enable();
  let cpu = process.cpuUsage();
  let atMs = performance.now();
  return {
    read() {
      const used = process.cpuUsage(cpu);
      const nowMs = performance.now();
      const passedMs = Math.max(1, nowMs - atMs);
      cpu = process.cpuUsage();
      atMs = nowMs;
      // What is measured is the time from one look to the next.
      const worstLagMs = delays.count > 0 ? Math.max(0, delays.max / 1e6 - everyMs) : undefined;
      delays.reset();
      return {
        cpu: (used.user + used.system) / 1000 / passedMs,
        memoryBytes: process.memoryUsage.rss(),
        worstLagMs,
      };
    },
    close: () => void delays.disable(),
  };
}
