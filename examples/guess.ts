/**
 * guess: call `guess` and find the number from 1 to 100, in one minute. It says what is too high or too low, and counts.
 *
 *     npx yayts dev examples/guess.ts
 */
import { randomInt } from "node:crypto";
import { app, type Call, spoken } from "yayts";

export default app((yate) => yate.onCall("guess", (call) => guess(call, randomInt(1, 101))), {
  prompts: new URL("./sounds/", import.meta.url),
});

/** One game. */
export async function guess(call: Call, secret: number, limitMs = 60_000): Promise<void> {
  await call.answer();
  await call.play(["guess/welcome", spoken.duration(limitMs)], { bargeIn: true });

  const endsMs = Date.now() + limitMs;
  let prompt = "guess/your-guess";
  let tries = 0;
  while (Date.now() < endsMs) {
    const answer = await call.gather({ prompt, max: 3, firstDigitMs: Math.max(0, endsMs - Date.now()) });
    if (answer.kind === "hangup" || answer.kind === "failed") return;

    const number = Number(answer.digits);
    if (number === secret) {
      await call.play(["guess/correct", spoken.number(tries + 1), "goodbye"]);
      return;
    }
    const inRange = number >= 1 && number <= 100;
    if (inRange) tries++;
    prompt = !inRange ? "guess/not-in-range" : number < secret ? "guess/too-low" : "guess/too-high";
  }
  await call.play(["guess/time-is-up", spoken.number(secret), "goodbye"]);
}
