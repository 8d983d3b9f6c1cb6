import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createMediaBench, type MediaBench } from "../../../test/media-bench.ts";
import {
  bytesOf,
  dtmfFrequencies,
  GsmDecoder,
  GsmEncoder,
  packSound,
  parseFormat,
  slinToAlaw,
  slinToMulaw,
  soundWriter,
} from "../../media/index.ts";
import { tonedetect } from "./index.ts";

const allKeys = Object.keys(dtmfFrequencies).join("");

/** Sound at 8 kHz: each part so many milliseconds of those frequencies; none is silence. */
function sound(...parts: readonly (readonly [ms: number, ...hz: number[]])[]): Int16Array {
  return Int16Array.from(
    parts.flatMap(([ms, ...hz]) =>
      Array.from({ length: ms * 8 }, (_, n) =>
        hz.reduce((sum, f) => sum + 4000 * Math.sin((2 * Math.PI * f * n) / 8000), 0),
      ),
    ),
  );
}

/** Keys of 80 ms with 80 ms between them. */
function keys(text: string): Int16Array {
  return sound(
    [100],
    ...[...text].flatMap((key) => [[80, ...(dtmfFrequencies[key] ?? [])], [80]] as [number, ...number[]][]),
    [100],
  );
}

const speech = (language: "en" | "pl"): Uint8Array[] =>
  [`sounds/${language}`, `sounds/digits/${language}`, `sounds/numbers/${language}`].flatMap((folder) => {
    const path = fileURLToPath(new URL(`../../../${folder}`, import.meta.url));
    const files = readdirSync(path).filter((name) => name.endsWith(".gsm"));
    return files.map((name) => new Uint8Array(readFileSync(`${path}/${name}`)));
  });

async function withDetector(): Promise<MediaBench> {
  const bench = await createMediaBench();
  await tonedetect().start(bench.engine);
  return bench;
}

/** The channel plays a file while a detector listens to it; gives what was told. */
async function heard(
  bench: MediaBench,
  name: string,
  bytes: Uint8Array,
  ms: number,
  attach: Record<string, string> = { sniffer: "tone/*" },
): Promise<{ channel: string; keys: string; told: Record<string, string>[] }> {
  const [, channel] = await bench.pair();
  await bench.as(channel, "chan.attach", attach);
  await bench.as(channel, "chan.attach", { source: `wave/play/${await bench.file(name, bytes)}` });
  await bench.pass(ms + 200);
  const told = bench.all("chan.dtmf").filter(({ id }) => id === channel);
  return { channel, keys: told.map(({ text }) => text).join(""), told };
}

test("each key is told once, in the channel's name, whatever the codec", async () => {
  await using bench = await withDetector();
  const samples = keys(allKeys);
  const ms = samples.length / 8;
  const files = {
    "keys.slin": bytesOf(samples),
    "keys.alaw": slinToAlaw(samples),
    "keys.mulaw": slinToMulaw(samples),
    "keys.gsm": new GsmEncoder().encode(samples.subarray(0, samples.length - (samples.length % 160))),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const { channel, keys: found, told } = await heard(bench, name, bytes, ms);
    assert.equal(found, allKeys, name);
    const { handlers: _, ...first } = told[0] ?? {};
    assert.deepEqual(
      [first.id, first.module, first.detected, first.sequence, first.duplicate],
      [channel, "dumb", "inband", "1", "false"],
    );
  }
});

test("keys survive a call that was coded by GSM and then by A-law", async () => {
  await using bench = await withDetector();
  const samples = keys(allKeys);
  const gsm = new GsmEncoder().encode(samples.subarray(0, samples.length - (samples.length % 160)));
  const again = slinToAlaw(new GsmDecoder().decode(gsm));
  assert.equal((await heard(bench, "keys.alaw", again, samples.length / 8)).keys, allKeys);
});

test("keys in sound of a higher rate are heard", async () => {
  await using bench = await withDetector();
  const wide = Int16Array.from(
    [...keys("159D")].flatMap((sample, at, all) => [sample, (sample + (all[at + 1] ?? 0)) >> 1]),
  );
  const format = parseFormat("slin/16000");
  const writer = format && soundWriter("wav", format);
  assert.ok(writer);
  const packed = packSound(writer)(bytesOf(wide));
  const file = Uint8Array.from([...writer.header, ...packed]);
  for (const { offset, bytes } of writer.finish(packed.length).patches) file.set(bytes, offset);
  assert.equal((await heard(bench, "wide.wav", file, wide.length / 16)).keys, "159D");
});

