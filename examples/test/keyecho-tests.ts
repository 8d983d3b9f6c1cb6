import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type App, OutgoingCallError, sleep, type Yate } from "yayts";
import { type Caller, placeCaller } from "yayts/testing";
import keyecho from "../keyecho.ts";
import keyechoCallbacks from "../keyecho-callbacks.ts";
import keyechoFlow from "../keyecho-flow.ts";
import keyechoMessages from "../keyecho-messages.ts";
import type { Subject } from "./subject.ts";

const apps: Readonly<Record<string, App>> = {
  keyecho,
  "keyecho-messages": keyechoMessages,
  "keyecho-flow": keyechoFlow,
  "keyecho-callbacks": keyechoCallbacks,
};

const fileOf = (key: string): string => `digits/pl/${{ "*": "star", "#": "pound" }[key] ?? key}`;

/** Presses the keys, each when the one before was heard to its end, and tells all that was heard in the whole call. */
async function pressAndListen(caller: Caller, keys: string): Promise<string[]> {
  await caller.answered;
  for (const key of keys) {
    await caller.press(key);
    await caller.hears(fileOf(key));
  }
  await caller.hangup();
  return (await caller.heard()).map(({ name }) => name);
}

/** One suite for each of the four. */
export function keyechoTests(title: string, start: () => Promise<Subject>): void {
  for (const [name, app] of Object.entries(apps)) {
    describe(`${name} on ${title}`, { timeout: 30_000 }, () => {
      let subject: Subject;
      let callers: Yate;
      let running: Yate;
      before(async () => {
        subject = await start();
        running = await subject.connect();
        callers = await subject.connect();
        app.start(running);
        await running.setlocal("engine.version");
      });
      after(async () => {
        running.abort();
        callers.abort();
        await subject.stop();
      });

      it("speaks each key that the caller presses, and nothing else, to three callers at once", async () => {
        const wanted = ["12", "*0", "7#"];
        const heard = await Promise.all(
          wanted.map(async (keys, i) => {
            await using caller = await placeCaller(callers, "ivr", { caller: `caller${i}` });
            return await pressAndListen(caller, keys);
          }),
        );
        assert.deepEqual(
          heard,
          wanted.map((keys) => [...keys].map(fileOf)),
        );
      });

      it("lets a new key cut the one before short", async () => {
        await using caller = await placeCaller(callers, "ivr");
        await caller.answered;
        await caller.press("1234", { gapMs: 100 });
        await caller.hears(fileOf("4"));
      });

      it("ends its side when the caller hangs up", async () => {
        const caller = await placeCaller(callers, "ivr");
        await caller.answered;
        const legEnds = callers.onwatch("chan.hangup", { id: caller.targetid });
        const { reason } = await caller.hangup("enough");
        assert.equal(reason, "enough");
        await legEnds;
        const located = await callers.msg("chan.locate", { id: caller.targetid }).dispatch();
        assert.equal(located.handled, false);
      });

      it("survives an engine that goes away in the middle of a call", async () => {
        const lost = await start();
        const [doomed, calling] = [await lost.connect(), await lost.connect()];
        app.start(doomed);
        await doomed.setlocal("engine.version");
        const caller = await placeCaller(calling, "ivr");
        await caller.answered;
        // A rejection that the program of the call leaves alone would fail this test.
        await lost.stop();
        await caller.ended.catch(() => {});
        await sleep(50);
        for (const yate of [doomed, calling]) yate.abort();
      });

      it("leaves other numbers alone", async () => {
        await assert.rejects(
          placeCaller(callers, "nobody"),
          (error) => error instanceof OutgoingCallError && error.reason === "noroute",
        );
      });
    });
  }
}
