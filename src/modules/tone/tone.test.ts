import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createMediaBench, type MediaBench, ramp } from "../../../test/media-bench.ts";
import {
  bytesOf,
  createOneShotTone,
  createTone,
  detectDigits,
  samplesOf,
  type ToneGenerator,
} from "../../media/index.ts";

/** A pair whose first channel records what it hears. */
async function listening(
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

function samples(generator: ToneGenerator | undefined, blocks: number): Int16Array {
  const all: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const block = generator?.next();
    if (block) all.push(...samplesOf(block));
  }
  return Int16Array.from(all);
}

test("a named tone is an endless source, whatever its case, its blanks and its alias", async () => {
  for (const name of ["busy", " BUSY ", "bs"]) {
    await using bench = await createMediaBench();
    const { player, heard } = await listening(bench);
    const attach = await bench.as(player, "chan.attach", { source: `tone/${name}`, single: true });
    assert.deepEqual([attach.handled, attach.params.source], [true, undefined]);
    await bench.pass(1990);
    assert.deepEqual(await heard(), samples(createTone("busy"), 100), name);
  }
});

test("without single a tone is attached and the message goes on", async () => {
  await using bench = await createMediaBench();
  const [player] = await bench.pair();
  const attach = await bench.as(player, "chan.attach", { source: "tone/dial" });
  assert.deepEqual([attach.handled, attach.params.source], [false, undefined]);
});

test("what is not a cadenced name is no source: the parameter stays and the log tells it", async () => {
  for (const name of ["unknown", "callwaiting", "dtmf/5", "440"]) {
    await using bench = await createMediaBench();
    const [player] = await bench.pair();
    const attach = await bench.as(player, "chan.attach", { source: `tone/${name}`, single: true });
    assert.deepEqual([attach.handled, attach.params.source], [false, `tone/${name}`], name);
    assert.equal(bench.logged.length, 1, name);
  }
});

test("those who play the same tone share one generator, which rests while nobody listens", async () => {
  await using bench = await createMediaBench();
  const { player, heard } = await listening(bench);
  const [other] = await bench.pair();
  await bench.as(other, "chan.attach", { source: "tone/ring" });
  assert.equal(bench.engine.ticker.figures.subscribers, 0);
  await bench.as(other, "chan.record", { call: "wave/record/-" });
  await bench.pass(500);
  assert.equal(bench.engine.ticker.figures.subscribers, 1);
  await bench.as(player, "chan.attach", { source: "tone/rt" });
  await bench.pass(990);
  assert.equal(bench.engine.ticker.figures.subscribers, 1);
  assert.match((await bench.send("engine.status", { module: "tone" })).retvalue, /tones=1/);
  const result = await heard();
  assert.deepEqual(
    result,
    samples(createTone("ring"), 75).subarray(26 * 160, 26 * 160 + result.length),
    "in mid-cadence",
  );
  await bench.send("call.drop", {});
  assert.equal(bench.engine.ticker.figures.subscribers, 0);
  assert.match((await bench.send("engine.status", { module: "tone" })).retvalue, /tones=0/);
});

test("an override plays one pass over the peer's sound, then the peer is heard again", async () => {
  await using bench = await createMediaBench();
  const { listener, player, heard } = await listening(bench);
  await bench.as(player, "chan.attach", {
    source: `wave/play/${await bench.file("a.slin", bytesOf(ramp(8000)))}`,
  });
  await bench.clock.advance(90);
  const attach = await bench.as(listener, "chan.attach", { override: "tone/dtmf/5", single: true });
  assert.deepEqual([attach.handled, attach.params.override], [true, undefined]);
  await bench.pass(1000);
  const result = await heard();
  assert.deepEqual(result.subarray(0, 800), ramp(800));
  assert.deepEqual(result.subarray(800, 2400), samples(createOneShotTone("dtmf/5"), 10));
  assert.deepEqual(result.subarray(2400), ramp(8000 - 2400 - 160, 2400 + 161), "the file went on meanwhile");
});

test("a string of keys is heard as those keys", async () => {
  await using bench = await createMediaBench();
  const { listener, heard } = await listening(bench);
  await bench.as(listener, "chan.attach", { override: "tone/dtmfstr/0123456789*#", single: true });
  await bench.pass(3000);
  assert.equal(
    detectDigits(await heard())
      .map((one) => one.digit)
      .join(""),
    "0123456789*#",
  );
});