for (const language of ["en", "pl"] as const) {
  test(`there are no keys, no fax and no continuity tone in the ${language} prompts`, async () => {
    await using bench = await withDetector();
    const files = speech(language);
    assert.ok(files.length > 20);
    // Frames of GSM can be put in a row; each prompt begins where the codec stands, as in a call.
    const all = Uint8Array.from(files.flatMap((file) => [...file]));
    const ms = (all.length / 33) * 20;
    const [, channel] = await bench.pair();
    for (const sniffer of ["tone/dtmf,fax,cotv", "tone/rfax,cots"])
      await bench.as(channel, "chan.attach", { sniffer });
    await bench.as(channel, "chan.attach", {
      source: `wave/play/${await bench.file("all.gsm", all)}`,
      notify: "end",
    });
    await bench.pass(ms + 200);
    assert.equal(bench.all("chan.notify")[0]?.reason, "eof", "all of it was played");
    assert.ok(ms > 20_000);
    assert.deepEqual([bench.all("chan.dtmf"), bench.all("call.fax")], [[], []]);
  });
}

test("a fax that calls is told once, and 38 Hz beside its tone as well", async () => {
  await using bench = await withDetector();
  for (const hz of [1062, 1100, 1138]) {
    const samples = sound([500], [500, hz], [3000], [500, hz]);
    const { channel } = await heard(bench, `fax${hz}.slin`, bytesOf(samples), samples.length / 8);
    const told = bench.all("call.fax").filter(({ id }) => id === channel);
    assert.deepEqual(
      told.map(({ detected }) => detected),
      ["inband"],
    );
  }
});

test("a fax is diverted where the message said, with its parties", async () => {
  await using bench = await withDetector();
  const samples = sound([100], [500, 1100], [100]);
  const attach = { sniffer: "tone/fax", fax_divert: "dumb/fax", fax_called: "900", caller: "555" };
  const { channel } = await heard(bench, "fax.slin", bytesOf(samples), samples.length / 8, attach);
  const diverted = bench.all("call.execute").find(({ callto }) => callto === "dumb/fax");
  assert.ok(diverted);
  assert.deepEqual(
    [diverted.id, diverted.reason, diverted.caller, diverted.called],
    [channel, "fax", "555", "900"],
  );
  assert.deepEqual(bench.all("call.fax"), []);
});

test("the answering fax and the continuity tones are told apart", async () => {
  await using bench = await withDetector();
  const faxes = async (spec: string, hz: number): Promise<number> => {
    const samples = sound([100], [1000, hz], [100]);
    const file = `${spec}${hz}.slin`;
    const { channel } = await heard(bench, file, bytesOf(samples), 1200, { sniffer: `tone/${spec}` });
    return bench.all("call.fax").filter(({ id }) => id === channel).length;
  };
  const continuity = async (spec: string, hz: number): Promise<string> => {
    const samples = bytesOf(sound([100], [1000, hz], [100]));
    return (await heard(bench, `${spec}${hz}.slin`, samples, 1200, { sniffer: `tone/${spec}` })).keys;
  };
  assert.deepEqual(
    [await faxes("rfax", 2100), await faxes("rfax", 2010), await faxes("fax", 2100)],
    [1, 0, 0],
  );
  assert.deepEqual([await continuity("cotv", 2010), await continuity("cotv", 2100)], ["O", ""]);
  assert.deepEqual([await continuity("cots", 1780), await continuity("cots", 2010)], ["O", ""]);
});

test("callsetup takes keys for caller and called, and tells them when both are there", async () => {
  await using bench = await withDetector();
  const samples = keys("9*12*345*6");
  const setup = { sniffer: "tone/callsetup", notify: "app" };
  const { keys: first } = await heard(bench, "late.slin", bytesOf(samples), samples.length / 8, setup);
  assert.equal(first, "");
  assert.deepEqual(bench.all("chan.notify"), [], "it must begin with the star");
  const whole = keys("*12*345*6");
  const more = { sniffer: "tone/callsetup,dtmf", notify: "app" };
  const { channel, keys: rest } = await heard(bench, "whole.slin", bytesOf(whole), whole.length / 8, more);
  assert.deepEqual(bench.all("chan.notify"), [
    { id: channel, targetid: "app", operation: "setup", caller: "12", called: "345" },
  ]);
  assert.equal(rest, "6", "what follows are keys again");
});

