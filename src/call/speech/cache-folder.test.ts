import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { realClock } from "../../base/index.ts";
import { createCacheFolder } from "./cache-folder.ts";

const name = `${"0".repeat(32)}.slin`;
const limits = { maxBytes: 1_000_000, clock: realClock };

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "yayts-folder-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("without a folder of its own the cache is in XDG_CACHE_HOME", async (t) => {
  const home = temporary(t);
  const folder = createCacheFolder({ ...limits, folder: undefined, environment: { XDG_CACHE_HOME: home } });
  assert.equal(folder.path, undefined);
  assert.deepEqual(await folder.write(name, new Uint8Array(2)), { path: join(home, "yayts", name) });
  assert.equal(folder.path, join(home, "yayts"));
});

test("when that cannot be written, it is a new folder among the temporary files that everybody can enter", async (t) => {
  const file = join(temporary(t), "file");
  writeFileSync(file, "");
  const folder = createCacheFolder({ ...limits, folder: undefined, environment: { XDG_CACHE_HOME: file } });
  const written = await folder.write(name, new Uint8Array(2));
  t.after(() => rmSync(folder.path ?? "", { recursive: true }));
  assert.ok(!("kind" in written));
  const path = folder.path ?? "";
  assert.ok(path.startsWith(join(tmpdir(), "yayts-cache-")), path);
  assert.equal(statSync(path).mode & 0o777, 0o755);
});

test("a full disk is `disk-full`, and leaves nothing half written", {
  skip: existsSync("/dev/full") ? false : "this system has no /dev/full",
}, async (t) => {
  const path = temporary(t);
  // The kernel's own answer: every write to this device finds no space.
  const openFile = () => open("/dev/full", "w");
  const folder = createCacheFolder({ ...limits, folder: path, openFile });
  const outcome = await folder.write(name, new Uint8Array(2));
  assert.ok("kind" in outcome);
  assert.equal(outcome.reason, "disk-full");
  assert.match(outcome.text, /ENOSPC/);
  assert.deepEqual(readdirSync(path), []);
});

test("a file is found with its size, and counts as used from then on", async (t) => {
  const folder = createCacheFolder({ ...limits, folder: temporary(t) });
  assert.equal(await folder.find(name), undefined);
  await folder.write(name, new Uint8Array(7));
  const found = await folder.find(name);
  assert.equal(found?.bytes, 7);
});
