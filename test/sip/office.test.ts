import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { office } from "../../examples/office.ts";
import { createRawPhone, phoneSdp, type RawPhone, textOf } from "./raw-phone.ts";
import { startSipEngine } from "./sip-engine.ts";

const users = ["100", "200", "300"];

/** The example with three registered phones, and what it told. */
async function start() {
  const regfile = users.map((user) => `[${user}]\npassword=secret\n`).join("");
  const engine = await startSipEngine({ regfile });
  const app = engine.embedded.connect();
  const told: string[] = [];
  office(app, (text) => told.push(text)).catch(() => {});
  await app.setlocal("engine.version");
  const phones: RawPhone[] = [];
  for (const user of users) {
    const phone = await createRawPhone(engine.sipPort);
    const registered = await phone.ask("REGISTER", "", {
      user,
      password: "secret",
      headers: [["Contact", `<sip:${user}@127.0.0.1:${phone.port}>`]],
    });
    assert.equal(registered.status, 200);
    phones.push(phone);
  }
  const [one, two, three] = phones;
  assert.ok(one && two && three);
  const caller = one.call("200", { user: "100", password: "secret", from: "<sip:100@127.0.0.1>" });
  const callee = await two.calls.take("the call to 200");
  callee.session.accept({ body: phoneSdp(4000) });
  await caller.response(200);
  /** 200 presses its button for transfers. */
  const refer = async (to: string): Promise<number> => {
    const headers: [string, string][] = [
      ["Refer-To", `<sip:${to}>`],
      ["Referred-By", "<sip:200@127.0.0.1>"],
    ];
    return (await callee.session.request("REFER", { headers })).status;
  };
  return {
    told,
    caller,
    callee,
    three,
    two,
    refer,
    async [Symbol.asyncDispose]() {
      for (const phone of phones) await phone[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe("the office example, and phones that transfer by their own button", () => {
  it("tells of a transfer from phone to phone, and lets it be", async () => {
    await using it = await start();
    const referred = it.refer("300@127.0.0.1");
    const third = await it.three.calls.take("the call to 300");
    assert.equal(await referred, 202);
    third.session.accept({ body: phoneSdp(4000) });
    assert.match(textOf(await it.callee.request("NOTIFY")), /200 OK/);
    assert.equal((await it.callee.end()).kind, "bye");
    assert.deepEqual(it.told, ["100 is transferred to 300"]);
    it.caller.hangup();
    assert.equal((await third.end()).kind, "bye");
  });

  it("forbids one to the outside, and the two go on talking", async () => {
    await using it = await start();
    assert.equal(await it.refer("0123@127.0.0.1"), 202);
    assert.match(textOf(await it.callee.request("NOTIFY")), /403 Forbidden/);
    assert.deepEqual(it.told, []);
    assert.equal(it.callee.session.state, "confirmed");
    it.caller.hangup();
    assert.equal((await it.callee.end()).kind, "bye");
  });

  it("lets a phone ask the third first, and then put the two together", async () => {
    await using it = await start();
    const second = it.two.call("300", { user: "200", password: "secret", from: "<sip:200@127.0.0.1>" });
    const third = await it.three.calls.take("the call to 300");
    third.session.accept({ body: phoneSdp(4000) });
    await second.response(200);
    const { callId, localTag, remoteTag } = second.session;
    const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
    assert.equal(await it.refer(`300@127.0.0.1?Replaces=${replaces}`), 202);
    assert.equal((await it.callee.end()).kind, "bye");
    it.caller.hangup();
    assert.equal((await third.end()).kind, "bye");
  });
});
