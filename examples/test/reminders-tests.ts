import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, mock } from "node:test";
import { app, sleep } from "yayts";
import { installPhone, type Phone, type PhoneCall } from "yayts/testing";
import reminders, { readList, remindAll } from "../reminders.ts";
import { describeExample, exampleOptions, exampleSounds, type Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

const patience = { atOnce: 2, rounds: 3, pauseMs: 200 };

async function phoneOf(stage: Stage, number: string): Promise<Phone> {
  return await installPhone(stage.callers, number, { promptsFrom: exampleSounds });
}

/** Picks up, presses a key, and hears what it leads to. */
async function choose(phone: Phone, key: string, heard: string): Promise<void> {
  const call: PhoneCall = await phone.ring();
  call.answer();
  await call.hears("reminders/en/hello");
  await call.press(key);
  await call.hears(heard);
  await call.ended;
}

export function remindersTests(title: string, start: () => Promise<Subject>): void {
  // The app as it is calls a list at its start: each test starts what it needs.
  const stage = app(() => {}, exampleOptions);
  describeExample(`reminders on ${title}`, start, stage, (stage) => {
    it("calls a list of a file, at its start, and prints a report", async () => {
      const folder = await mkdtemp(join(tmpdir(), "yayts-reminders-"));
      const printed = mock.method(console, "log", () => {});
      try {
        const [yes, no] = [await phoneOf(stage, "501"), await phoneOf(stage, "502")];
        process.env.REMINDERS = join(folder, "list.csv");
        await writeFile(process.env.REMINDERS, "501,2026-12-01T14:30\n502, 2026-12-02T09:00\n");
        const confirmed = (async () => {
          const call = await yes.ring();
          call.answer();
          for (const name of ["reminders/en/hello", "months/en/12", "ordinals/en/1", "numbers/en/30"])
            await call.hears(name);
          await call.press("1");
          await call.hears("reminders/en/confirmed");
          await call.ended;
        })();
        const calledOff = choose(no, "2", "reminders/en/called-off");
        await Promise.all([reminders.start(stage.app), confirmed, calledOff]);
      } finally {
        printed.mock.restore();
        delete process.env.REMINDERS;
        await rm(folder, { recursive: true, force: true });
      }
      const lines = printed.mock.calls.map(({ arguments: [line] }) => String(line));
      assert.match(lines[0] ?? "", /^501, .*: confirmed$/);
      assert.match(lines[1] ?? "", /^502, .*: called-off$/);
      assert.deepEqual(lines.slice(2), ["1 of 2 confirmed"]);
    });

    it("calls again who is busy, does not answer or wants it later, after a pause, and nobody else", async () => {
      const numbers = ["511", "512", "513"] as const;
      const [busy, later, hangsUp] = await Promise.all(numbers.map((number) => phoneOf(stage, number)));
      assert.ok(busy && later && hangsUp);
      const list = readList(numbers.map((number) => `${number},2026-12-01T14:30`).join("\n"));
      const phones = [
        (async () => {
          await (await busy.ring()).reject("busy");
          const before = performance.now();
          const second = await busy.ring();
          assert.ok(performance.now() - before >= patience.pauseMs, "without a pause");
          await second.reject("noanswer");
          await choose(busy, "1", "reminders/en/confirmed");
        })(),
        (async () => {
          await choose(later, "3", "reminders/en/later");
          await choose(later, "1", "reminders/en/confirmed");
        })(),
        (async () => {
          const call = await hangsUp.ring();
          call.answer();
          await call.hears("reminders/en/hello");
          await call.hangup();
        })(),
      ];
      const results = await remindAll(stage.app, list, patience);
      await Promise.all(phones);
      assert.deepEqual(
        list.map((one) => results.get(one)),
        ["confirmed", "confirmed", "hangup"],
      );
      await sleep(patience.pauseMs);
      const ringing = hangsUp.ring();
      assert.equal(await Promise.race([ringing, sleep(100)]), undefined, "called again");
      ringing.cancel();
    });

    it("has no more calls at once than it may, and tells who has no telephone", async () => {
      const numbers = Array.from({ length: 5 }, (_, i) => `52${i}`);
      let [ringing, most] = [0, 0];
      for (const number of numbers) {
        const phone = await phoneOf(stage, number);
        void phone.ring().then(async (call) => {
          most = Math.max(most, ++ringing);
          await sleep(150);
          ringing--;
          await call.reject("rejected");
        });
      }
      const list = readList([...numbers, "nobody"].map((number) => `${number},2026-12-01T14:30`).join("\n"));
      const results = await remindAll(stage.app, list, { ...patience, atOnce: 2 });
      assert.deepEqual(
        list.map((one) => results.get(one)),
        [...numbers.map(() => "rejected"), "failed"],
      );
      assert.equal(most, 2);
    });

    it("calls nobody when a line of the list is wrong, and says which", () => {
      assert.throws(() => readList("501,2026-12-01T14:30\n502,soon\n"), /502,soon/);
      assert.throws(() => readList(",2026-12-01T14:30\n"), /not a number and a time/);
    });
  });
}
