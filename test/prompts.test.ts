import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { prompts } from "../scripts/prompt-texts.mjs";

const folder: URL = new URL("../sounds/", import.meta.url);
const FRAME_BYTES = 33;
const FRAME_SECONDS = 0.02;

function read(id: string): Buffer {
  // Not new URL(id, folder): the key # would begin a fragment.
  return readFileSync(new URL(`${encodeURIComponent(id)}.gsm`.replaceAll("%2F", "/"), folder));
}

for (const { id, text } of prompts) {
  test(`prompt ${id} ("${text}") is whole GSM 06.10 frames and lasts between 0.15 and 8 s`, () => {
    const gsm = read(id);
    assert.equal(gsm.length % FRAME_BYTES, 0, "a whole number of frames");
    for (let at = 0; at < gsm.length; at += FRAME_BYTES)
      assert.equal(gsm.readUInt8(at) >> 4, 0xd, `signature of the frame at byte ${at}`);
    const seconds = (gsm.length / FRAME_BYTES) * FRAME_SECONDS;
    assert.ok(seconds >= 0.15 && seconds <= 8, `${seconds} s`);
  });
}

test("sounds/ holds the prompts of the table and nothing else, in at most 400 kB", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".gsm"));
  assert.deepEqual(files.toSorted(), prompts.map(({ id }) => `${id}.gsm`).toSorted());
  const bytes = prompts.reduce((sum, { id }) => sum + read(id).length, 0);
  assert.ok(bytes <= 400_000, `${bytes} bytes`);
});

for (const language of ["en", "pl"]) {
  test(`every key has its own sound in ${language}`, () => {
    const sound = (key: string): string => read(`digits/${language}/${key}`).toString("latin1");
    assert.equal(new Set([..."0123456789", "star", "pound"].map(sound)).size, 12);
  });
}
