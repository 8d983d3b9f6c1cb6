import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSoundCache, spokenText, type Voice } from "./index.ts";

/** A voice that says a text as its character codes. */
function spelling(): Voice & { readonly heard: string[] } {
  const heard: string[] = [];
  const voice: Voice = async (text, { language, voice: name }) => {
    heard.push(`${text} ${language} ${name}`);
    return { samples: Int16Array.from(text, (character) => character.charCodeAt(0)), rateHz: 8000 };
  };
  return Object.assign(voice, { heard });
}

test("a text is spoken once for each voice, language and name, and by a voice of one's own", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "yayts-spoken-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const cache = createSoundCache({ folder });
  const speaker = spelling();
  for (const options of [{}, { language: "en" }, { language: "pl" }, { voice: "anna" }, {}]) {
    const spoken = await cache.samplesOf(spokenText("ab", { speaker, ...options }));
    assert.ok(spoken.kind === "samples");
    assert.deepEqual([...spoken.samples], [97, 98]);
  }
  await cache.samplesOf(spokenText("abc", { speaker }));
  assert.deepEqual(speaker.heard, ["ab en undefined", "ab pl undefined", "ab en anna", "abc en undefined"]);

  const other = spelling();
  await cache.samplesOf(spokenText("ab", { speaker: other }));
  assert.equal(other.heard.length, 1, "another voice is not taken for this one");
});

test("a voice with an id is known again by the next program", () => {
  const named = (id: string): Voice => Object.assign(spelling(), { id });
  assert.equal(spokenText("a", { speaker: named("x") }).key, spokenText("a", { speaker: named("x") }).key);
  assert.notEqual(spokenText("a", { speaker: named("x") }).key, spokenText("a", { speaker: named("y") }).key);
  assert.notEqual(spokenText("a", { speaker: spelling() }).key, spokenText("a", { speaker: spelling() }).key);
});
