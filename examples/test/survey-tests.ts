import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it, mock } from "node:test";
import { sleep } from "yayts";
import { identify } from "yayts/media";
import { type Caller, decodeSound, loadPrompts } from "yayts/testing";
import surveyApp, { survey } from "../survey.ts";
import { describeExample } from "./stage.ts";
import type { Subject } from "./subject.ts";

async function resultsIn(folder: string): Promise<Record<string, unknown>[]> {
  const lines = await readFile(join(folder, "results.jsonl"), "utf8").catch(() => "");
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Answers the two questions by keys, each into its prompt. */
async function pressAnswers(caller: Caller): Promise<void> {
  await caller.hears("survey/en/welcome");
  await caller.press("4");
  await caller.press("1", { gapMs: 600 });
  await caller.hears("survey/en/comment", { timeoutMs: 10_000 });
}

export function surveyTests(title: string, start: () => Promise<Subject>): void {
  let folder = "";
  describeExample(`survey on ${title}`, start, surveyApp, (stage) => {
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-survey-"));
      for (const name of ["whole", "early"])
        stage.app.onCall(`survey-${name}`, (call) => survey(call, join(folder, name)));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it("keeps the answers of a call as one line, and what was said as a sound", async () => {
      await using caller = await stage.call("survey-whole");
      await pressAnswers(caller);
      await caller.hears("beep");
      // Several times: of what a busy machine records, one that is whole is enough.
      for (let i = 0; i < 3; i++) await caller.say("./sounds/digits/en/4.gsm");
      await caller.press("#");
      await caller.hears("en/goodbye");
      await caller.ended;

      const [result, ...more] = await resultsIn(join(folder, "whole"));
      assert.deepEqual(more, []);
      const { at, comment, ...answers } = result ?? {};
      assert.deepEqual(answers, { from: "4711", rating: 4, again: true });
      assert.ok(Math.abs(Date.now() - Date.parse(String(at))) < 20_000, String(at));
      const sound = decodeSound(String(comment), await readFile(String(comment)));
      const heard = identify(sound, await loadPrompts()).map(({ name }) => name);
      assert.ok(heard.includes("digits/en/4"), heard.join(" "));
    });

    it("keeps what was answered before a hang-up, and asks again after a key that is none", async () => {
      const caller = await stage.call("survey-early");
      await caller.hears("survey/en/welcome");
      await caller.press("7");
      await caller.hears("en/invalid");
      await caller.press("2");
      await caller.hears("survey/en/again", { timeoutMs: 10_000 });
      await caller.hangup();
      const [result] = await eventually(() => resultsIn(join(folder, "early")));
      const { at: _, ...answers } = result ?? {};
      assert.deepEqual(answers, { from: "4711", rating: 2, again: null, comment: null });
    });

    it("goes on to its end when nothing can be written, and prints the answers", {
      skip: existsSync("/dev/full") ? false : "no /dev/full",
    }, async () => {
      await mkdir(join(folder, "full"));
      await symlink("/dev/full", join(folder, "full", "results.jsonl"));
      const places = { full: "ENOSPC", "full/results.jsonl/below": "ENOTDIR" };
      const printed = mock.method(console, "error", () => {});
      try {
        for (const [i, [place, code]] of Object.entries(places).entries()) {
          stage.app.onCall(`survey-full-${i}`, (call) => survey(call, join(folder, place)));
          await using caller = await stage.call(`survey-full-${i}`);
          await pressAnswers(caller);
          if (code === "ENOSPC") await caller.press("#");
          await caller.hears("en/goodbye");
          const [line] = printed.mock.calls
            .map(({ arguments: [text] }) => String(text))
            .filter((text) => text.startsWith("survey:"))
            .slice(i);
          assert.match(line ?? "", new RegExp(`"rating":4,"again":true,.*${code}`));
        }
      } finally {
        printed.mock.restore();
      }
    });
  });
}

/** What there is as soon as there is any, within five seconds. */
async function eventually<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (let tries = 0; tries < 50; tries++) {
    const found = await look();
    if (found.length > 0) return found;
    await sleep(100);
  }
  return [];
}
