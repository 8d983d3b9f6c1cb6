import assert from "node:assert/strict";
import { access, readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { createMediaBench, type MediaBench, ramp } from "../../../test/media-bench.ts";
import {
  bytesOf,
  parseFormat,
  readSoundHeader,
  samplesOf,
  slinToMulaw,
  soundFileKind,
} from "../../media/index.ts";

/** Records to `name` one play of `sound` (raw, with that ending) and ends the recording. */
async function record(
  bench: MediaBench,
  name: string,
  sound: Uint8Array,
  { ending = "slin", ...params }: Record<string, string | boolean | number> = {},
): Promise<Buffer> {
  const [listener, player] = await bench.pair();
  const file = await bench.file(`in.${ending}`, sound);
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path(name)}`, ...params });
  await bench.as(player, "chan.attach", { source: `wave/play/${file}` });
  await bench.pass(5000);
  await bench.as(listener, "chan.attach", { consumer: "-" });
  await bench.send("call.drop", { id: listener });
  return readFile(bench.path(name));
}

function sound(
  name: string,
  file: Uint8Array,
): { format: string; offset: number; length: number | undefined } {
  const kind = soundFileKind(name);
  const header = kind && readSoundHeader(kind, file, true);
  assert.ok(header?.kind === "sound", name);
  return { format: header.format.name, offset: header.dataOffset, length: header.dataLength };
}

test("a recording is made in the format that its ending tells", async () => {
  await using bench = await createMediaBench();
  const samples = ramp(1600, 3000);
  const mulaw = slinToMulaw(samples);
  assert.deepEqual(Uint8Array.from(await record(bench, "a.slin", bytesOf(samples))), bytesOf(samples));
  assert.deepEqual(Uint8Array.from(await record(bench, "a.raw", bytesOf(samples))), bytesOf(samples));
  assert.deepEqual(Uint8Array.from(await record(bench, "a.mulaw", bytesOf(samples))), mulaw);
  assert.deepEqual(Uint8Array.from(await record(bench, "b.u", mulaw, { ending: "mulaw" })), mulaw);
  assert.equal((await record(bench, "a.gsm", bytesOf(samples))).length, 330);
  assert.equal((await record(bench, "a.2slin", bytesOf(samples))).length, 6400);
});

test("all that was heard is in the file within half a second, though the recorder goes on", async () => {
  await using bench = await createMediaBench();
  const samples = ramp(1600, 3000);
  const [listener, player] = await bench.pair();
  const file = await bench.file("in.slin", bytesOf(samples));
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path("a.slin")}` });
  await bench.as(player, "chan.attach", { source: `wave/play/${file}` });
  await bench.pass(200 + 500);
  assert.deepEqual(Uint8Array.from(await readFile(bench.path("a.slin"))), bytesOf(samples));
});

test("with flush each block is in the file as it comes, for who tells pauses by how the file grows", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  const file = await bench.file("in.slin", bytesOf(ramp(8000, 3000)));
  const consumer = `wave/record/${bench.path("a.slin")}`;
  await bench.as(listener, "chan.attach", { consumer, flush: true });
  await bench.as(player, "chan.attach", { source: `wave/play/${file}` });
  await bench.pass(200);
  const { size } = await stat(bench.path("a.slin"));
  assert.ok(size >= 2880 && size <= 3520, `${size} bytes after 200 ms`);
});

test("an .au file has a 32-byte header with the true size, big-endian samples, and the source's own codec", async () => {
  await using bench = await createMediaBench();
  const samples = ramp(1600);
  const linear = await record(bench, "a.au", bytesOf(samples));
  assert.equal(linear.subarray(0, 4).toString(), ".snd");
  assert.deepEqual(
    [4, 8, 12, 16, 20].map((at) => linear.readUInt32BE(at)),
    [32, 3200, 3, 8000, 1],
  );
  assert.equal(linear.readInt16BE(32), 1);
  assert.equal(linear.readInt16BE(34), 2);
  const mulaw = await record(bench, "b.au", slinToMulaw(samples), { ending: "mulaw" });
  assert.deepEqual([mulaw.readUInt32BE(12), mulaw.readUInt32BE(8), mulaw.length], [1, 1600, 1632]);
  const forced = await record(bench, "c.au", bytesOf(samples), { format: "mulaw" });
  assert.deepEqual([forced.readUInt32BE(12), forced.readUInt32BE(8)], [1, 1600]);
});