test("attached as a consumer it hears the other party; as a call recorder its own channel", async () => {
  await using bench = await withDetector();
  const [one, other] = await bench.pair();
  const file = await bench.file("keys.alaw", slinToAlaw(keys("12")));
  assert.equal((await bench.as(one, "chan.attach", { consumer: "tone/dtmf", single: true })).handled, true);
  assert.equal((await bench.as(other, "chan.record", { call: "tone/dtmf" })).handled, true);
  await bench.as(other, "chan.attach", { source: `wave/play/${file}` });
  await bench.pass(1000);
  const by = (id: string): string =>
    bench
      .all("chan.dtmf")
      .filter((key) => key.id === id)
      .map(({ text }) => text)
      .join("");
  assert.deepEqual([by(one), by(other)], ["12", "12"]);
});

test("stereo sound is listened to on the side that was asked for", async () => {
  await using bench = await withDetector();
  const [left, right] = [keys("12"), keys("89")];
  const both = Int16Array.from([...left].flatMap((sample, at) => [sample, right[at] ?? 0]));
  const format = parseFormat("2*slin");
  const writer = format && soundWriter("wav", format);
  assert.ok(writer);
  const packed = packSound(writer)(bytesOf(both));
  const file = Uint8Array.from([...writer.header, ...packed]);
  for (const { offset, bytes } of writer.finish(packed.length).patches) file.set(bytes, offset);
  const on = async (side: string): Promise<string> =>
    (await heard(bench, `${side}.wav`, file, left.length / 8, { sniffer: `tone/${side}/dtmf` })).keys;
  assert.deepEqual([await on("left"), await on("right")], ["12", "89"]);
  assert.equal(await on("mixed"), "", "two keys at once are none");
});

test("the same sniffer again is restarted, not doubled, and the parameters stay in the message", async () => {
  await using bench = await withDetector();
  const [, channel] = await bench.pair();
  const first = await bench.as(channel, "chan.attach", { sniffer: "tone/*" });
  assert.deepEqual([first.handled, first.params.sniffer], [false, "tone/*"]);
  await bench.as(channel, "chan.attach", { sniffer: "tone/*" });
  const count = async (): Promise<string> =>
    (await bench.send("engine.status", { module: "tonedetect" })).retvalue;
  assert.equal(await count(), "name=tonedetect,type=misc;count=1\r\n");
  await bench.as(channel, "chan.attach", {
    source: `wave/play/${await bench.file("k.slin", bytesOf(keys("7")))}`,
  });
  await bench.pass(500);
  assert.equal(bench.all("chan.dtmf").length, 1);
  await bench.send("call.drop", { id: channel });
  assert.equal(await count(), "name=tonedetect,type=misc;count=0\r\n");
});

test("what cannot be detected, and a message without a channel, are reported", async () => {
  await using bench = await withDetector();
  const [, channel] = await bench.pair();
  await bench.as(channel, "chan.attach", { sniffer: "tone/dtmf,whistle" });
  assert.equal((await bench.send("chan.attach", { sniffer: "tone/*" })).handled, false);
  assert.equal((await bench.send("chan.record", { call: "tone/*" })).handled, false);
  assert.deepEqual(bench.logged, [
    "chan.attach with tone/dtmf,whistle: nothing is known of detecting whistle",
    "chan.attach of a tone detector without a channel: send it through chan.masquerade",
    "chan.record of a tone detector without a channel: send it through chan.masquerade",
  ]);
  assert.equal((await bench.as(channel, "chan.attach", { sniffer: "other/x" })).handled, false);
});

test("tonedetect_in listens to who calls, tonedetect_out to who is called", async () => {
  await using bench = await withDetector();
  const sniffers = (id: string | undefined): string[] => [
    ...(bench.engine.endpoints.get(id ?? "")?.audio.sniffers.keys() ?? []),
  ];
  const call = async (tonedetect_in: string, tonedetect_out: string): Promise<[string[], string[]]> => {
    const { params } = await bench.send("call.execute", {
      callto: "dumb/a",
      target: "dumb/b",
      copyparams: "tonedetect_in,tonedetect_out",
      tonedetect_in,
      tonedetect_out,
    });
    return [sniffers(params.id), sniffers(params.peerid)];
  };
  assert.deepEqual(await call("true", "tone/dtmf"), [["tone/*"], ["tone/dtmf"]]);
  assert.deepEqual(await call("no", ""), [[], []]);
  assert.deepEqual(await call("tone/callsetup", "yes"), [["tone/callsetup"], ["tone/*"]]);
});
