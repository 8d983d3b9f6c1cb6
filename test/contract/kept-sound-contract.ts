/** Kept sound of calls lies where it was said and heard. Run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { withCalls } from "yayts";
import { alawToSlin, bestAlignment, bytesOf } from "yayts/media";
import { createPhoneDesk } from "../../src/console/phone/desk.ts";
import type { CallView, KeptSound, Told } from "../../src/console/protocol.ts";
import { createRecordDesk } from "../../src/console/records/create-record-desk.ts";
import { readJournal } from "../../src/trace/index.ts";
import { noise, openPage } from "./console-page.ts";
import type { ContractSubject } from "./yate-contract.ts";

const pieceMs = 400;
/** Between prompts; one as short as between two sentences. */
const pausesMs = [600, 250, 1500, 0];
const toleranceMs = 100;
/** On a machine that is busy with other tests, prompts begin later than they were asked for. */
const lag = monitorEventLoopDelay({ resolution: 10 });

/** What was said when, by `Date.now`. */
interface Said {
  readonly atMs: number;
  readonly samples: Int16Array;
}

async function setUp(subject: ContractSubject) {
  lag.reset();
  lag.enable();
  const folder = await mkdtemp(join(tmpdir(), "yayts-kept-"));
  const [appYate, console] = [await subject.connect(), await subject.connect()];
  const app = withCalls(appYate);
  const phones = createPhoneDesk({ yate: console });
  const records = createRecordDesk({ yate: console, folder, listen: phones.listen?.bind(phones) });
  const calls = new Map<string, CallView>();
  records
    .view({
      tell(told: Told) {
        if (told.topic === "calls") for (const call of told.calls) calls.set(call.id, call);
      },
      lineOf: () => undefined,
      congested: () => false,
    })
    .follow([{ topic: "calls" }]);
  const said: Said[] = [];
  let done: () => void = () => {};
  const allSaid = new Promise<void>((resolve) => {
    done = resolve;
  });
  await app.onCall("prompts", async (call) => {
    await call.answer();
    await delay(1000);
    for (const [i, pauseMs] of pausesMs.entries()) {
      const samples = noise(pieceMs, 30 + i);
      const file = join(folder, `prompt-${i}.slin`);
      await writeFile(file, bytesOf(samples));
      said.push({ atMs: Date.now(), samples });
      await call.play(file);
      await delay(pauseMs);
    }
    done();
    await call.ended;
  }).ready;
  const until = async <T>(what: string, look: () => T | undefined | false): Promise<T> => {
    for (let i = 0; i < 400; i++) {
      const found = look();
      if (found) return found;
      await delay(20);
    }
    throw new Error(`it never came: ${what}`);
  };
  await until("the engine", () => records.facts.version !== "");
  return {
    app,
    phones,
    records,
    folder,
    said,
    allSaid,
    until,
    callOf: (channel: string) =>
      until(`the call of ${channel}`, () =>
        [...calls.values()].find((one) => one.channels.includes(channel)),
      ),
    view: (call: string) => calls.get(call),
    kept: () => readdirSync(folder).filter((name) => name.startsWith("yayts-console-")),
    async [Symbol.asyncDispose]() {
      lag.disable();
      await phones.close();
      await records.close();
      app.abort();
      console.abort();
      await rm(folder, { recursive: true, force: true });
      await subject.stop();
    },
  };
}

/** How far each piece is from where it was said. */
function errorsOf({ startMs, heard }: Pick<KeptSound, "startMs" | "heard">, said: readonly Said[]): number[] {
  const sound = alawToSlin(Buffer.from(heard, "base64"));
  return said.map(({ atMs, samples }) => {
    // The middle: ends are faded and torn by playouts.
    const found = bestAlignment(sound, samples.subarray(800, 2400));
    assert.ok(found.score > 0.7, `found by ${found.score}`);
    return Math.round(startMs + (found.offsetSamples - 800) / 8 - atMs);
  });
}

function near(errors: readonly number[]): void {
  const limitMs = toleranceMs + Math.max(0, lag.max / 1e6 - 20);
  for (const error of errors) assert.ok(Math.abs(error) <= limitMs, `off by ${errors.join(", ")} ms`);
}

