import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRawPhone, phoneSdp, type RawPhone, textOf } from "./raw-phone.ts";
import { startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

/** An engine where 1, 2, 3 are phones, and app calls go by their numbers. */
async function start() {
  const engine = await startSipEngine();
  const { yate } = engine.embedded;
  const phones: RawPhone[] = [];
  for (const _ of [1, 2, 3]) phones.push(await createRawPhone(engine.sipPort));
  const [one, two, three] = phones;
  assert.ok(one && two && three);
  const watched = new Watched(yate, ["call.route", "call.execute", "chan.hangup", "chan.disconnected"]);
  yate.handle("call.route", {}, (message) => {
    const phone = phones[Number(message.params.get("called")) - 1];
    return phone ? `sip/${phone.uri}` : false;
  });
  return {
    engine,
    yate,
    watched,
    one,
    two,
    three,
    /** Phone one calls phone two, which answers. */
    async talk() {
      const caller = one.call("2");
      const callee = await two.calls.take("the call to two");
      callee.session.accept({ body: phoneSdp(4000) });
      await caller.response(200);
      return { caller, callee };
    },
    async [Symbol.asyncDispose]() {
      for (const phone of phones) await phone[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe("a phone that transfers", () => {
  it("blind: its peer is connected to the target, it hears 202, NOTIFY 200 and BYE", async () => {
    await using t = await start();
    const { caller, callee } = await t.talk();
    const referred = callee.session.request("REFER", {
      headers: [
        ["Refer-To", `<sip:3@127.0.0.1:${t.engine.sipPort}>`],
        ["Referred-By", '"Two" <sip:2@127.0.0.1>'],
      ],
    });
    const third = await t.three.calls.take("the call to three");
    assert.equal((await referred).status, 202);
    const notify = await callee.request("NOTIFY");
    assert.match(notify.headers.get("Event") ?? "", /^refer/);
    assert.equal(notify.headers.get("Subscription-State"), "terminated;reason=noresource");
    assert.equal(textOf(notify), "SIP/2.0 200 OK\r\n");
    assert.equal((await callee.end()).kind, "bye");
    third.session.accept({ body: phoneSdp(4000) });
    const { params } = await t.watched.take("call.route", { reason: "transfer" });
    assert.equal(params.get("called"), "3");
    assert.equal(params.get("diverter"), "2");
    assert.equal(params.get("divertername"), "Two");
    caller.hangup();
    assert.equal((await third.end()).kind, "bye");
  });

  it("to nowhere is told so, and the call goes on", async () => {
    await using t = await start();
    const { caller, callee } = await t.talk();
    const refer = async (headers: [string, string][]): Promise<number> =>
      (await callee.session.request("REFER", { headers })).status;
    // Not by the answer: phones end their call for a 404 or 481 within it.
    assert.equal(await refer([["Refer-To", "<sip:99@127.0.0.1>"]]), 202);
    assert.match(textOf(await callee.request("NOTIFY")), /^SIP\/2\.0 404 /);
    assert.equal(
      await refer([
        ["Refer-To", "<sip:99@127.0.0.1>"],
        ["Refer-Sub", "false"],
      ]),
      603,
    );
    assert.equal(await refer([]), 400);
    assert.equal(await refer([["Refer-To", "<sip:1@127.0.0.1?Replaces=abc>"]]), 501);
    t.yate.handle("call.route", { priority: 50, filter: { called: "no" } }, (message) => {
      message.params.set("error", "forbidden");
      return "-";
    });
    assert.equal(await refer([["Refer-To", "<sip:no@127.0.0.1>"]]), 202);
    assert.match(textOf(await callee.request("NOTIFY")), /^SIP\/2\.0 403 /);
    assert.equal(callee.session.state, "confirmed");
    caller.hangup();
    assert.equal((await callee.end()).kind, "bye");
  });

  it("to a target that cannot be called hears 202 and a NOTIFY of the failure", async () => {
    await using t = await start();
    const { callee } = await t.talk();
    t.yate.handle(
      "call.route",
      { priority: 50, filter: { called: "dead" } },
      () => "sip/sip:x@no-host.invalid",
    );
    const response = await callee.session.request("REFER", {
      headers: [["Refer-To", "<sip:dead@127.0.0.1>"]],
    });
    assert.equal(response.status, 202);
    assert.match(textOf(await callee.request("NOTIFY")), /^SIP\/2\.0 603 /);
    assert.equal(callee.session.state, "confirmed");
  });

  it("attended: both its calls end, and those it talked to are together", async () => {
    await using t = await start();
    const { caller, callee } = await t.talk();
    const second = t.two.call("3");
    const third = await t.three.calls.take("the call to three");
    third.session.accept({ body: phoneSdp(4000) });
    await second.response(200);
    const { callId, localTag, remoteTag } = second.session;
    const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
    const referred = await callee.session.request("REFER", {
      headers: [["Refer-To", `<sip:3@127.0.0.1:${t.engine.sipPort}?Replaces=${replaces}>`]],
    });
    assert.equal(referred.status, 202);
    assert.match(textOf(await callee.request("NOTIFY")), /200 OK/);
    assert.equal((await callee.end()).kind, "bye");
    assert.equal((await second.end()).kind, "bye");
    caller.hangup();
    assert.equal((await third.end()).kind, "bye", "the third hears of the first");
  });

  it("a call with Replaces takes the place of the one it names", async () => {
    await using t = await start();
    const { caller, callee } = await t.talk();
    const { callId, localTag, remoteTag } = callee.session;
    const wrong = t.three.call("1", { headers: [["Replaces", "nobody;to-tag=a;from-tag=b"]] });
    await wrong.response(481);
    const taking = t.three.call("1", {
      headers: [["Replaces", `${callId};to-tag=${remoteTag};from-tag=${localTag}`]],
    });
    await taking.response(200);
    assert.equal((await callee.end()).kind, "bye");
    caller.hangup();
    assert.equal((await taking.end()).kind, "bye");
  });
});
