/**
 * survey: call `survey` and answer three questions: a rating, yes or no, and a comment. Each call is one JSON line in
 * `results.jsonl`, beside the recordings of the comments; who hangs up early has answered until then.
 *
 *     SURVEY_FOLDER=./survey npx yayts dev examples/survey.ts
 */
import { randomUUID } from "node:crypto";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { app, type Call } from "yayts";

const folder = process.env.SURVEY_FOLDER ?? "survey";

export default app((yate) => yate.onCall("survey", (call) => survey(call, folder)), {
  prompts: new URL("./sounds/", import.meta.url),
});

export async function survey(call: Call, folder: string): Promise<void> {
  const recording = join(folder, `${randomUUID()}.wav`);
  await call.answer();
  await call.play("survey/welcome");

  // After a hang-up every question ends at once, without an answer.
  const rating = await ask(call, "survey/rating", "12345");
  const again = await ask(call, "survey/again", "12");
  await call.play("survey/comment");
  const comment = await call.record({ to: recording, maxMs: 60_000, silenceMs: 5000 });

  await keep(folder, {
    at: new Date().toISOString(),
    from: call.from,
    rating: rating === undefined ? null : Number(rating),
    again: again === undefined ? null : again === "1",
    comment: comment.kind === "recorded" && comment.spoken ? recording : null,
  });
  await call.play(["thank-you", "goodbye"]);
}

/** The key that answers a question; undefined when the caller gives none in three tries. */
async function ask(call: Call, prompt: string, keys: string): Promise<string | undefined> {
  const answer = await call.gather({ prompt, keys, max: 1, retries: 2, invalidPrompt: "invalid" });
  return answer.kind === "digits" ? answer.digits : undefined;
}

/** What cannot be written, as on a full disk, goes to the log: the caller need not know. */
async function keep(folder: string, result: object): Promise<void> {
  const line = JSON.stringify(result);
  try {
    await mkdir(folder, { recursive: true });
    await appendFile(join(folder, "results.jsonl"), `${line}\n`);
  } catch (error) {
    console.error(`survey: a result is only here: ${line} (${error})`);
  }
}
