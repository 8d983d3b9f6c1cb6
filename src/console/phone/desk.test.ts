import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { withCalls } from "yayts";
import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { openPage } from "../../../test/contract/console-page.ts";
import { carried, consolePhoneContract } from "../../../test/contract/console-phone-contract.ts";
import { overTcp } from "../../../test/contract/subjects.ts";
import { createPhoneDesk, ownConnection } from "./desk.ts";

consolePhoneContract("the embedded engine over TCP", overTcp);

it("calls end when the engine is lost, and are possible again when it is back", {
  timeout: 20_000,
}, async () => {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  const yate = await connect(address);
  await yate.setlocal("debugname", ownConnection);
  const desk = createPhoneDesk({ yate });
  const [a, b] = [openPage(desk), openPage(desk)];
  const call = async (): Promise<void> => {
    await a.phone.ask("phone.dial", { to: b.number });
    await b.state("ringing");
    await b.phone.ask("phone.answer", { line: 1 });
    await a.state("answered");
  };
  try {
    await call();
    await a.phone.ask("phone.cut", { what: ownConnection, ms: 0 });
    assert.equal((await a.state("ended")).why, "the engine was lost");
    assert.equal((await b.state("ended")).why, "the engine was lost");
    for (let i = 0; i < 200 && yate.state.kind !== "connected"; i++) await delay(20);
    await yate.setlocal("engine.version");
    await call();
    await delay(200);
    const { score } = await carried(a, b);
    assert.ok(score > 0.5, `${score}`);
  } finally {
    await desk.close();
    for (const page of [a, b]) page.leave();
    await yate.close();
    await engine.stop();
  }
  const sockets = (): string[] => process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name));
  // What was closed is gone a turn later.
  for (let i = 0; i < 50 && sockets().length > 0; i++) await delay(10);
  assert.deepEqual(sockets(), []);
});

it("a number that an app takes too is the app's again when its page stays away, and the page's no more", {
  timeout: 20_000,
}, async () => {
  const engine = await createEngine();
  const app = withCalls(engine.connect());
  const taken = new Set(["ivr"]);
  const desk = createPhoneDesk({
    yate: engine.connect(),
    graceMs: 400,
    isTaken: (number) => taken.has(number),
  });
  const [a, b] = [openPage(desk), openPage(desk)];
  try {
    await app.onCall("ivr", async (call) => void (await call.reject("busy"))).ready;
    const given = await a.phone.ask("phone.number", { number: "ivr" });
    assert.equal(given.number, "ivr");
    assert.match(given.note ?? "", /an app takes ivr too/);
    assert.equal((await a.phone.ask("phone.number", { number: "4711" })).note, undefined);
    await a.phone.ask("phone.number", { number: "ivr" });
    const why = async (to: string): Promise<string> => {
      await b.phone.ask("phone.dial", { to });
      return (await b.state("ended")).why;
    };
    await b.phone.ask("phone.dial", { to: "ivr" });
    await a.state("ringing");
    await a.phone.ask("phone.hangup", { line: 1 });
    await b.state("ended");
    a.leave();
    const [away, busy] = [/nobody is at that phone/, /busy/];
    assert.match(await why("ivr"), away);
    await delay(600);
    assert.match(await why("ivr"), busy);
    const again = openPage(desk, a.session);
    assert.notEqual(again.number, "ivr");
    assert.match(await why("ivr"), busy);
    const { number } = again;
    again.leave();
    await delay(600);
    assert.match(await why(number), away, "nobody else takes it");
    assert.equal(openPage(desk, again.session).number, number);
  } finally {
    await desk.close();
    await engine.stop();
  }
});

it("a desk that is closed while it starts has nothing to warn of", async () => {
  await using engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const yate = await connect(engine.addresses.get("tcp") ?? "");
  const warned: string[] = [];
  const log = { ...yate.log, warn: (text: string) => void warned.push(text) };
  await createPhoneDesk({ yate, log }).close();
  // The answers to the handlers' installing have come.
  await yate.setlocal("engine.version");
  await yate.close();
  assert.deepEqual(warned, []);
});
