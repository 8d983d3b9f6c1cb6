import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";
import { createSrtpSender } from "../../rtp/index.ts";
import { readSdesKey } from "./sdes-keys.ts";
import { srtpPrimitives } from "./srtp-primitives.ts";

const timed = { timeout: 20_000 };

/** As SIP offers sound (spec/rtp.md §6): the peer's port is not known yet. */
async function offered(
  bench: RtpBench,
  more: Record<string, string | boolean> = {},
): Promise<{ id: string; other: string; params: Answer["params"] }> {
  const [id, other] = await bench.pair();
  const { handled, params } = await bench.about(id, "chan.rtp", {
    media: "audio",
    transport: "RTP/AVP",
    direction: "bidir",
    format: "alaw",
    remoteip: "127.0.0.1",
    ...more,
  });
  assert.equal(handled, true, params.reason);
  return { id, other, params };
}

/** What SIP says when the answer has come. */
async function answered(
  bench: RtpBench,
  id: string,
  rtpid: string | undefined,
  params: Record<string, string | number | boolean>,
): Promise<void> {
  const { handled } = await bench.about(id, "chan.rtp", { rtpid: rtpid ?? "", ...params });
  assert.equal(handled, true);
}

/** Sends something, and waits until the engine has read it: the ports of both sessions are read in the same turns. */
async function arrived(bench: RtpBench, send: () => void): Promise<void> {
  const peer = await bench.peer();
  const { id, params } = await offered(bench);
  await answered(bench, id, params.rtpid, { remoteip: "127.0.0.1", remoteport: peer.port });
  send();
  await new Promise((resolve) => setImmediate(resolve));
  peer.talk(params.localport);
  await bench.until("a packet sent later came", () => bench.figures(params.rtpid).received === 1);
  await new Promise((resolve) => setImmediate(resolve));
}

const sound = (code: number): { payload: Uint8Array } => ({ payload: new Uint8Array(160).fill(code) });

/** A third phone hears what the peer of the session says. */
async function listener(bench: RtpBench, channel: string): Promise<RtpPeer> {
  const heard = await bench.peer();
  await bench.as(channel, "chan.attach", {
    consumer: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: heard.port,
    format: "alaw",
  });
  return heard;
}

test("sound that is faster than the answer is heard from its first packet on", timed, async () => {
  await using bench = await createRtpBench();
  const phone = await bench.peer();
  const { id, other, params } = await offered(bench);
  const heard = await listener(bench, other);
  await arrived(bench, () => phone.talk(params.localport, sound(1)));
  await bench.pass(20);
  await arrived(bench, () => phone.talk(params.localport, sound(2)));
  await bench.pass(10);
  assert.equal(bench.figures(params.rtpid).received, 0);
  await answered(bench, id, params.rtpid, { remoteip: "127.0.0.1", remoteport: phone.port });
  await bench.pass(10);
  phone.talk(params.localport, sound(3));
  await bench.until("the third came", () => bench.figures(params.rtpid).received === 3);
  await bench.pass(80);
  await heard.heard(3);
  assert.deepEqual(
    heard.packets.slice(0, 3).map(({ payload }) => payload[0]),
    [1, 2, 3],
  );
});

test("what came before the answer is judged by what the answer says", timed, async () => {
  await using bench = await createRtpBench();
  const phone = await bench.peer();
  const { id, params } = await offered(bench);
  await arrived(bench, () => {
    phone.talk(params.localport, { payloadType: 0 });
    phone.talk(params.localport, { payloadType: 97 });
  });
  await answered(bench, id, params.rtpid, {
    remoteip: "127.0.0.1",
    remoteport: phone.port,
    format: "mulaw",
    payload: 0,
  });
  assert.equal(bench.figures(params.rtpid).received, 1);
});

test("the last ten packets before the answer are kept, no more", timed, async () => {
  await using bench = await createRtpBench();
  const phone = await bench.peer();
  const { id, params } = await offered(bench);
  await arrived(bench, () => {
    for (let i = 0; i < 30; i++) phone.talk(params.localport);
  });
  await answered(bench, id, params.rtpid, { remoteip: "127.0.0.1", remoteport: phone.port });
  assert.equal(bench.figures(params.rtpid).received, 10);
  assert.equal(bench.figures(params.rtpid).lost, 0);
});

test("who sends to a port before the answer does not take the session from its peer", timed, async () => {
  await using bench = await createRtpBench();
  const [stranger, phone] = [await bench.peer(), await bench.peer()];
  const { id, params } = await offered(bench);
  await arrived(bench, () => {
    stranger.talk(params.localport, { ssrc: 5 });
    phone.talk(params.localport);
  });
  await answered(bench, id, params.rtpid, { remoteip: "127.0.0.1", remoteport: phone.port });
  const { received, strangers } = bench.figures(params.rtpid);
  assert.deepEqual([received, strangers], [1, 1]);

  // Another host than the one that was told is not even followed.
  const second = await offered(bench);
  await arrived(bench, () => stranger.talk(second.params.localport));
  await answered(bench, second.id, second.params.rtpid, { remoteip: "127.0.0.2", remoteport: phone.port });
  assert.equal(bench.figures(second.params.rtpid).received, 0);
});

test(
  "protected sound that is faster than its key is opened when the key is known, and nothing else is heard",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const phone = await bench.peer();
    const suite = "AES_CM_128_HMAC_SHA1_80";
    const { id, params } = await offered(bench, { secure: true, transport: "RTP/SAVP" });
    const key = `inline:${Buffer.alloc(30, 7).toString("base64")}`;
    const theirs = readSdesKey(suite, key);
    assert.ok(typeof theirs !== "string");
    const lock = createSrtpSender(theirs, srtpPrimitives);
    const clear = new Uint8Array(172);
    clear.set([0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]);
    await arrived(bench, () => {
      phone.raw(params.localport, clear);
      phone.raw(params.localport, lock.protectRtp(clear));
    });
    await answered(bench, id, params.rtpid, {
      remoteip: "127.0.0.1",
      remoteport: phone.port,
      secure: true,
      transport: "RTP/SAVP",
      crypto_suite: suite,
      crypto_key: key,
    });
    const { received, forged } = bench.figures(params.rtpid);
    assert.deepEqual([received, forged], [1, 1]);
  },
);
