/** What the compiler promises about the public types: this file is checked, not run to any end. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { type Choice, either, go, type IncomingMessage, sleep, type Wait, type Yate } from "yayts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

export async function promises(yate: Yate): Promise<void> {
  // A name of the catalogue types the message; its parameters complete, others are accepted.
  const route = await yate.onmsg("call.route", { called: "ivr", made_up: "x" });
  same<typeof route, IncomingMessage<"call.route">>(true);
  same<ReturnType<typeof route.get>, string | undefined>(true);
  route.get("called");
  route.get("made_up");
  // Any other name is a message too.
  const other = await yate.onmsg("my.message", (m) => m.get("anything") === "1");
  same<typeof other, IncomingMessage<"my.message">>(true);

  // Parameters take text, numbers and booleans; absent ones are left out.
  yate.msg("call.execute", { callto: "dumb/", maxcall: 1000, autoanswer: true, caller: undefined });
  // @ts-expect-error an object is no parameter
  yate.msg("call.execute", { callto: { not: "text" } });
  // @ts-expect-error a watched message cannot be answered
  (await yate.onwatch("call.route")).ret(true);
  // @ts-expect-error a handler returns whether it handled the message, or a return value
  yate.handle("call.route", () => 5);

  // The place of what came first tells its type.
  const choice = await either([yate.onwatch("chan.dtmf"), sleep(5), Promise.resolve(7)]);
  if (choice[0] === 0) choice[1].get("text");
  else if (choice[0] === 1) same<(typeof choice)[1], void>(true);
  else same<(typeof choice)[1], number>(true);
  same<Choice<[Promise<"a">, Promise<"b">]>, readonly [0, "a"] | readonly [1, "b"]>(true);

  // yield* has the type of the wait, and a flow that of its return value.
  const flow = go(function* () {
    const key = yield* yate.onmsg("chan.dtmf");
    same<typeof key, IncomingMessage<"chan.dtmf">>(true);
    return key.get("text");
  });
  same<typeof flow, Wait<string | undefined>>(true);
}

it("the public types hold their promises", () => {
  assert.equal(typeof promises, "function");
});
