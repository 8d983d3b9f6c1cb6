/** What nobody should give a call: each ends in a typed outcome or a bad-argument, and the engine is up. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withCalls, type Yate, type YateWithCalls, YaytsError } from "yayts";
import { Calling } from "../contract/call-sound-contract.ts";
import { overTcp } from "../contract/subjects.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";

const numbers = ["1\n2", "1;2", "1=2", "1%2", "1\u00002", "9".repeat(10_000), "1 2", " "];

async function kindOf(work: () => PromiseLike<{ readonly kind: string }>): Promise<string> {
  try {
    return (await work()).kind;
  } catch (error) {
    if (error instanceof YaytsError && error.code === "bad-argument") return error.code;
    throw error;
  }
}

const refusals = ["failed", "rejected", "noanswer", "busy", "bad-argument"];

describe("strange input of an app", { timeout: 30_000 }, () => {
  let subject: ContractSubject;
  let app: YateWithCalls;
  let callers: Yate;
  let calling: Calling;
  before(async () => {
    subject = await overTcp();
    app = withCalls(await subject.connect());
    callers = await subject.connect();
    calling = new Calling(app, callers);
    await app.setlocal("engine.version");
  });
  after(async () => {
    app.abort();
    callers.abort();
    await subject.stop();
  });

  for (const number of numbers)
    it(`the number ${JSON.stringify(number.slice(0, 12))} is refused by call, dial and transfer`, async () => {
      const { call, caller } = await calling.answered();
      const how = { timeoutMs: 1000 };
      assert.ok(refusals.includes(await kindOf(() => app.call(number, how))), "call");
      assert.ok(refusals.includes(await kindOf(() => call.dial(number, how))), "dial");
      assert.ok(refusals.includes(await kindOf(() => call.transfer(number, how))), "transfer");
      assert.equal(call.state, "answered");
      await caller.hangup();
    });

  it("a matcher that throws takes no call, and the engine is up", async () => {
    using _ = { [Symbol.dispose]: () => taken.uninstall() };
    const taken = app.onCall(
      (route) => {
        if (route.get("called") !== "throws") return false;
        throw new Error("a mistake");
      },
      () => assert.fail("the call was taken"),
    );
    await taken.ready;
    const route = callers.msg("call.route", { id: "x/1", caller: "1", called: "throws" });
    assert.equal((await route.dispatch()).handled, false);
    const { caller } = await calling.answered();
    await caller.hangup();
  });
});