test("sum and modulation of the same pair differ", async () => {
  await using bench = await createMediaBench();
  const { listener, heard } = await listening(bench);
  await bench.as(listener, "chan.attach", { replace: "tone/2000+125/100" });
  await bench.pass(200);
  await bench.as(listener, "chan.attach", { replace: "tone/2000*125/100" });
  await bench.pass(200);
  const result = await heard();
  assert.equal(result.length, 1600);
  assert.notDeepEqual(result.subarray(0, 800), result.subarray(800));
});

test("a replacement takes the peer's place for good", async () => {
  await using bench = await createMediaBench();
  const { listener, player, heard } = await listening(bench);
  await bench.as(player, "chan.attach", { source: "tone/milliwatt" });
  await bench.clock.advance(0);
  const attach = await bench.as(listener, "chan.attach", { replace: "tone/440/100", single: true });
  assert.deepEqual([attach.handled, attach.params.replace], [true, undefined]);
  await bench.pass(1000);
  assert.equal((await heard()).length, 160 + 800);
});

test("an override or a replacement that cannot be heard or means nothing keeps its parameter", async () => {
  await using bench = await createMediaBench();
  const [player] = await bench.pair();
  const deaf = await bench.as(player, "chan.attach", { override: "tone/440", single: true });
  assert.deepEqual([deaf.handled, deaf.params.override], [false, "tone/440"]);
  await bench.as(player, "chan.attach", { consumer: "wave/record/-" });
  const nothing = await bench.as(player, "chan.attach", { replace: "tone/cadence/1", single: true });
  assert.deepEqual([nothing.handled, nothing.params.replace], [false, "tone/cadence/1"]);
});

test("a call to a tone hears it and is answered at once", async () => {
  await using bench = await createMediaBench();
  const call = await bench.send("call.execute", { callto: "dumb/", target: "x", direct: "tone/dial" });
  assert.equal(call.handled, true);
  assert.match(call.params.peerid ?? "", /^tone\/\d+$/);
  assert.equal(call.params.targetid, undefined);
  const id = call.params.id ?? "";
  await bench.as(id, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  await bench.pass(100);
  await bench.send("call.drop", { id: call.params.peerid ?? "" });
  const [hangup, ...more] = bench.all("chan.hangup");
  assert.deepEqual([hangup?.id, hangup?.answered, more.length], [id, "true", 0]);
  assert.deepEqual(
    bench.all("chan.startup").map((one) => one.id),
    [id],
  );
  const heard = samplesOf(Uint8Array.from(await readFile(bench.path("out.slin"))));
  assert.deepEqual(heard, samples(createTone("dial"), heard.length / 160));
  assert.ok(heard.length >= 800);
});

test("a call to an unknown tone succeeds in silence", async () => {
  await using bench = await createMediaBench();
  const call = await bench.send("call.execute", { callto: "dumb/", target: "x", direct: "tone/nonsense" });
  assert.equal(call.handled, true);
  assert.match(bench.logged[0] ?? "", /nonsense/);
});

test("a tone begins calls of its own, by direct, target or called", async () => {
  await using bench = await createMediaBench();
  for (const params of [{ direct: "dumb/x" }, { target: "dumb/x" }, { called: "dumb/x" }]) {
    const call = await bench.send("call.execute", { callto: "tone/dial", ...params });
    assert.equal(call.handled, true);
    assert.match(call.params.id ?? "", /^tone\/\d+$/);
    assert.match(call.params.peerid ?? "", /^dumb\/\d+$/);
    assert.equal(call.params.targetid, undefined);
  }
  const [direct] = bench.all("call.execute");
  assert.deepEqual([direct?.caller, direct?.module, direct?.cdrtrack], [undefined, "tone", "false"]);
  // Only what is routed names its parties.
  const [route] = bench.all("call.route");
  assert.deepEqual([route?.caller, route?.called, route?.id], ["tone/dial", "dumb/x", undefined]);
  assert.equal((await bench.send("call.execute", { callto: "tone/dial" })).handled, false);
});
