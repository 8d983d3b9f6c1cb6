import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";
import { createSrtpReceiver, createSrtpSender, parseRtpPacket } from "../../rtp/index.ts";
import { readSdesKey } from "./sdes-keys.ts";
import { srtpPrimitives } from "./srtp-primitives.ts";

const timed = { timeout: 20_000 };

/** As SIP sends it (spec/rtp.md §6). */
function offer(
  bench: RtpBench,
  id: string,
  params: Record<string, string | number | boolean> = {},
): Promise<Answer> {
  return bench.about(id, "chan.rtp", {
    module: "dumb",
    call_status: "incoming",
    media: "audio",
    transport: "RTP/AVP",
    direction: "bidir",
    format: "alaw",
    ipv6_support: true,
    remoteip: "127.0.0.1",
    ...params,
  });
}

async function started(
  bench: RtpBench,
  id: string,
  peer: RtpPeer,
  params: Record<string, string | number | boolean> = {},
): Promise<Record<string, string>> {
  const answer = await offer(bench, id, { remoteport: peer.port, ...params });
  assert.equal(answer.handled, true, answer.params.reason);
  return answer.params;
}

test("a port is allocated before the peer's is known, and sound flows once it is", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const phone = await bench.peer();
  const { params, handled } = await offer(bench, left);
  assert.equal(handled, true);
  assert.deepEqual(Object.keys(params).slice(-4), ["localip", "localport", "rtpid", "status"]);
  assert.equal(params.status, "created");
  assert.equal(params.localip, "127.0.0.1");
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  assert.equal(bench.figures(params.rtpid).sent, 0);
  const start = await offer(bench, left, {
    rtpid: params.rtpid ?? "",
    localip: "127.0.0.1",
    remoteport: phone.port,
    evpayload: 101,
  });
  assert.equal(start.handled, true);
  assert.equal(start.params.status, "updated");
  assert.equal(start.params.localport, params.localport);
  assert.deepEqual(Object.keys(start.params).slice(-2), ["localport", "status"]);
  await bench.pass(40);
  assert.equal((await phone.heard(2))[0]?.payloadType, 8);
});

test("allocation and start may come in one message", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const phone = await bench.peer();
  assert.equal((await started(bench, left, phone)).status, "created");
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(40);
  await phone.heard(2);
});

test(
  "the end is answered at once with the figures, and frees the ports and the channel's places",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [left, right] = await bench.pair();
    const phone = await bench.peer();
    const { rtpid, localport } = await started(bench, left, phone);
    await bench.as(right, "chan.attach", { source: "tone/dial" });
    for (let i = 0; i < 4; i++) phone.talk(localport, i === 2 ? { sequence: 1004 } : {});
    await bench.until("they came", () => bench.figures(rtpid).received === 4);
    await bench.pass(100);
    await phone.heard(5);
    const message = bench.engine.message("chan.rtp", {
      rtpid: rtpid ?? "",
      media: "audio",
      transport: "RTP/AVP",
      terminate: true,
    });
    const { sent } = bench.figures(rtpid);
    assert.equal(bench.engine.kernel.dispatch(message), true, "without a turn of the event loop");
    assert.equal(message.get("status"), "terminated");
    assert.equal(message.get("localport"), localport);
    assert.equal(message.get("stats"), `PS=${sent},OS=${sent * 160},PR=4,OR=640,PL=2`);
    assert.equal(bench.module.figures(rtpid ?? ""), undefined);
    assert.equal(bench.engine.endpoints.get(left)?.audio.source, undefined);
    const again = await started(bench, left, phone);
    assert.equal(again.status, "created");
    assert.notEqual(again.rtpid, rtpid);
    assert.notEqual(again.localport, localport);
  },
);

