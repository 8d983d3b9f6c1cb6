import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRawPhone, phoneSdp, textOf } from "./raw-phone.ts";
import { type ConfigTexts, startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

const life = ["user.auth", "call.execute", "chan.startup", "chan.disconnected", "chan.hangup", "call.update"];

/** An engine, an app on it that sends `dumb` to a dumb channel and all else nowhere, and a phone. */
async function start(texts: ConfigTexts = {}) {
  const engine = await startSipEngine(texts);
  const phone = await createRawPhone(engine.sipPort);
  const { yate } = engine.embedded;
  const watched = new Watched(yate, [...life, "chan.rtp", "chan.dtmf", "call.route"]);
  yate.handle("call.route", { filter: { called: "dumb" } }, () => "dumb/callee");
  yate.handle("call.route", { filter: { called: "dial" } }, () => "tone/dial");
  return {
    engine,
    phone,
    yate,
    watched,
    async [Symbol.asyncDispose]() {
      await phone[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe("a call that comes by SIP", () => {
  it("is told with the parameters of spec/sip.md §3, in their order", async () => {
    await using t = await start();
    const call = t.phone.call("dumb", {
      headers: [
        ["Subject", "lunch"],
        ["Call-Info", "<http://example.com/photo>;purpose=icon"],
        ["X-Two", "a"],
        ["X-Two", "b"],
      ],
    });
    const { params } = await t.watched.take("call.execute");
    const names = [...params].map(([name]) => name).filter((name) => !name.startsWith("sip_x"));
    assert.deepEqual(names.slice(0, names.indexOf("callto")), [
      "id",
      "module",
      "status",
      "address",
      "billid",
      "answered",
      "direction",
      "callid",
      "caller",
      "called",
      "callername",
      "caller_icon_uri",
      "antiloop",
      "ip_host",
      "ip_port",
      "ip_transport",
      "address",
      "connection_id",
      "connection_reliable",
      "sip_uri",
      "sip_from",
      "sip_to",
      "sip_callid",
      "device",
      "sip_contact",
      "sip_allow",
      "sip_user-agent",
      "sip_supported",
      "sip_subject",
      "sip_call-info",
      "sip_content-type",
      "newcall",
      "domain",
      "rtp_addr",
      "media",
      "formats",
      "transport",
      "rtp_rfc2833",
      "rtp_port",
      "rtp_forward",
    ]);
    assert.deepEqual(params.getAll("sip_x-two"), ["a", "b"]);
    assert.equal(params.get("callername"), "Phone");
    assert.equal(params.get("antiloop"), "19");
    call.hangup();
    assert.equal((await call.end()).kind, "local");
    const gone = await t.watched.take("chan.hangup", { module: "sip" });
    assert.equal(gone.params.get("reason"), "Request Terminated");
  });

  for (const [error, status] of [
    ["noroute", 404],
    ["busy", 486],
    ["noanswer", 480],
    ["rejected", 406],
    ["forbidden", 403],
    ["congestion", 480],
    ["incomplete", 484],
    ["nomedia", 415],
    ["unallocated", 410],
    ["603", 603],
    ["whatever", 500],
  ] as const) {
    it(`is refused with ${status} for the error ${error}, with its reason as the phrase`, async () => {
      await using t = await start();
      t.yate.handle("call.route", { filter: { called: "no" } }, (message) => {
        message.params.set("error", error).set("reason", "because");
        return "-";
      });
      const response = await t.phone.call("no").response(status);
      assert.equal(response.reason, "because");
      const gone = await t.watched.take("chan.hangup", { module: "sip" });
      assert.equal(gone.params.get("status"), "rejected");
      assert.equal(gone.params.get("reason"), "because");
      assert.equal(gone.params.get("cause_sip"), undefined);
    });
  }

  it("hears ringing, progress with early media, and the answer on one RTP port", async () => {
    await using t = await start();
    t.yate.handle("call.route", { filter: { called: "later" } }, (message) => {
      message.params.set("autoring", false);
      return "dumb/callee";
    });
    const call = t.phone.call("later");
    const { params } = await t.watched.take("call.execute", { callto: "dumb/callee" });
    const [id, targetid] = [params.get("targetid") ?? "", params.get("id") ?? ""];
    await t.yate.msg("call.ringing", { id, targetid, "osip_X-Ring": "one" }).dispatch();
    const ringing = await call.response(180);
    assert.equal(ringing.body.length, 0);
    assert.equal(ringing.headers.get("X-Ring"), "one");
    assert.match(ringing.headers.get("Contact") ?? "", /^<sip:.*@127\.0\.0\.1:\d+>$/);
    await t.yate.msg("call.progress", { id, targetid, earlymedia: true }).dispatch();
    const early = textOf(await call.response(183));
    await t.yate.msg("call.answered", { id, targetid }).dispatch();
    const answered = textOf(await call.response(200));
    const port = /m=audio (\d+) /.exec(early)?.[1];
    assert.ok(port);
    assert.equal(/m=audio (\d+) /.exec(answered)?.[1], port);
    assert.match(answered, /m=audio \d+ RTP\/AVP 8 101\r\n/);
    assert.equal((await t.yate.msg("call.answered", { id, targetid }).dispatch()).handled, false);
    call.hangup();
  });

  it("gets our offer in the 200 when its INVITE has none, and sound starts with the answer in the ACK", async () => {
    await using t = await start();
    const call = t.phone.call("dial", { media: 0 });
    const { params } = await t.watched.take("call.execute");
    assert.equal(params.get("rtp_forward"), "missing");
    assert.match(textOf(await call.response(200)), /m=audio \d+ RTP\/AVP 0 8 3 \d+ \d+ 101 \d+\r\n/);
    call.hangup();
  });

  it("without a codec that we know is routed, and refused with 488 when it would be answered", async () => {
    await using t = await start();
    const body = {
      type: "application/sdp",
      bytes: new TextEncoder().encode(
        "v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 SPEEX/8000\r\n",
      ),
    };
    const call = t.phone.call("dial", { body });
    await t.watched.take("call.execute");
    await call.response(488);
  });

  it("with a session description that cannot be read is refused, and told why", async () => {
    await using t = await start();
    const body = {
      type: "application/sdp",
      bytes: new TextEncoder().encode("v=0\r\nm=audio 99999 RTP/AVP 8\r\n"),
    };
    const response = await t.phone.call("dial", { body }).response(400);
    assert.match(response.reason, /Bad session description/);
  });

  it("that would be sent on for ever is refused with 483", async () => {
    await using t = await start();
    await t.phone.call("dial", { maxForwards: 0 }).response(483);
  });

  it("ends for its peer with the reason of the BYE, and the figures of its sound", async () => {
    await using t = await start();
    const call = t.phone.call("dial");
    await call.response(200);
    await t.watched.take("chan.rtp", { status: "updated" });
    call.hangup({ headers: [["Reason", 'Q.850;cause=16;text="had \\"enough\\""']] });
    const gone = await t.watched.take("chan.hangup", { module: "sip" });
    assert.equal(gone.params.get("reason"), 'had "enough"');
    assert.equal(gone.params.get("cause_sip"), "200");
    assert.match(gone.params.get("rtp_stats") ?? "", /^PS=\d+,OS=\d+,PR=0,OR=0,PL=0$/);
    const left = await t.watched.take("chan.disconnected", { module: "tone" });
    assert.equal(left.params.get("reason"), 'had "enough"');
  });

  for (const [reason, header] of [
    ["busy", 'SIP;cause=486;text="Busy Here"'],
    ["", undefined],
    ["no such word", undefined],
  ] as const) {
    it(`dropped with reason "${reason}" gets a BYE ${header ? "that says so" : "without one"}`, async () => {
      await using t = await start();
      const call = t.phone.call("dial");
      await call.response(200);
      await t.yate.msg("call.drop", { id: "sip/1", reason }).dispatch();
      const { kind, request } = await call.end();
      assert.equal(kind, "bye");
      assert.equal(request?.headers.get("Reason"), header);
      const gone = await t.watched.take("chan.hangup", { id: "sip/1" });
      assert.equal(gone.params.get("reason"), header && "Busy Here");
      assert.equal(gone.params.get("status"), reason || "dropped");
    });
  }

  it("whose callee leaves before the answer gets the final response of that reason", async () => {
    await using t = await start();
    const call = t.phone.call("dumb");
    await call.response(180);
    await t.yate.msg("call.drop", { id: "dumb/1", reason: "busy" }).dispatch();
    await call.response(486);
  });

  it("is sent elsewhere by redirect", async () => {
    await using t = await start();
    t.yate.handle("call.route", { filter: { called: "moved" } }, (message) => {
      message.params.set("redirect", true);
      return "sip/sip:else@127.0.0.2";
    });
    const response = await t.phone.call("moved").response(302);
    assert.equal(response.headers.get("Contact"), "<sip:else@127.0.0.2>");
    assert.equal((await t.watched.take("chan.hangup")).params.get("status"), "redirected");
  });

  it("holds, resumes and moves by re-INVITE; apps are told by call.update", async () => {
    await using t = await start();
    const call = t.phone.call("dial");
    const port = /m=audio (\d+) /.exec(textOf(await call.response(200)))?.[1];
    await call.session.reinvite({ body: phoneSdp(4000, "a=sendonly") }).then((response) => {
      assert.match(textOf(response), new RegExp(`m=audio ${port} `));
      assert.match(textOf(response), /a=recvonly/);
    });
    const held = await t.watched.take("call.update", { operation: "notify" });
    assert.equal(held.params.get("mute"), "false");
    assert.equal(held.params.get("sdp_sendonly"), "");
    await call.session.reinvite({ body: phoneSdp(4000, "", "0.0.0.0") });
    assert.equal((await t.watched.take("call.update", { operation: "notify" })).params.get("mute"), "true");
    await t.watched.take("chan.rtp", { terminate: "true" });
    const resumed = await call.session.reinvite({ body: phoneSdp(4002, "a=sendrecv") });
    assert.match(textOf(resumed), /m=audio [1-9]\d* /);
    assert.equal((await t.watched.take("call.update", { operation: "notify" })).params.get("mute"), "false");
    assert.match(textOf(await call.session.reinvite({})), /m=audio [1-9]\d* /, "without an offer: ours");
    call.hangup();
  });

  it("goes on as it was when a new offer has nothing that we know, and takes any codec that we know", async () => {
    await using t = await start();
    const call = t.phone.call("dial");
    const { rtpid } = Object.fromEntries((await t.watched.take("chan.rtp", { status: "updated" })).params);
    const offer = (payload: number, encoding: string) => ({
      type: "application/sdp",
      bytes: new TextEncoder().encode(
        `v=0\r\no=p 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP ${payload}\r\na=rtpmap:${payload} ${encoding}/8000\r\n`,
      ),
    });
    assert.equal((await call.session.reinvite({ body: offer(96, "SPEEX") })).status, 488);
    const ended = t.watched.all.some(({ params }) => params.get("terminate") === "true");
    assert.equal(ended, false, "its sound was ended for an offer that was refused");
    const other = await call.session.reinvite({ body: offer(0, "PCMU") });
    assert.equal(other.status, 200);
    assert.match(textOf(other), /m=audio \d+ RTP\/AVP 0\r\n/);
    await t.watched.take("chan.rtp", { rtpid, terminate: "true" });
    const moved = await t.watched.take("chan.rtp", { status: "created", format: "mulaw" });
    assert.equal(moved.params.get("remoteport"), "4000");
    call.hangup();
  });

  it("tells what else stands in a body of several parts", async () => {
    await using t = await start();
    const parts = [
      "--b\r\nContent-Type: application/sdp\r\n\r\n",
      new TextDecoder().decode(phoneSdp(4000).bytes),
      "\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n",
    ];
    const bytes = new TextEncoder().encode(parts.join(""));
    const call = t.phone.call("dial", { body: { type: "multipart/mixed;boundary=b", bytes } });
    const { params } = await t.watched.take("call.execute");
    assert.equal(params.get("xsip_type"), "text/plain");
    assert.equal(params.get("xsip_body"), "hello");
    assert.equal(params.get("formats"), "alaw");
    await call.response(200);
    call.hangup();
  });

  it("has its parameters, those of the protocol before them, in each message about its end", async () => {
    await using t = await start();
    const call = t.phone.call("dial");
    await t.watched.take("chan.rtp", { status: "updated" });
    call.hangup({ headers: [["X-Why", "tired"]] });
    const { params } = await t.watched.take("chan.hangup", { module: "sip" });
    const names = [...params].map(([name]) => name).filter((name) => !/^(sip_|handlers$)/.test(name));
    assert.deepEqual(names, [
      "id",
      "module",
      "cause_sip",
      "rtp_stats",
      "status",
      "address",
      "billid",
      "peerid",
      "lastpeerid",
      "answered",
      "direction",
      "domain",
      "callid",
    ]);
    assert.equal(params.get("sip_x-why"), "tired");
    const { callId, localTag, remoteTag } = call.session;
    assert.equal(params.get("callid"), `sip/${callId}/${localTag}/${remoteTag}`);
    const left = await t.watched.take("chan.disconnected", { module: "tone" });
    assert.deepEqual([...left.params].map(([name]) => name).slice(0, 2), ["cause_sip", "rtp_stats"]);
  });

  it("tells each key that comes by INFO, in either form", async () => {
    await using t = await start();
    const call = t.phone.call("dial");
    await call.response(200);
    const info = async (type: string, text: string): Promise<number> =>
      (await call.session.request("INFO", { body: { type, bytes: new TextEncoder().encode(text) } })).status;
    assert.equal(await info("application/dtmf-relay", "Signal=11\r\nDuration=160\r\n"), 200);
    assert.equal((await t.watched.take("chan.dtmf")).params.get("text"), "#");
    assert.equal(await info("application/dtmf", "7"), 200);
    const key = await t.watched.take("chan.dtmf");
    assert.equal(key.params.get("text"), "7");
    assert.equal(key.params.get("detected"), "sip-info");
    assert.equal(await info("application/dtmf-relay", "Signal=x\r\n"), 415);
    assert.equal(await info("text/plain", "hello"), 415);
    call.hangup();
  });

  it("leaves nothing behind: no channel, no RTP session, no session", async () => {
    await using t = await start();
    const calls = Array.from({ length: 20 }, () => t.phone.call("dial"));
    for (const call of calls) await call.response(200);
    for (const call of calls) call.hangup();
    for (const call of calls) await call.end();
    for (let i = 0; i < 20; i++) await t.watched.take("chan.hangup", { module: "sip" });
    const status = await t.yate.msg("engine.status", { module: "" }).dispatch();
    assert.match(status.retvalue, /name=sip,[^\r]*total=20,chans=0/);
    assert.match(status.retvalue, /name=yrtp,type=misc;chans=0/);
  });
});

describe("a caller's credentials", () => {
  it("are asked for when routing says noauth; then BYE is challenged too", async () => {
    await using t = await start({ regfile: "[100]\npassword=secret\n" });
    t.yate.handle("call.route", { priority: 50, filter: { called: "private" } }, (message) => {
      if (message.params.get("username") === "100") return "tone/dial";
      message.params.set("error", "noauth");
      return "-";
    });
    const stranger = t.phone.call("private");
    const challenge = (await stranger.response(401)).headers.get("WWW-Authenticate") ?? "";
    assert.match(challenge, /^Digest realm="Yate", .*nonce="[0-9a-f]{32}\.\d+", stale=FALSE, algorithm=MD5$/);
    const call = t.phone.call("private", { user: "100", password: "secret" });
    await call.response(200);
    call.hangup();
    await call.end();
    await t.watched.take("user.auth", { method: "BYE", username: "100" });
    await t.watched.take("chan.hangup", { status: "answered" });
    const wrong = t.phone.call("private", { user: "100", password: "wrong" });
    await wrong.response(401);
  });

  it("that user.auth refuses end the call with its error", async () => {
    await using t = await start();
    t.yate.handle("user.auth", {}, (message) => {
      message.params.set("error", "forbidden").set("reason", "not you");
      return "-";
    });
    assert.equal((await t.phone.call("dial").response(403)).reason, "not you");
  });
});
