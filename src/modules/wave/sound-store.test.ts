import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSoundStore, type OpenedSound } from "./sound-store.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-store-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function taken(opened: OpenedSound, size: number): Uint8Array | string {
  return opened.kind === "sound" ? opened.reader.take(size) : opened.reason;
}

test("a file that changed is read anew, one that did not is not", () =>
  withFolder(async (folder) => {
    const path = join(folder, "x.slin");
    const store = createSoundStore();
    await writeFile(path, "ab");
    await utimes(path, 1, 1);
    assert.deepEqual(taken(await store.open([path], false), 2), Uint8Array.from([97, 98]));
    await writeFile(path, "cd");
    await utimes(path, 1, 1);
    assert.deepEqual(
      taken(await store.open([path], false), 2),
      Uint8Array.from([97, 98]),
      "same size and time",
    );
    await utimes(path, 2, 2);
    assert.deepEqual(taken(await store.open([path], false), 2), Uint8Array.from([99, 100]));
  }));

test("what is remembered stays within its limit, the least recently used goes first", () =>
  withFolder(async (folder) => {
    const store = createSoundStore({ cacheBytes: 250 });
    const paths = ["a", "b", "c"].map((name) => join(folder, name));
    const [a = "", b = "", c = ""] = paths;
    for (const path of paths) await writeFile(path, new Uint8Array(100));
    await store.open([a], false);
    await store.open([b], false);
    await store.open([a], false);
    await store.open([c], false);
    assert.equal(store.cachedBytes, 200);
    await store.open([a], false);
    await store.open([c], false);
    assert.equal(store.cachedBytes, 200);
  }));

test("many that open the same file at once share one reading", () =>
  withFolder(async (folder) => {
    const path = join(folder, "x");
    await writeFile(path, new Uint8Array(1000));
    const store = createSoundStore();
    const opened = await Promise.all(Array.from({ length: 100 }, () => store.open([path], false)));
    assert.ok(opened.every((one) => one.kind === "sound" && one.reader.take(1000).length === 1000));
    assert.equal(store.cachedBytes, 1000);
  }));

test("the first candidate that exists counts, even when it cannot be played", () =>
  withFolder(async (folder) => {
    const store = createSoundStore();
    await writeFile(join(folder, "good.slin"), "ab");
    const good = join(folder, "good.slin");
    assert.equal((await store.open([join(folder, "none"), join(good, "under"), good], false)).kind, "sound");
    const bad = await store.open([folder, good], false);
    assert.deepEqual(bad, { kind: "failed", reason: `${folder}: it is a folder` });
    const none = await store.open([join(folder, "none")], false);
    assert.ok(none.kind === "failed" && none.reason.includes(join(folder, "none")));
  }));
