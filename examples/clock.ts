/**
 * clock: call `clock` and hear the date and the time, again every ten seconds. 1 is English, 2 Polish, at any time.
 *
 *     npx yayts dev examples/clock.ts
 *
 * CLOCK_TIME_ZONE is whose time it is, as in Europe/Warsaw; default this machine's.
 */
import { app, type Call, spoken } from "yayts";

const everyMs = 10_000;
const timeZone = process.env.CLOCK_TIME_ZONE;

export default app((yate) => yate.onCall("clock", clock), {
  prompts: new URL("./sounds/", import.meta.url),
});

async function clock(call: Call): Promise<void> {
  await call.answer();
  let answer = await call.gather({ prompt: ["en:clock/choose", "pl:clock/choose"], max: 1 });
  while (answer.kind !== "hangup") {
    if (answer.kind === "digits") call.language = answer.digits === "2" ? "pl" : "en";
    const now = new Date();
    await call.play([spoken.date(now, timeZone), spoken.time(now, timeZone)], { bargeIn: "12" });
    const leftMs = Math.max(0, now.getTime() + everyMs - Date.now());
    answer = await call.gather({ keys: "12", max: 1, firstDigitMs: leftMs });
  }
}
