/**
 * The app of the benchmarks of the console: `console-load-child.ts ADDRESS`. Asked for a number of calls a second it makes them from then on: each is
 * routed here, hears a tone, presses keys, and ends. 0 ends all.
 */
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "yayts/client";

const [, , address = ""] = process.argv;
const yate = await connect(address);
const lifeMs = 1000;
const keys = "12345";
yate.handle("call.route", { filter: { called: "bench" } }, () => "tone/dial");

async function call(): Promise<void> {
  const made = await yate
    .msg("call.execute", { callto: "dumb/", target: "bench", caller: "100", callername: "Bench" })
    .dispatch();
  const id = made.params.get("id") ?? "";
  for (const text of keys) {
    await delay(lifeMs / keys.length);
    await yate.msg("chan.masquerade", { id, message: "chan.dtmf", text }).dispatch();
  }
  await yate.msg("call.drop", { id }).dispatch();
}

let timer: NodeJS.Timeout | undefined;
process.on("message", (perSecond) => {
  clearInterval(timer);
  if (typeof perSecond === "number" && perSecond > 0)
    timer = setInterval(() => void call(), 1000 / perSecond);
  process.send?.("done");
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
