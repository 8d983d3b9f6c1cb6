import assert from "node:assert/strict";
import { test } from "node:test";
import { createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";
import { correlation, opusFrameSamples, opusPacketMs, samplesOf, slinToAlaw } from "../../media/index.ts";
import { createOpusLibrary } from "../opus.ts";

const timed = { timeout: 20_000 };
const codec = await createOpusLibrary().load();
assert.ok(codec, "the tests need the package");

async function attach(
  bench: RtpBench,
  id: string,
  peer: RtpPeer,
  format: string,
): Promise<Record<string, string>> {
  const { handled, params } = await bench.as(id, "chan.attach", {
    source: "rtp/app",
    consumer: "rtp/app",
    remoteip: "127.0.0.1",
    remoteport: peer.port,
    format,
  });
  assert.equal(handled, true, params.reason);
  return params;
}

/** 450 Hz: its periods end with the frames. */
function tone(rateHz: number): Int16Array {
  return Int16Array.from({ length: rateHz / 50 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 450 * i) / rateHz)),
  );
}

/** How much of a sound is a tone of 450 Hz, whatever its phase. */
function purity(samples: Int16Array, rateHz: number): number {
  const of = (turn: number): number =>
    correlation(
      samples,
      samples.map((_, i) => 8000 * Math.sin((2 * Math.PI * 450 * i) / rateHz + turn)),
    );
  return Math.hypot(of(0), of(Math.PI / 2));
}

test(
  "an app gets Opus: payload 111, 20 ms a packet, a clock of 48000, and the sound of the other side in it",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [left, right] = await bench.pair();
    const [talker, listener] = [await bench.peer(), await bench.peer()];
    const { localport, rtpid } = await attach(bench, left, talker, "alaw");
    const mine = await attach(bench, right, listener, "opus");
    const payload = slinToAlaw(tone(8000));
    for (let i = 0; i < 30; i++) {
      talker.talk(localport, { payload });
      await bench.until("it came", () => bench.figures(rtpid).received === i + 1);
      await bench.pass(20);
    }
    const packets = (await listener.heard(25)).slice(0, 25);
    const [first] = packets;
    assert.ok(first);
    const decoder = codec.createDecoder();
    let last = new Int16Array(0);
    for (const [i, packet] of packets.entries()) {
      assert.equal(packet.payloadType, 111);
      assert.equal(packet.timestamp, (first.timestamp + 960 * i) >>> 0);
      assert.equal(opusPacketMs(packet.payload), 20);
      assert.ok(packet.payload.length < 200, String(packet.payload.length));
      last = Int16Array.from(decoder.decode(packet.payload));
    }
    assert.ok(purity(last, 16_000) > 0.95, String(purity(last, 16_000)));
    assert.equal(bench.figures(mine.rtpid).sent, listener.packets.length);
  },
);

test("an app gives Opus, and the other side hears it in its own format", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [talker, listener] = [await bench.peer(), await bench.peer()];
  const { localport, rtpid } = await attach(bench, left, talker, "opus");
  await attach(bench, right, listener, "slin");
  const encoder = codec.createEncoder();
  const frame = tone(16_000);
  for (let i = 0; i < 30; i++) {
    const payload = encoder.encode(frame);
    talker.talk(localport, { payload, payloadType: 111, timestamp: 7000 + 960 * i });
    await bench.until("it came", () => bench.figures(rtpid).received === i + 1);
    await bench.pass(20);
  }
  const packets = await listener.heard(25);
  const heard = samplesOf(packets[24]?.payload.slice() ?? new Uint8Array(0));
  assert.equal(heard.length, opusFrameSamples / 2);
  assert.ok(purity(heard, 8000) > 0.95, String(purity(heard, 8000)));
  assert.equal(bench.figures(rtpid).concealedMs, 0);
});

