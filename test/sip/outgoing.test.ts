import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRawPhone, type PhoneCall, phoneSdp, textOf } from "./raw-phone.ts";
import { startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

async function start() {
  const engine = await startSipEngine();
  const phone = await createRawPhone(engine.sipPort);
  const { yate } = engine.embedded;
  const names = ["call.ringing", "call.progress", "call.answered", "chan.hangup", "chan.disconnected"];
  const watched = new Watched(yate, [...names, "chan.startup", "chan.rtp", "chan.dtmf"]);
  /** Calls the phone from a dumb channel. */
  const dial = (params: Readonly<Record<string, string | boolean>> = {}) =>
    yate
      .msg("call.execute", {
        callto: "dumb/originator",
        target: "x",
        caller: "alice",
        direct: `sip/sip:bob@127.0.0.1:${phone.port}`,
        copyparams: Object.keys(params).join(","),
        ...params,
      })
      .dispatch();
  return {
    engine,
    phone,
    yate,
    watched,
    dial,
    /** Calls, and lets the phone ring. */
    async ring(params?: Readonly<Record<string, string | boolean>>) {
      const reply = await dial(params);
      assert.equal(reply.handled, true);
      const call: PhoneCall = await phone.calls.take("the call");
      return { call, caller: reply.params.get("id") ?? "", callee: reply.params.get("peerid") ?? "" };
    },
    async [Symbol.asyncDispose]() {
      await phone[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe("a call to sip/", () => {
  it("carries the caller's names, the headers asked for, and an offer", async () => {
    await using t = await start();
    const { call } = await t.ring({
      callername: 'Alice "A"',
      calledname: "Bob",
      domain: "example.com",
      "osip_X-Account": "7",
      osip_Via: "evil",
      formats: "alaw,mulaw",
      antiloop: "7",
    });
    const { headers, uri } = call.session.invite;
    assert.equal(uri, `sip:bob@127.0.0.1:${t.phone.port}`);
    assert.match(headers.get("From") ?? "", /^"Alice \\"A\\"" <sip:alice@example\.com>;tag=/);
    assert.match(headers.get("To") ?? "", /^"?Bob"? <sip:bob@/);
    assert.equal(headers.get("X-Account"), "7");
    assert.equal(headers.all("Via").length, 1);
    assert.equal(headers.get("Max-Forwards"), "7");
    assert.match(textOf(call.session.invite), /m=audio \d+ RTP\/AVP 8 0 101\r\n/);
    call.hangup();
  });

  it("takes no line of the app's making into its headers", async () => {
    await using t = await start();
    const { call } = await t.ring({
      caller: "a b\r\nEvil: 1",
      callername: "c\r\nEvil: 2",
      "osip_X-A": "d\r\nEvil: 3",
    });
    const { headers } = call.session.invite;
    assert.equal(headers.get("Evil"), undefined);
    assert.match(headers.get("From") ?? "", /<sip:a%20b%0D%0AEvil%3A%201@/);
    assert.match(headers.get("Contact") ?? "", /^<sip:a%20b[%\w]*@127\.0\.0\.1:\d+>$/);
    call.hangup();
  });

  it("rings, has early media, is answered and ends; each is told with its headers", async () => {
    await using t = await start();
    const { call, caller, callee } = await t.ring();
    assert.equal((await t.watched.take("chan.startup", { id: callee })).params.get("caller"), "alice");
    call.session.provisional(180, { headers: [["X-Where", "desk"]] });
    const ringing = await t.watched.take("call.ringing", { id: callee, peerid: caller });
    assert.equal(ringing.params.get("sip_x-where"), "desk");
    assert.equal(ringing.params.get("earlymedia"), "false");
    assert.equal(ringing.params.get("status"), "ringing");
    call.session.accept({ body: phoneSdp(4000) });
    const answered = await t.watched.take("call.answered", { id: callee, targetid: caller });
    assert.equal(answered.params.get("answered"), "true");
    assert.equal(answered.params.get("formats"), "alaw");
    call.hangup({ headers: [["Reason", 'SIP;text="bye bye"']] });
    const left = await t.watched.take("chan.disconnected", { id: caller });
    assert.equal(left.params.get("reason"), "bye bye");
  });

  it("is given up after maxcall without an answer, and never once it is answered", async () => {
    await using t = await start();
    const late = await t.ring({ maxcall: "1000" });
    late.call.session.provisional(180);
    const gone = await t.watched.take("chan.hangup", { id: late.callee });
    assert.equal(gone.params.get("status"), "noanswer");
    assert.equal((await late.call.end()).kind, "cancelled");
    const { call, callee } = await t.ring({ maxcall: "500" });
    call.session.accept({ body: phoneSdp(4000) });
    await t.watched.take("call.answered", { id: callee });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.equal(call.session.state, "confirmed");
    call.hangup();
  });

  it("tells 181, 182 and 183 as progress, with sound at once where there is a session description", async () => {
    await using t = await start();
    const { call, callee } = await t.ring();
    call.session.provisional(181);
    assert.equal((await t.watched.take("call.progress")).params.get("reason"), "forwarded");
    call.session.provisional(182);
    assert.equal((await t.watched.take("call.progress")).params.get("reason"), "queued");
    call.session.provisional(183, { body: phoneSdp(4000) });
    await t.watched.take("chan.rtp", { id: callee, remoteport: "4000" });
    const early = await t.watched.take("call.progress");
    assert.equal(early.params.get("formats"), "alaw");
    assert.equal(early.params.get("earlymedia"), undefined);
    assert.equal(early.params.get("earlymedia"), undefined);
    call.session.reject(486);
  });

  for (const [status, reason] of [
    [400, "interworking"],
    [401, "noauth"],
    [403, "forbidden"],
    [404, "noroute"],
    [408, "noconn"],
    [410, "unallocated"],
    [480, "noanswer"],
    [486, "busy"],
    [487, "noanswer"],
    [500, "failure"],
    [503, "noconn"],
    [600, "busy"],
    [603, "forbidden"],
    [604, "noroute"],
    [606, "rejected"],
    [499, "Odd One"],
  ] as const) {
    it(`refused with ${status} ends for the caller with ${reason}`, async () => {
      await using t = await start();
      const { call, caller, callee } = await t.ring();
      call.session.reject(status, { reason: status === 499 ? "Odd One" : undefined });
      const left = await t.watched.take("chan.disconnected", { id: caller });
      assert.equal(left.params.get("reason"), reason);
      assert.equal(left.params.get("cause_sip"), String(status));
      const gone = await t.watched.take("chan.hangup", { id: callee });
      assert.equal(gone.params.get("cause_sip"), String(status));
    });
  }

  it("that is redirected is not followed; the caller's end tells where to", async () => {
    await using t = await start();
    const { call, caller } = await t.ring();
    call.session.reject(302, { headers: [["Contact", '"Carol" <sip:carol@127.0.0.9>']] });
    const { params } = await t.watched.take("chan.disconnected", { id: caller });
    assert.equal(params.get("redirect"), "true");
    assert.equal(params.get("called"), "carol");
    assert.equal(params.get("calledname"), "Carol");
    assert.equal(params.get("calleduri"), "sip:carol@127.0.0.9");
  });

  it("given up before the answer is cancelled; picked up elsewhere the phone is told so", async () => {
    await using t = await start();
    const first = await t.ring();
    await t.yate.msg("call.drop", { id: first.caller }).dispatch();
    assert.equal((await first.call.end()).kind, "cancelled");
    const second = await t.ring();
    await t.yate.msg("call.drop", { id: second.caller, reason: "pickup" }).dispatch();
    const { request } = await second.call.end();
    assert.match(request?.headers.get("Reason") ?? "", /cause=200/);
  });

  it("without an offer (sdp_ack) answers the callee's in the ACK", async () => {
    await using t = await start();
    const { call, callee } = await t.ring({ sdp_ack: true });
    assert.equal(call.session.invite.body.length, 0);
    call.session.accept({ body: phoneSdp(4006) });
    await t.watched.take("call.answered", { id: callee });
    await t.watched.take("chan.rtp", { id: callee, remoteport: "4006" });
    const ack = await call.events.take("the ACK", (event) => event.kind === "ack");
    assert.match(ack.kind === "ack" ? textOf(ack.request) : "", /m=audio \d+ RTP\/AVP 8/);
    call.hangup();
  });

  it("cannot be made by nobody, to nowhere, or through a line that is not there", async () => {
    await using t = await start();
    const alone = await t.yate.msg("call.execute", { callto: "sip/sip:bob@127.0.0.1" }).dispatch();
    assert.equal(alone.handled, false);
    const nowhere = await t.dial({ direct: "sip/sip:bob@no-such-host.invalid" });
    assert.equal(nowhere.handled, false);
    assert.equal(nowhere.params.get("error"), "notransport");
    const offline = await t.dial({ direct: "sip/bob", line: "nobody" });
    assert.equal(offline.params.get("error"), "offline");
  });

  it("gets keys as events, by INFO where the peer has none of them, one INFO a key", async () => {
    await using t = await start();
    const { call, caller, callee } = await t.ring();
    call.session.accept({ body: phoneSdp(4000) });
    await t.watched.take("call.answered");
    const send = (text: string, methods = ""): Promise<{ handled: boolean }> =>
      t.yate.msg("chan.dtmf", { id: caller, targetid: callee, text, methods }).dispatch();
    assert.equal((await send("1")).handled, true);
    assert.equal((await send("*7", "info")).handled, true);
    assert.equal(textOf(await call.request("INFO")), "Signal=10\r\n");
    assert.equal(textOf(await call.request("INFO")), "Signal=7\r\n");
    call.hangup();
  });

  it("gets texts as MESSAGE", async () => {
    await using t = await start();
    const { call, caller, callee } = await t.ring();
    call.session.accept({ body: phoneSdp(4000) });
    await t.watched.take("call.answered");
    await t.yate.msg("chan.text", { id: caller, targetid: callee, text: "zażółć" }).dispatch();
    const message = await call.request("MESSAGE");
    assert.equal(textOf(message), "zażółć");
    assert.equal(message.headers.get("Content-Type"), "text/plain");
    call.hangup();
  });

  it("is offered anew by call.update of its peer", async () => {
    await using t = await start();
    const { call, caller, callee } = await t.ring();
    call.session.accept({ body: phoneSdp(4000) });
    await t.watched.take("call.answered");
    const asked = await t.yate
      .msg("call.update", {
        id: caller,
        targetid: callee,
        operation: "notify",
        audio_changed: true,
        formats: "mulaw",
      })
      .dispatch();
    assert.equal(asked.handled, true);
    const offer = await call.events.take("a re-INVITE", (event) => event.kind === "offer");
    assert.match(offer.kind === "offer" ? textOf(offer.request) : "", /RTP\/AVP 0 101/);
    call.hangup();
  });
});
