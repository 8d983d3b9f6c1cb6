/**
 * reminders: calls everybody on a list, says the appointment and asks: 1 confirms, 2 cancels, 3 wants to be called later.
 * Calls again who is busy or does not answer, and prints a report at the end.
 *
 *     REMINDERS=./reminders.csv npx yayts run examples/reminders.ts --yate tcp://pbx:5039
 *
 * The list has a line for each: `0048123456789,2026-12-01T14:30`. REMINDERS_AT_ONCE (2) is how many are called at the same
 * time, REMINDERS_ROUNDS (3) how often the list is gone through, with REMINDERS_PAUSE_S (300) seconds between.
 */
import { readFile } from "node:fs/promises";
import { app, sleep, spoken, type YateWithCalls } from "yayts";

interface Appointment {
  readonly number: string;
  readonly at: Date;
}

export default app(
  async (yate) => {
    const {
      REMINDERS = "reminders.csv",
      REMINDERS_AT_ONCE,
      REMINDERS_ROUNDS,
      REMINDERS_PAUSE_S,
    } = process.env;
    const list = readList(await readFile(REMINDERS, "utf8"));
    const results = await remindAll(yate, list, {
      atOnce: Number(REMINDERS_AT_ONCE) || 2,
      rounds: Number(REMINDERS_ROUNDS) || 3,
      pauseMs: Number(REMINDERS_PAUSE_S ?? 300) * 1000,
    });
    for (const one of list) console.log(`${one.number}, ${one.at.toLocaleString()}: ${results.get(one)}`);
    const confirmed = [...results.values()].filter((result) => result === "confirmed").length;
    console.log(`${confirmed} of ${list.length} confirmed`);
  },
  { prompts: new URL("./sounds/", import.meta.url) },
);

/** One call: what was chosen, or why nothing was. */
async function remind(yate: YateWithCalls, { number, at }: Appointment) {
  const outcome = await yate.call(number, { from: process.env.REMINDERS_FROM, timeoutMs: 30_000 });
  if (outcome.kind !== "answered") return outcome.kind;
  const { call } = outcome;
  const answer = await call.menu({
    prompt: ["reminders/hello", spoken.date(at), spoken.time(at), "reminders/choices"],
    invalidPrompt: "invalid",
    choices: { 1: "confirmed", 2: "called-off", 3: "later" },
  });
  if (answer.kind === "choice") await call.play([`reminders/${answer.choice}`, "goodbye"]);
  await call.hangup();
  return answer.kind === "choice" ? answer.choice : answer.kind;
}

type Result = Awaited<ReturnType<typeof remind>>;

/** Goes through the list, `atOnce` calls at a time, then again through those who are still to be called. */
export async function remindAll(
  yate: YateWithCalls,
  list: readonly Appointment[],
  { atOnce, rounds, pauseMs }: { readonly atOnce: number; readonly rounds: number; readonly pauseMs: number },
): Promise<Map<Appointment, Result>> {
  const results = new Map<Appointment, Result>();
  let open = [...list];
  for (let round = 1; open.length > 0 && round <= rounds; round++) {
    if (round > 1) await sleep(pauseMs);
    const waiting = [...open];
    const callInTurn = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        results.set(next, await remind(yate, next));
    };
    await Promise.all(Array.from({ length: atOnce }, callInTurn));
    open = open.filter((one) => ["busy", "noanswer", "later"].includes(results.get(one) ?? ""));
  }
  return results;
}

/** Throws when a line is wrong, before anybody is called. */
export function readList(text: string): Appointment[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [number = "", when = ""] = line.split(",").map((field) => field.trim());
    const at = new Date(when);
    if (number && !Number.isNaN(at.getTime())) return { number, at };
    throw new Error(`not a number and a time, as in 100,2026-12-01T14:30: ${line}`);
  });
}