test("an address is changed by the id alone, from any connection", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [first, second] = [await bench.peer(), await bench.peer()];
  const { rtpid } = await started(bench, left, first);
  const moved = await bench.send("chan.rtp", {
    rtpid: rtpid ?? "",
    remoteip: "127.0.0.1",
    remoteport: second.port,
  });
  assert.equal(moved.handled, true);
  assert.equal(moved.params.status, "updated");
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(40);
  await second.heard(2);
  assert.deepEqual(first.packets, []);
});

test("a refresh with the same address does not undo what the phone's packets have shown", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [told, real, stranger] = [await bench.peer(), await bench.peer(), await bench.peer()];
  const { rtpid, localport } = await started(bench, left, told);
  real.talk(localport);
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await offer(bench, left, { rtpid: rtpid ?? "", remoteport: told.port });
  stranger.talk(localport, { ssrc: 3 });
  real.talk(localport);
  await bench.until("the next came", () => bench.figures(rtpid).received === 2);
  assert.equal(bench.figures(rtpid).strangers, 1);
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(40);
  await real.heard(2);
});

test("linear sound travels in network order", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [phone, app] = [await bench.peer(), await bench.peer()];
  const { localport, rtpid } = await started(bench, left, phone, { format: "slin" });
  await bench.as(right, "chan.attach", {
    source: "rtp/app",
    consumer: "rtp/app",
    remoteip: "127.0.0.1",
    remoteport: app.port,
    format: "slin",
  });
  const network = new Uint8Array(320).map((_, at) => (at % 2 === 0 ? 0x12 : 0x34));
  const little = network.map((byte) => (byte === 0x12 ? 0x34 : 0x12));
  phone.talk(localport, { payloadType: 11, payload: network });
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await bench.pass(60);
  assert.deepEqual([...((await app.heard(1))[0]?.payload ?? [])], [...little]);
});

test("another payload number, and no keys, as the peer has it", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const phone = await bench.peer();
  const { rtpid } = await started(bench, left, phone, { payload: 97, evpayload: false });
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(20);
  assert.equal((await phone.heard(1))[0]?.payloadType, 97);
  const key = await bench.send("chan.dtmf", { targetid: rtpid ?? "", text: "5" });
  assert.equal(key.handled, false, "the phone takes no events");
});

test("only the wanted ways are taken", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const phone = await bench.peer();
  await started(bench, left, phone, { direction: "receive" });
  const audio = bench.engine.endpoints.get(left)?.audio;
  assert.ok(audio?.source);
  assert.equal(audio?.consumer, undefined);
});

test("a phone that holds is sent no sound until it resumes", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const phone = await bench.peer();
  const { rtpid } = await started(bench, left, phone);
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  const before = Number(bench.figures(rtpid).sent);
  assert.ok(before > 0);
  for (const hold of ["sdp_sendonly", "sdp_inactive"]) {
    const held = await started(bench, left, phone, { [hold]: "" });
    assert.equal(held.rtpid, rtpid);
    await bench.pass(1000);
    assert.equal(bench.figures(rtpid).sent, before, hold);
  }
  await started(bench, left, phone);
  await bench.pass(1000);
  assert.equal(bench.figures(rtpid).sent, before + 50);
});

test("a source that the channel has already is left to it", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const phone = await bench.peer();
  await bench.as(left, "chan.attach", { source: "tone/dial" });
  await started(bench, left, phone);
  assert.equal(bench.engine.endpoints.get(left)?.audio.source?.constructor.name, "ToneSource");
  assert.ok(bench.engine.endpoints.get(left)?.audio.consumer);
});

test("what an app had attached to the channel gives way to the phone's own sound", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const [app, phone] = [await bench.peer(), await bench.peer()];
  const before = await bench.as(left, "chan.attach", {
    source: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: app.port,
    format: "alaw",
  });
  const { rtpid, status } = await started(bench, left, phone);
  assert.equal(status, "created");
  assert.notEqual(rtpid, before.params.rtpid);
  assert.equal(bench.module.figures(before.params.rtpid ?? ""), undefined);
});