test(
  "two that speak Opus hear each other in 16 kHz: what the telephone band cuts off is there",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [left, right] = await bench.pair();
    const [talker, listener] = [await bench.peer(), await bench.peer()];
    const { localport, rtpid } = await attach(bench, left, talker, "opus");
    await attach(bench, right, listener, "opus");
    const encoder = codec.createEncoder();
    // A voice below, and 6 kHz above, which no 8 kHz sound has.
    const sound = Int16Array.from({ length: opusFrameSamples * 40 }, (_, i) =>
      Math.round(
        3000 * Math.sin((2 * Math.PI * 200 * i) / 16_000) +
          6000 * Math.sin((2 * Math.PI * 6000 * i) / 16_000),
      ),
    );
    for (let i = 0; i < 40; i++) {
      const payload = encoder.encode(sound.subarray(i * opusFrameSamples, (i + 1) * opusFrameSamples));
      talker.talk(localport, { payload, payloadType: 111, timestamp: 960 * i });
      await bench.until("it came", () => bench.figures(rtpid).received === i + 1);
      await bench.pass(20);
    }
    const decoder = codec.createDecoder();
    const heard = (await listener.heard(35))
      .slice(0, 35)
      .map(({ payload }) => Int16Array.from(decoder.decode(payload)));
    let above = 0;
    let all = 0;
    for (const samples of heard.slice(20)) {
      // What changes from sample to sample is high: at 6 kHz a difference is 1.85 of the sound.
      for (let i = 1; i < samples.length; i++) {
        above += ((samples[i] ?? 0) - (samples[i - 1] ?? 0)) ** 2;
        all += (samples[i] ?? 0) ** 2;
      }
    }
    assert.ok(above / all > 1, String(above / all));
  },
);

test(
  "without its package an attachment with Opus is refused, and told what to install; others work",
  timed,
  async () => {
    const opus = createOpusLibrary(() => Promise.reject(new Error("Cannot find package '@evan/opus'")));
    await using bench = await createRtpBench("", { opus });
    const [left] = await bench.pair();
    const peer = await bench.peer();
    const { handled, params } = await bench.as(left, "chan.attach", {
      source: "rtp/app",
      consumer: "rtp/app",
      remoteip: "127.0.0.1",
      remoteport: peer.port,
      format: "opus",
    });
    assert.equal(handled, false);
    assert.equal(params.error, "failure");
    assert.match(params.reason ?? "", /opus needs the package @evan\/opus: npm install @evan\/opus/);
    assert.equal(params.rtpid, undefined);
    await attach(bench, left, peer, "alaw");
  },
);

test("a session goes over to Opus and back, and keys keep the time of its clock", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [talker, listener] = [await bench.peer(), await bench.peer()];
  const { localport, rtpid: talked } = await attach(bench, left, talker, "alaw");
  const { rtpid } = await attach(bench, right, listener, "alaw");
  let said = 0;
  const speak = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      talker.talk(localport, {});
      const count = ++said;
      await bench.until("it came", () => bench.figures(talked).received === count);
      await bench.pass(20);
    }
  };
  await speak();
  for (const [format, payloadType] of [
    ["opus", 111],
    ["alaw", 8],
  ] as const) {
    const before = listener.packets.length;
    assert.equal((await attach(bench, right, listener, format)).rtpid, rtpid);
    await speak();
    await listener.heard(before + 3);
    assert.equal(listener.packets.at(-1)?.payloadType, payloadType);
  }
  await attach(bench, right, listener, "opus");
  const before = listener.packets.length;
  const pressed = await bench.send("chan.dtmf", { targetid: rtpid ?? "", text: "5" });
  assert.equal(pressed.handled, true);
  await bench.pass(400);
  const events = (await listener.heard(before + 10))
    .slice(before)
    .filter((packet) => packet.payloadType === 101);
  const [, , high = 0, low = 0] = events.at(-1)?.payload ?? [];
  assert.equal((high << 8) | low, 9600, "200 ms of 48000 a second");
});
