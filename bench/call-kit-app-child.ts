/** A menu on an engine elsewhere; it tells what it spent between `begin` and `end`. */
import { withCalls } from "../src/call/index.ts";
import { connect } from "../src/client/index.ts";
import type { AppMeasured } from "./call-kit.ts";

const app = withCalls(await connect(process.argv[2] ?? ""));
let events = 0;
app.onCall("menu", async (call) => {
  await call.answer();
  for (;;) {
    const entered = await call.gather({ prompt: "en/welcome", min: 1, max: 1, firstDigitMs: 60_000 });
    if (entered.kind === "hangup") return;
    events++;
  }
});
await app.setlocal("engine.version");
let before = process.cpuUsage();
process.on("message", ({ kind }: { kind: "begin" | "end" }) => {
  const { user, system } = process.cpuUsage(before);
  const measured: AppMeasured = { events, cpuMs: (user + system) / 1000 };
  if (kind === "begin") {
    before = process.cpuUsage();
    events = 0;
  }
  process.send?.(measured);
});
process.on("disconnect", () => app.abort());
process.send?.("ready");
