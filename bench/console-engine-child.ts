/** The engine of `bench/console.ts`, in a process of its own: `console-engine-child.ts SOCKET`. Answers each question with its figures. */
import { createEngine } from "../src/modules/index.ts";
import type { EngineFigures } from "./console.ts";

const [, , path = ""] = process.argv;
const { engine, stop } = await createEngine({
  extmodule: { listeners: [{ name: "bench", type: "unix", path, role: "global" }] },
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const figures: EngineFigures = {
    cpuMs: (user + system) / 1000,
    atMs: performance.now(),
    dispatched: engine.kernel.figures.dispatched,
  };
  process.send?.(figures);
});
process.on("disconnect", () => void stop());
process.send?.("ready");
