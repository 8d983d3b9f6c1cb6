import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createMediaBench, type MediaBench, ramp } from "../../../test/media-bench.ts";
import { bytesOf, packSound, parseFormat, samplesOf, slinToAlaw, soundWriter } from "../../media/index.ts";

/** A pair whose first channel records to out.slin what the second one plays. */
async function recorded(
  bench: MediaBench,
): Promise<{ listener: string; player: string; heard(): Promise<Int16Array> }> {
  const [listener, player] = await bench.pair();
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  return {
    listener,
    player,
    async heard() {
      await bench.as(listener, "chan.attach", { consumer: "-" });
      return samplesOf(Uint8Array.from(await readFile(bench.path("out.slin"))));
    },
  };
}

function soundFile(container: "au" | "wav", formatName: string, sound: Uint8Array): Uint8Array {
  const format = parseFormat(formatName);
  const writer = format && soundWriter(container, format);
  assert.ok(writer);
  const packed = packSound(writer)(sound);
  const { patches } = writer.finish(packed.length);
  const file = Uint8Array.from([...writer.header, ...packed]);
  for (const { offset, bytes } of patches) file.set(bytes, offset);
  return file;
}

test("a file is heard as it is, and its end is told one block before it has been heard", async () => {
  await using bench = await createMediaBench();
  const { player, heard } = await recorded(bench);
  const file = await bench.file("one-second.slin", bytesOf(ramp(8000)));
  const attach = await bench.as(player, "chan.attach", {
    source: `wave/play/${file}`,
    notify: "app",
    single: true,
  });
  assert.equal(attach.handled, true);
  assert.equal(attach.params.source, undefined);
  await bench.pass(979);
  assert.deepEqual(bench.all("chan.notify"), []);
  await bench.pass(1);
  assert.deepEqual(bench.all("chan.notify"), [{ id: player, targetid: "app", reason: "eof" }]);
  assert.deepEqual(await heard(), ramp(8000));
});

test("one file after another is heard without a gap", async () => {
  await using bench = await createMediaBench();
  const { player, heard } = await recorded(bench);
  const first = await bench.file("first.slin", bytesOf(ramp(800)));
  const second = await bench.file("second.slin", bytesOf(ramp(800, 801)));
  await bench.as(player, "chan.attach", { source: `wave/play/${first}`, notify: "app" });
  await bench.pass(80);
  assert.equal(bench.all("chan.notify").length, 1);
  await bench.pass(7);
  await bench.as(player, "chan.attach", { source: `wave/play/${second}`, notify: "app" });
  await bench.pass(100);
  assert.equal(bench.seen.at(-1)?.atMs, 180);
  assert.deepEqual(await heard(), ramp(1600));
});

test("a file waits for a listener and begins at its beginning", async () => {
  await using bench = await createMediaBench();
  const [listener, player] = await bench.pair();
  const file = await bench.file("in.slin", bytesOf(ramp(1600)));
  await bench.as(player, "chan.attach", { source: `wave/play/${file}`, notify: "app" });
  await bench.pass(5000);
  assert.deepEqual(bench.all("chan.notify"), []);
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  await bench.pass(200);
  assert.equal(bench.all("chan.notify")[0]?.reason, "eof");
  await bench.as(listener, "chan.attach", { consumer: "-" });
  assert.deepEqual(samplesOf(Uint8Array.from(await readFile(bench.path("out.slin")))), ramp(1600));
});

test("kinds of files are told by their endings and headers", async () => {
  const samples = ramp(1600, -800);
  const alaw = slinToAlaw(samples);
  const kinds: [string, Uint8Array, number][] = [
    ["raw.slin", bytesOf(samples), 1600],
    ["unknown.xyz", bytesOf(samples), 1600],
    ["none", bytesOf(samples), 1600],
    ["raw.alaw", alaw, 1600],
    ["raw.A", alaw, 1600],
    ["sun.au", soundFile("au", "slin", bytesOf(samples)), 1600],
    ["alaw.au", soundFile("au", "alaw", alaw), 1600],
    ["fast.au", soundFile("au", "slin/16000", bytesOf(samples)), 800],
    ["good.wav", soundFile("wav", "slin", bytesOf(samples)), 1600],
    ["alaw.wav", soundFile("wav", "alaw", alaw), 1600],
    ["two.wav", soundFile("wav", "2*slin", bytesOf(samples)), 800],
    ["frames.gsm", await readFile(new URL("../../../sounds/beep.gsm", import.meta.url)), -1],
  ];
  for (const [name, bytes, expected] of kinds) {
    await using bench = await createMediaBench();
    const { player, heard } = await recorded(bench);
    await bench.as(player, "chan.attach", {
      source: `wave/play/${await bench.file(name, bytes)}`,
      notify: "app",
    });
    await bench.pass(2000);
    assert.equal(bench.all("chan.notify")[0]?.reason, "eof", name);
    const result = await heard();
    assert.equal(result.length, expected < 0 ? (bytes.length / 33) * 160 : expected, name);
    if (/raw\.slin|unknown|none|sun|good/.test(name)) assert.deepEqual(result, samples, name);
  }
});