export function keptSoundContract(name: string, start: () => Promise<ContractSubject>): void {
  describe(`kept sound over ${name}`, { timeout: 60_000 }, () => {
    it("has what any caller heard at its time, with the pauses, in a journal too, and nothing of other calls", async (t) => {
      await using at = await setUp(await start());
      const dial = async (caller: string): Promise<string> => {
        const message = at.app.msg("call.execute", { callto: "dumb/x", target: "prompts", caller });
        assert.ok((await message.dispatch()).handled);
        return message.get("id") ?? "";
      };
      const channel = await dial("41");
      const { id } = await at.callOf(channel);
      assert.equal(at.view(id)?.keepsSound, false);
      await at.records.ask("sound.keep", { call: id, on: true });
      await at.until("the button", () => at.view(id)?.keepsSound && at.view(id)?.hasSound);
      await at.allSaid;
      const kept = await at.records.ask("sound.get", { call: id, channel });
      const errors = errorsOf(kept, at.said);
      t.diagnostic(`off by ${errors.join(", ")} ms; told: ${kept.errorMs}`);
      near(errors);
      const file = await at.records.ask("call.export", { call: id });
      const read = readJournal(Buffer.from(file.file, "base64").toString());
      const sound = read.ok ? read.journal.sound.find((one) => one.channel === channel) : undefined;
      assert.ok(sound);
      near(errorsOf(sound, at.said));
      await at.records.ask("sound.keep", { call: id, on: false });
      await at.until("the button", () => at.view(id)?.keepsSound === false);
      const other = await dial("42");
      const unasked = await at.callOf(other);
      assert.deepEqual([unasked.hasSound, unasked.keepsSound], [false, false]);
      await assert.rejects(at.records.ask("sound.get", { call: unasked.id, channel: other }), /was kept/);
      assert.equal(at.kept().length, 1);
      await at.records.close();
      assert.deepEqual(at.kept(), []);
    });

    it("has what a phone of the console said and heard at its time, from the moment it was asked for", async (t) => {
      await using at = await setUp(await start());
      using page = openPage(at.phones);
      await page.phone.ask("phone.dial", { to: "prompts" });
      const { channel } = await page.state("answered");
      const { id } = await at.callOf(channel);
      await assert.rejects(at.records.ask("sound.get", { call: id, channel }), /was kept/);
      await at.records.ask("sound.keep", { call: id, on: true });
      const spoken: Said[] = [];
      for (const [i, pauseMs] of [900, 700, 0].entries()) {
        const samples = noise(pieceMs, 60 + i);
        spoken.push({ atMs: Date.now(), samples });
        await page.speak(samples);
        await delay(pauseMs);
      }
      await at.allSaid;
      const kept = await at.records.ask("sound.get", { call: id, channel });
      const [heard, said] = [errorsOf(kept, at.said), errorsOf({ ...kept, heard: kept.said }, spoken)];
      t.diagnostic(`heard off by ${heard.join(", ")} ms, said by ${said.join(", ")} ms`);
      near(heard);
      near(said);
    });

    it("goes on when it is asked for again, with a pause between", async () => {
      await using at = await setUp(await start());
      using page = openPage(at.phones);
      await page.phone.ask("phone.dial", { to: "prompts" });
      const { channel } = await page.state("answered");
      const { id } = await at.callOf(channel);
      await at.records.ask("sound.keep", { call: id, on: true });
      await at.until("the second prompt", () => at.said.length === 2);
      await at.records.ask("sound.keep", { call: id, on: false });
      await at.until("the fourth prompt", () => at.said.length === 4);
      await at.records.ask("sound.keep", { call: id, on: true });
      await at.allSaid;
      const kept = await at.records.ask("sound.get", { call: id, channel });
      near(errorsOf(kept, at.said.slice(0, 1)));
      const third = at.said[2];
      assert.ok(third);
      const sound = alawToSlin(Buffer.from(kept.heard, "base64"));
      assert.ok(bestAlignment(sound, third.samples.subarray(800, 2400)).score < 0.5, "nothing of between");
    });
  });
}