test("a .wav file is a real one, of linear sound unless told otherwise", async () => {
  await using bench = await createMediaBench();
  const samples = ramp(1600);
  const linear = await record(bench, "a.wav", bytesOf(samples));
  assert.deepEqual(sound("a.wav", linear), { format: "slin", offset: 44, length: 3200 });
  assert.equal(linear.readUInt32LE(4), linear.length - 8);
  assert.deepEqual(samplesOf(Uint8Array.from(linear.subarray(44))), samples);
  assert.equal(
    sound("b.wav", await record(bench, "b.wav", slinToMulaw(samples), { ending: "mulaw" })).format,
    "slin",
  );
  assert.equal(
    sound("c.wav", await record(bench, "c.wav", bytesOf(samples), { format: "alaw" })).format,
    "alaw",
  );
  assert.equal(
    sound("d.wav", await record(bench, "d.wav", bytesOf(samples), { format: "gsm" })).format,
    "gsm",
  );
});

test("a new file is private and replaces what was there", async () => {
  await using bench = await createMediaBench();
  await bench.file("old.slin", new Uint8Array(99_999));
  assert.equal((await record(bench, "old.slin", bytesOf(ramp(160)))).length, 320);
  await record(bench, "new.slin", bytesOf(ramp(160)));
  assert.equal((await stat(bench.path("new.slin"))).mode & 0o777, 0o600);
});

test("append goes on at the end, and keeps the header of .au and .wav right", async () => {
  for (const name of ["x.slin", "x.au", "x.wav"]) {
    await using bench = await createMediaBench();
    await record(bench, name, bytesOf(ramp(800)));
    const twice = await record(bench, name, bytesOf(ramp(800, 801)), { append: true });
    const { format, offset, length } = sound(name, twice);
    assert.equal(format, "slin", name);
    assert.equal(twice.length, offset + 3200, name);
    if (offset > 0) assert.equal(length, 3200, name);
    const data = Buffer.from(twice.subarray(offset));
    if (name.endsWith(".au")) data.swap16();
    assert.deepEqual(samplesOf(Uint8Array.from(data)), ramp(1600), name);
  }
});

test("append to a file of another format keeps that format", async () => {
  await using bench = await createMediaBench();
  await record(bench, "x.wav", bytesOf(ramp(800)), { format: "alaw" });
  const twice = await record(bench, "x.wav", bytesOf(ramp(800)), { append: true });
  assert.equal(sound("x.wav", twice).format, "alaw");
  assert.equal(sound("x.wav", twice).length, 1600);
  assert.equal(parseFormat("alaw")?.unitBytes, 1);
});

test("with notify a recorder that is full stops, tells it, and the call goes on", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  await bench.as(player, "chan.attach", { source: "tone/dial" });
  const consumer = `wave/record/${bench.path("out.slin")}`;
  await bench.as(listener, "chan.attach", { consumer, maxlen: 4000, notify: "full" });
  await bench.pass(2000);
  assert.deepEqual(bench.all("chan.notify"), [{ id: listener, targetid: "full", reason: "maxlen" }]);
  assert.equal((await readFile(bench.path("out.slin"))).length, 4160, "over by less than a block");
  assert.deepEqual(bench.all("chan.disconnected"), []);
});

test("without notify a recorder that is full disconnects its channel", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  await bench.as(player, "chan.attach", { source: "tone/dial" });
  await bench.as(listener, "chan.attach", { consumer: "wave/record/-", maxlen: 4000 });
  await bench.pass(2000);
  const [gone] = bench.all("chan.disconnected");
  assert.deepEqual([gone?.id, gone?.reason], [player, undefined]);
  assert.deepEqual(bench.all("chan.notify"), []);
});

test("a recorder to nowhere is a timer: so many bytes of sound, and none without sound", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  await bench.as(listener, "chan.attach", { consumer: "wave/record/-", maxlen: 16_000, notify: "timer" });
  await bench.pass(10_000);
  assert.deepEqual(bench.all("chan.notify"), []);
  await bench.as(player, "chan.attach", { source: "wave/play/-" });
  await bench.clock.advance(979);
  assert.deepEqual(bench.all("chan.notify"), []);
  await bench.pass(21);
  assert.equal(bench.all("chan.notify")[0]?.targetid, "timer");
});

test("a call to a recorder records until maxlen, then it is disconnected", async () => {
  await using bench = await createMediaBench();
  const call = await bench.send("call.execute", {
    callto: "dumb/",
    target: "x",
    direct: `wave/record/${bench.path("out.slin")}`,
    copyparams: "maxlen,notify",
    maxlen: 3200,
    notify: "unused",
  });
  assert.equal(call.handled, true);
  await bench.as(call.params.id ?? "", "chan.attach", { source: "tone/dial" });
  await bench.pass(1000);
  const [gone] = bench.all("chan.disconnected");
  assert.deepEqual([gone?.id, gone?.reason], [call.params.id, undefined]);
  assert.deepEqual(bench.all("chan.notify"), []);
  assert.equal((await readFile(bench.path("out.slin"))).length, 3200);
});