test("an .au file without its magic number is raw", async () => {
  await using bench = await createMediaBench();
  const { player, heard } = await recorded(bench);
  await bench.as(player, "chan.attach", {
    source: `wave/play/${await bench.file("x.au", bytesOf(ramp(800)))}`,
  });
  await bench.pass(200);
  assert.deepEqual(await heard(), ramp(800));
});

test("the last A-law block is filled up with its last byte, a short slin block is sent as it is", async () => {
  await using bench = await createMediaBench();
  const { player, listener } = await recorded(bench);
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path("out.alaw")}` });
  await bench.as(player, "chan.attach", {
    source: `wave/play/${await bench.file("in.alaw", new Uint8Array(170).fill(7))}`,
  });
  await bench.pass(100);
  await bench.as(listener, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  await bench.as(player, "chan.attach", {
    source: `wave/play/${await bench.file("in.slin", bytesOf(ramp(170)))}`,
  });
  await bench.pass(100);
  await bench.as(listener, "chan.attach", { consumer: "-" });
  assert.deepEqual(await readFile(bench.path("out.alaw")), Buffer.alloc(320, 7));
  assert.equal((await readFile(bench.path("out.slin"))).length, 340);
});

test("autorepeat goes on at the beginning without a gap, for files in memory and for long ones", async () => {
  for (const smallBytes of [1 << 20, 0]) {
    await using bench = await createMediaBench({ smallBytes });
    const { player, heard } = await recorded(bench);
    const file = await bench.file("loop.slin", bytesOf(ramp(250)));
    await bench.as(player, "chan.attach", { source: `wave/play/${file}`, autorepeat: true, notify: "app" });
    await bench.pass(180);
    const expected = Int16Array.from({ length: 1600 }, (_, i) => 1 + (i % 250));
    assert.deepEqual(await heard(), expected);
    assert.deepEqual(bench.all("chan.notify"), []);
  }
});

test("a file too long for memory is read ahead and heard as it is", async () => {
  await using bench = await createMediaBench({ smallBytes: 1000 });
  const { player, heard } = await recorded(bench);
  const sound = Int16Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 32768);
  const file = await bench.file("long.wav", soundFile("wav", "slin", bytesOf(sound)));
  await bench.as(player, "chan.attach", { source: `wave/play/${file}`, notify: "app" });
  await bench.pass(12_480);
  assert.equal(bench.all("chan.notify")[0]?.reason, "eof");
  assert.deepEqual(await heard(), sound);
});

test("a source that is replaced, removed, or whose channel goes tells so, without an id", async () => {
  await using bench = await createMediaBench();
  const { player } = await recorded(bench);
  const file = await bench.file("in.slin", bytesOf(ramp(8000)));
  const source = `wave/play/${file}`;
  await bench.as(player, "chan.attach", { source, notify: "a" });
  await bench.pass(100);
  await bench.as(player, "chan.attach", { source, notify: "b" });
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "a", reason: "replaced" }]);
  await bench.as(player, "chan.attach", { source: "-" });
  assert.deepEqual(bench.all("chan.notify")[1], { targetid: "b", reason: "replaced" });
  await bench.as(player, "chan.attach", { source, notify: "c" });
  await bench.send("call.drop", { id: player });
  assert.deepEqual(bench.all("chan.notify")[2], { targetid: "c", reason: "replaced" });
});

test("a missing file is told with nothing but the target, the attach succeeds, and the log names the path", async () => {
  await using bench = await createMediaBench();
  const [player] = await bench.pair();
  const attach = await bench.as(player, "chan.attach", {
    source: "wave/play//no/such/file.slin",
    notify: "app",
    single: true,
  });
  assert.equal(attach.handled, true);
  assert.equal(attach.params.source, undefined);
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "app" }]);
  assert.equal(bench.logged.length, 1);
  assert.match(bench.logged[0] ?? "", /\/no\/such\/file\.slin/);
});

test("damaged and foreign files are told like missing ones", async () => {
  for (const [name, bytes] of [
    ["cut.wav", bytesOf(Int16Array.from([0x4952, 0x4646]))],
    ["x.g729", new Uint8Array(100)],
    [
      "24bit.wav",
      Uint8Array.from(soundFile("wav", "slin", new Uint8Array(32)), (byte, i) => (i === 34 ? 24 : byte)),
    ],
  ] as const) {
    await using bench = await createMediaBench();
    const { player } = await recorded(bench);
    const file = await bench.file(name, bytes);
    await bench.as(player, "chan.attach", { source: `wave/play/${file}`, notify: "app" });
    assert.deepEqual(bench.all("chan.notify"), [{ targetid: "app" }], name);
    assert.match(bench.logged[0] ?? "", new RegExp(name), name);
  }
});

test("relative files are looked for in the sound folders, the package's prompts from any folder", async () => {
  await using bench = await createMediaBench();
  const { player } = await recorded(bench);
  for (const file of ["./sounds/digits/pl/5.gsm", "digits/pl/5.gsm"]) {
    bench.seen.length = 0;
    await bench.as(player, "chan.attach", { source: `wave/play/${file}`, notify: "app" });
    await bench.pass(3000);
    assert.equal(bench.all("chan.notify")[0]?.reason, "eof", file);
  }
});

test("an override is heard instead of the peer, and its end is told without an id", async () => {
  await using bench = await createMediaBench();
  const { listener, player, heard } = await recorded(bench);
  await bench.as(player, "chan.attach", {
    source: `wave/play/${await bench.file("a.slin", bytesOf(ramp(1600)))}`,
  });
  await bench.pass(60);
  const over = await bench.file("b.slin", bytesOf(ramp(320, 10_001)));
  const attach = await bench.as(listener, "chan.attach", {
    override: `wave/play/${over}`,
    notify_override: "o",
    single: true,
  });
  assert.equal(attach.handled, true);
  assert.equal(attach.params.override, undefined);
  await bench.pass(200);
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "o", reason: "eof" }]);
  const result = await heard();
  const own = result.filter((sample) => sample < 10_000);
  assert.deepEqual(
    result.filter((sample) => sample > 10_000),
    ramp(320, 10_001),
  );
  assert.deepEqual(
    own,
    Int16Array.from([...ramp(640), ...ramp(1600 - 960, 961)]),
    "the normal source went on meanwhile",
  );
});

test("stopping an override tells replaced, and the peer is heard again", async () => {
  await using bench = await createMediaBench();
  const { listener } = await recorded(bench);
  const file = await bench.file("o.slin", bytesOf(ramp(8000)));
  await bench.as(listener, "chan.attach", { override: `wave/play/${file}`, notify: "o" });
  await bench.pass(100);
  await bench.as(listener, "chan.attach", { override: "-" });
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "o", reason: "replaced" }]);
});

test("an override without a consumer fails and leaves its parameter, as does one of a missing file", async () => {
  await using bench = await createMediaBench();
  const [, player] = await bench.pair();
  const file = await bench.file("o.slin", bytesOf(ramp(800)));
  const without = await bench.as(player, "chan.attach", { override: `wave/play/${file}`, single: true });
  assert.equal(without.handled, false);
  assert.equal(without.params.override, `wave/play/${file}`);
  await bench.as(player, "chan.attach", { consumer: "wave/record/-" });
  const missing = await bench.as(player, "chan.attach", {
    override: "wave/play//no/such.slin",
    single: true,
    notify: "app",
  });
  assert.equal(missing.handled, false);
  assert.equal(missing.params.override, "wave/play//no/such.slin");
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "app" }]);
});

test("a replacement is heard in the peer's place; after its end the consumer stays silent", async () => {
  await using bench = await createMediaBench();
  const { listener, player, heard } = await recorded(bench);
  await bench.as(player, "chan.attach", { source: "tone/milliwatt" });
  await bench.pass(10);
  const file = await bench.file("r.slin", bytesOf(ramp(320)));
  const attach = await bench.as(listener, "chan.attach", {
    replace: `wave/play/${file}`,
    notify: "r",
    single: true,
  });
  assert.equal(attach.handled, true);
  await bench.pass(500);
  assert.deepEqual(bench.all("chan.notify"), [{ targetid: "r", reason: "eof" }]);
  const result = await heard();
  assert.equal(result.length, 160 + 320, "one block of the tone came before");
  assert.deepEqual(result.subarray(160), ramp(320));
});

test("what wave does with the parameters of chan.attach", async () => {
  await using bench = await createMediaBench();
  const [player] = await bench.pair();
  const attach = (params: Record<string, string | boolean>) => bench.as(player, "chan.attach", params);
  const both = await attach({ source: "wave/play/-", consumer: "wave/record/-", single: true });
  assert.deepEqual([both.handled, both.params.source, both.params.consumer], [true, undefined, undefined]);
  const loose = await attach({ source: "wave/play/-" });
  assert.deepEqual([loose.handled, loose.params.source], [false, undefined], "true only with single");
  const wrong = await attach({ source: "wave/record/-", consumer: "wave/play/-", single: true });
  assert.deepEqual(
    [wrong.handled, wrong.params.source, wrong.params.consumer],
    [false, "wave/record/-", "wave/play/-"],
  );
  const foreign = await attach({ source: "wave/play/-", consumer: "other/thing", single: true });
  assert.deepEqual(
    [foreign.handled, foreign.params.source, foreign.params.consumer],
    [false, undefined, "other/thing"],
  );
  const mixed = await attach({ source: "tone/dial", consumer: "wave/record/-" });
  assert.deepEqual(
    [mixed.handled, mixed.params.source, mixed.params.consumer],
    [false, undefined, undefined],
  );
  const single = await attach({ source: "tone/dial", consumer: "wave/record/-", single: true });
  assert.deepEqual(
    [single.handled, single.params.source, single.params.consumer],
    [true, undefined, "wave/record/-"],
    "the tone ends the dispatch",
  );
  const nobody = await bench.send("chan.attach", { id: player, source: "wave/play/-", single: true });
  assert.equal(nobody.handled, false, "without a channel in the message");
});

test("a call to a file hears it and is disconnected without a reason at its end", async () => {
  await using bench = await createMediaBench();
  const file = await bench.file("prompt.slin", bytesOf(ramp(1600)));
  const call = await bench.send("call.execute", {
    callto: "dumb/",
    target: "x",
    direct: `wave/play/${file}`,
  });
  assert.equal(call.handled, true);
  assert.match(call.params.peerid ?? "", /^wave\/\d+$/);
  assert.equal(call.params.targetid, undefined);
  const id = call.params.id ?? "";
  await bench.as(id, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  await bench.pass(179);
  assert.deepEqual(bench.all("chan.disconnected"), []);
  await bench.pass(21);
  const [gone] = bench.all("chan.disconnected");
  assert.equal(gone?.id, id);
  assert.equal(gone?.reason, undefined);
  assert.deepEqual(samplesOf(Uint8Array.from(await readFile(bench.path("out.slin")))), ramp(1600));
  assert.deepEqual(
    bench.all("chan.hangup").map((one) => one.id),
    [id],
    "the wave channel says nothing",
  );
});

test("a call to a missing file succeeds and is disconnected at once", async () => {
  await using bench = await createMediaBench();
  const call = await bench.send("call.execute", {
    callto: "dumb/",
    target: "x",
    direct: "wave/play//no/such.slin",
  });
  assert.equal(call.handled, true);
  await bench.pass(1);
  assert.equal(bench.all("chan.disconnected")[0]?.id, call.params.id);
});

test("wave begins calls of its own, and returns no targetid", async () => {
  await using bench = await createMediaBench();
  const file = await bench.file("prompt.slin", bytesOf(ramp(8000)));
  const call = await bench.send("call.execute", {
    callto: `wave/play/${file}`,
    target: "dumb/callee",
    caller: "me",
  });
  assert.equal(call.handled, true);
  assert.match(call.params.id ?? "", /^wave\/\d+$/);
  assert.match(call.params.peerid ?? "", /^dumb\/\d+$/);
  assert.equal(call.params.targetid, undefined);
  const [route] = bench.all("call.execute");
  assert.deepEqual([route?.module, route?.cdrtrack, route?.called], ["wave", "false", "dumb/callee"]);
  assert.equal(
    (await bench.send("call.execute", { callto: `wave/play/${file}` })).handled,
    false,
    "without a target",
  );
  const status = await bench.send("engine.status", { module: "wave" });
  assert.match(status.retvalue, /play=1,record=0/);
});
