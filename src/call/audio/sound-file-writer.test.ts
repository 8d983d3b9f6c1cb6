import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readSoundHeader, soundFileKind } from "yayts/media";
import { YaytsError } from "../../base/index.ts";
import { openSoundFile, type SoundFileWriter } from "./sound-file-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "yayts-writer-"));
after(() => rmSync(folder, { recursive: true }));

const frame = (i: number): Int16Array => new Int16Array(160).fill((i % 50) * 300);

async function opened(path: string, stereo = false): Promise<SoundFileWriter> {
  const file = await openSoundFile(path, stereo, () => {});
  assert.ok(!(file instanceof YaytsError), String(file));
  return file;
}

for (const ending of ["wav", "au", "slin", "alaw", "mulaw", "gsm"]) {
  test(`a .${ending} file has the length it tells, trimmed or not`, async () => {
    for (const trimMs of [0, 500]) {
      const path = join(folder, `new/folder/of${trimMs}.${ending}`);
      const file = await opened(path);
      for (let i = 0; i < 300; i++) file.write(frame(i));
      const end = await file.finish(trimMs);
      assert.deepEqual(end, { savedMs: 6000 - trimMs });
      assert.deepEqual(await file.finish(0), end, "once is enough");
      const bytes = readFileSync(path);
      const kind = soundFileKind(path);
      assert.ok(kind);
      const header = readSoundHeader(kind, bytes, true);
      assert.ok(header.kind === "sound");
      const { frameBytes, frameMs } = header.format;
      const soundMs = ((bytes.length - header.dataOffset) / frameBytes) * frameMs;
      assert.ok(Math.abs(soundMs - (6000 - trimMs)) < 1, `${soundMs} ms`);
      if (kind.container !== "raw") assert.equal(header.dataLength, bytes.length - header.dataOffset);
    }
  });
}

test("places that cannot be written, endings without encoder and stereo where there is none are told", async () => {
  writeFileSync(join(folder, "plain"), "");
  const cases = [
    [join(folder, "plain/x.wav"), false, "file-failed"],
    [folder, false, "file-failed"],
    ["/proc/nowhere/x.wav", false, "file-failed"],
    [join(folder, "x.g729"), false, "no-media"],
    [join(folder, "x.gsm"), true, "no-media"],
  ] as const;
  for (const [path, stereo, code] of cases) {
    const file = await openSoundFile(path, stereo, () => {});
    assert.ok(file instanceof YaytsError && file.code === code, `${path}: ${file}`);
  }
});

test("a disk that is full from the first byte on is a failure, told at the end", async () => {
  const file = await openSoundFile("/dev/full", false, () => {});
  assert.ok(!(file instanceof YaytsError));
  for (let i = 0; i < 10; i++) file.write(frame(i));
  const end = await file.finish(0);
  assert.ok(end.error?.code === "file-failed");
  assert.match(end.error.message, /ENOSPC/);
  assert.equal(end.savedMs, 0);
});

test("a file that may not grow any more is kept, and is valid up to there", () => {
  const path = join(folder, "limited.wav");
  const program = `
    import { openSoundFile } from ${JSON.stringify(new URL("./sound-file-writer.ts", import.meta.url).href)};
    let told = 0;
    const file = await openSoundFile(${JSON.stringify(path)}, false, () => told++);
    for (let i = 0; i < 1000; i++) {
      file.write(new Int16Array(160).fill(1000));
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const end = await file.finish(0);
    process.stdout.write(JSON.stringify({ savedMs: end.savedMs, code: end.error?.code, told }));
  `;
  const script = join(folder, "limited.ts");
  writeFileSync(script, program);
  // 100 blocks of 512 bytes.
  const command = `ulimit -f 100; exec "$0" --conditions=yayts-source "$1"`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command, process.execPath, script], { encoding: "utf8" });
  assert.ok(stdout, stderr);
  const { savedMs, code, told } = JSON.parse(stdout);
  assert.deepEqual([code, told], ["file-failed", 1]);
  const { size } = statSync(path);
  assert.ok(size > 40_000, String(size));
  const bytes = readFileSync(path);
  const kind = soundFileKind(path);
  assert.ok(kind);
  const header = readSoundHeader(kind, bytes, true);
  assert.ok(header.kind === "sound");
  assert.equal(header.dataLength, size - 44);
  assert.equal(savedMs, Math.round((size - 44) / 16));
});