test("chan.record records what a channel sends and what it hears, across replacements of sources and peers", async () => {
  await using bench = await createMediaBench();
  const [one, other] = await bench.pair();
  const play = async (id: string, name: string, from: number): Promise<void> => {
    const file = await bench.file(name, bytesOf(ramp(160, from)));
    await bench.as(id, "chan.attach", { source: `wave/play/${file}` });
    await bench.pass(100);
  };
  const started = await bench.as(one, "chan.record", {
    call: `wave/record/${bench.path("call.slin")}`,
    peer: `wave/record/${bench.path("peer.slin")}`,
  });
  assert.equal(started.handled, true);
  assert.ok(started.params.call);
  await play(one, "a.slin", 1);
  await play(other, "b.slin", 1001);
  await play(one, "c.slin", 161);
  const [third] = await bench.pair();
  await bench.send("chan.connect", { id: one, targetid: third });
  await play(third ?? "", "d.slin", 1161);
  const half = await bench.as(one, "chan.record", { call: "-" });
  assert.equal(half.handled, false);
  assert.equal((await bench.as(one, "chan.record", { call: "-", peer: "-" })).handled, true);
  assert.deepEqual(samplesOf(Uint8Array.from(await readFile(bench.path("call.slin")))), ramp(320));
  assert.deepEqual(samplesOf(Uint8Array.from(await readFile(bench.path("peer.slin")))), ramp(320, 1001));
});

test("chan.record tells maxlen to notify_call or notify_peer, and is false when another module is wanted, too", async () => {
  await using bench = await createMediaBench();
  const [one] = await bench.pair();
  await bench.as(one, "chan.attach", { source: "tone/dial" });
  const params = { call: "wave/record/-", peer: "tone/dtmf", maxlen: 320, notify: "n", notify_call: "c" };
  assert.equal((await bench.as(one, "chan.record", params)).handled, false);
  await bench.pass(100);
  assert.deepEqual(bench.all("chan.notify"), [{ id: one, targetid: "c", reason: "maxlen" }]);
});

test("a full disk ends the recording, the log says so once, the app is told, and the call goes on", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  await bench.as(player, "chan.attach", { source: "tone/dial" });
  await bench.as(listener, "chan.attach", { consumer: "wave/record//dev/full", notify: "rec" });
  await bench.pass(10_000);
  assert.deepEqual(bench.all("chan.notify"), [
    { id: listener, targetid: "rec", reason: "error", error: "ENOSPC", file: "/dev/full" },
  ]);
  assert.equal(bench.logged.length, 1);
  assert.match(bench.logged[0] ?? "", /\/dev\/full.*(ENOSPC|no space)/);
  assert.deepEqual(bench.all("chan.disconnected"), []);
});

test("a recording into a folder that is not there ends the same way, even without notify", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  await bench.as(player, "chan.attach", { source: "tone/dial" });
  const attach = await bench.as(listener, "chan.attach", {
    consumer: `wave/record/${bench.path("no/such.slin")}`,
    single: true,
  });
  assert.equal(attach.handled, true);
  await bench.pass(1000);
  assert.equal(bench.logged.length, 1);
  assert.match(bench.logged[0] ?? "", /no\/such\.slin/);
  assert.deepEqual(bench.all("chan.disconnected"), []);
  await assert.rejects(access(bench.path("no/such.slin")));
});

test("a format without a codec leaves an empty file", async () => {
  await using bench = await createMediaBench();
  assert.equal((await record(bench, "x.g729", bytesOf(ramp(160)))).length, 0);
});

test("a long recording reaches the disk while it runs, and is complete when the engine stops", async () => {
  const bench = await createMediaBench();
  const path = bench.path("long.slin");
  let kept = 0;
  {
    await using running = bench;
    const [listener, player] = await running.pair();
    await running.as(listener, "chan.attach", { consumer: `wave/record/${path}` });
    await running.as(player, "chan.attach", { source: "tone/dial" });
    await running.pass(10_000);
    const during = (await stat(path)).size;
    assert.ok(during >= 9 * 16_000, `${during} bytes after ten seconds`);
    const stopped = running.engine.stop();
    await running.pass(0);
    await stopped;
    kept = (await stat(path)).size;
  }
  assert.equal(kept, 501 * 320);
});

test("the status line counts files", async () => {
  await using bench = await createMediaBench();
  const [listener] = await bench.pair();
  await bench.as(listener, "chan.attach", { consumer: "wave/record/-" });
  assert.match((await bench.send("engine.status", { module: "wave" })).retvalue, /play=0,record=1/);
});