test("what is not about RTP, or about no session, is not handled", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  assert.equal((await offer(bench, left, { transport: "udptl" })).handled, false);
  assert.equal((await offer(bench, left, { media: "video" })).handled, false);
  assert.equal((await offer(bench, left, { direction: "" })).handled, false);
  assert.equal((await bench.send("chan.rtp", { rtpid: "yrtp/1", terminate: true })).handled, false);
  const bad = await offer(bench, left, { format: "g729" });
  assert.deepEqual([bad.handled, bad.params.error], [false, "failure"]);
});

test("with keys of both sides the sound is SRTP, and what has no key is dropped", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const phone = await bench.peer();
  const suite = "AES_CM_128_HMAC_SHA1_80";
  const offered = await offer(bench, left, { secure: true, transport: "RTP/SAVP" });
  assert.equal(offered.params.ocrypto_suite, suite);
  assert.match(offered.params.ocrypto_key ?? "", /^inline:[A-Za-z0-9+/]{40}$/);
  const phoneKey = `inline:${Buffer.alloc(30, 7).toString("base64")}`;
  const { rtpid, localport } = offered.params;
  const begun = await offer(bench, left, {
    rtpid: rtpid ?? "",
    remoteport: phone.port,
    secure: true,
    transport: "RTP/SAVP",
    crypto_tag: 1,
    crypto_suite: suite,
    crypto_key: phoneKey,
  });
  assert.equal(begun.handled, true);
  await bench.as(right, "chan.attach", { source: "tone/dial" });

  const ours = readSdesKey(suite, offered.params.ocrypto_key ?? "");
  const theirs = readSdesKey(suite, phoneKey);
  assert.ok(typeof ours !== "string" && typeof theirs !== "string");
  const lock = createSrtpSender(theirs, srtpPrimitives);
  const clear = new Uint8Array(172);
  clear.set([0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]);
  phone.raw(localport, clear);
  phone.raw(localport, lock.protectRtp(clear));
  await bench.until("the protected one came", () => bench.figures(rtpid).received === 1);
  assert.equal(bench.figures(rtpid).forged, 1);

  await bench.pass(20);
  const [packet] = await phone.heard(1);
  assert.ok(packet && packet.payload.length === 170, "a tag of 80 bits follows the sound");
  const unlock = createSrtpReceiver(ours, srtpPrimitives);
  const bytes = new Uint8Array(182);
  bytes.set([0x80 | 0, (packet.marker ? 0x80 : 0) | packet.payloadType]);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, packet.sequence);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  bytes.set(packet.payload, 12);
  const opened = unlock.openRtp(bytes);
  assert.ok(typeof opened !== "string", String(opened));
  const parsed = parseRtpPacket(opened);
  assert.ok(typeof parsed !== "string" && parsed.payload.length === 160);
});

test("a suite that is not offered here is refused", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const answer = await offer(bench, left, {
    secure: true,
    crypto_suite: "F8_128_HMAC_SHA1_80",
    crypto_key: "x",
  });
  assert.equal(answer.handled, false);
  assert.match(answer.params.reason ?? "", /crypto_suite F8/);
});

test("the status line lists the sessions, and tells the figures of one", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const phone = await bench.peer();
  const { rtpid } = await started(bench, left, phone);
  const all = await bench.send("engine.status", { module: "yrtp" });
  assert.equal(all.handled, true);
  assert.equal(all.retvalue, `name=yrtp,type=misc;chans=1,mirrors=0;${rtpid}=${left}\r\n`);
  const brief = await bench.send("engine.status", { module: "yrtp", details: false });
  assert.equal(brief.retvalue, "name=yrtp,type=misc;chans=1,mirrors=0\r\n");
  const one = await bench.send("engine.status", { module: rtpid ?? "" });
  assert.equal(one.handled, true);
  assert.match(
    one.retvalue,
    /^name=yrtp\/\d+,type=rtp;chan=dumb\/1,origin=negotiated,local=127\.0\.0\.1:\d+,/,
  );
  assert.match(one.retvalue, /,sent=0,received=0,lost=0,/);
});
