import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OutgoingCallError, type Yate } from "yayts";
import { type Caller, placeCaller } from "yayts/testing";
import answer from "../answer.ts";
import type { Subject } from "./subject.ts";

const randomCalls = 40;

/** What became of a call to the service, in one word. */
async function outcomeOf(callers: Yate, number: string): Promise<string> {
  let caller: Caller;
  try {
    caller = await placeCaller(callers, number);
  } catch (error) {
    if (error instanceof OutgoingCallError) return error.reason;
    throw error;
  }
  await using _ = caller;
  const answered = caller.answered.then(
    () => "answered",
    () => "unanswered",
  );
  const { reason } = await caller.ended;
  return reason || (await answered);
}

export function answerTests(title: string, start: () => Promise<Subject>): void {
  describe(`answer on ${title}`, { timeout: 30_000 }, () => {
    let subject: Subject;
    let callers: Yate;
    let running: Yate;
    before(async () => {
      subject = await start();
      running = await subject.connect();
      callers = await subject.connect();
      answer.start(running);
      await running.setlocal("engine.version");
    });
    after(async () => {
      running.abort();
      callers.abort();
      await subject.stop();
    });

    it(`${randomCalls} calls to 12345 meet all four outcomes, and no fifth`, async () => {
      const calls = Array.from({ length: randomCalls }, () => outcomeOf(callers, "12345"));
      assert.deepEqual([...new Set(await Promise.all(calls))].sort(), [
        "answered",
        "busy",
        "noanswer",
        "noroute",
      ]);
    });

    it("12341 answers, says welcome and hangs up after two seconds", async () => {
      await using caller = await placeCaller(callers, "12341");
      await caller.answered;
      await caller.hears("en/welcome");
      const { durationMs } = await caller.ended;
      assert.ok(durationMs >= 1990 && durationMs < 3500, `${durationMs} ms`);
      assert.deepEqual(
        (await caller.heard()).map(({ name }) => name),
        ["en/welcome"],
      );
    });

    it("12342 rings and is not answered", async () => {
      await using caller = await placeCaller(callers, "12342");
      await assert.rejects(
        caller.answered,
        (error) => error instanceof OutgoingCallError && error.reason === "noanswer",
      );
      assert.ok(caller.transcript.some(({ kind }) => kind === "ringing"));
      assert.ok(!caller.transcript.some(({ kind }) => kind === "answered"));
    });

    it("12343 is busy", async () => {
      assert.equal(await outcomeOf(callers, "12343"), "busy");
    });

    it("12344 does not exist", async () => {
      assert.equal(await outcomeOf(callers, "12344"), "noroute");
    });

    it("a caller who hangs up first ends the call", async () => {
      for (const number of ["12341", "12342"]) {
        const caller = await placeCaller(callers, number);
        const legEnds = callers.onwatch("chan.hangup", { id: caller.targetid });
        await caller.hangup();
        await legEnds;
      }
    });
  });
}
