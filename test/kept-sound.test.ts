import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { alawToSlin, bestAlignment } from "yayts/media";
import { createPhoneDesk } from "../src/console/phone/desk.ts";
import { createRecordDesk } from "../src/console/records/create-record-desk.ts";
import { connectInProcess, startEngine } from "../src/engine/index.ts";
import { dumb, pbx, rtp } from "../src/modules/index.ts";
import { noise, openPage } from "./contract/console-page.ts";
import { keptSoundContract } from "./contract/kept-sound-contract.ts";
import { overTcp } from "./contract/subjects.ts";

keptSoundContract("the embedded engine over TCP", overTcp);

it("calls between phones of the console are kept without the engine's help, which here cannot record", {
  timeout: 20_000,
}, async (t) => {
  const engine = await startEngine({ modules: [dumb(), pbx(), rtp()] });
  const folder = await mkdtemp(join(tmpdir(), "yayts-kept-"));
  const yate = connectInProcess(engine);
  const phones = createPhoneDesk({ yate });
  const records = createRecordDesk({ yate, folder, listen: phones.listen?.bind(phones) });
  t.after(async () => {
    await phones.close();
    await records.close();
    assert.deepEqual(readdirSync(folder), []);
    await rm(folder, { recursive: true });
    await engine.stop();
  });
  using a = openPage(phones);
  using b = openPage(phones);
  await records.ask("sound.keep", { on: true });
  // Until the desk has begun to look on.
  for (let i = 0; i < 100 && records.facts.version === ""; i++) await delay(20);
  await a.phone.ask("phone.dial", { to: b.number });
  await b.state("ringing");
  await b.phone.ask("phone.answer", { line: 1 });
  await a.state("answered");
  await delay(700);
  const sound = noise(400, 5);
  const atMs = Date.now();
  await a.speak(sound);
  await delay(300);
  const { calls } = await records.ask("calls.past", {});
  assert.deepEqual(calls, []);
  const { channel, call } = a.line();
  for (const [one, way] of [
    [channel, "said"],
    [b.line().channel, "heard"],
  ] as const) {
    const kept = await records.ask("sound.get", { call, channel: one });
    const piece = sound.subarray(800, 2400);
    const found = bestAlignment(alawToSlin(Buffer.from(kept[way], "base64")), piece);
    assert.ok(found.score > 0.7, `${way}: ${found.score}`);
    const offMs = kept.startMs + (found.offsetSamples - 800) / 8 - atMs;
    assert.ok(Math.abs(offMs) < 150, `${way}: off by ${offMs} ms`);
  }
});
