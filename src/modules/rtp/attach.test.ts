import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";
import { DataSource } from "../../engine/index.ts";
import { parseRtpPacket } from "../../rtp/index.ts";

const timed = { timeout: 20_000 };

async function attached(
  bench: RtpBench,
  id: string,
  peer: RtpPeer,
  params: Record<string, string | number | boolean> = {},
): Promise<Record<string, string>> {
  const answer = await bench.as(id, "chan.attach", {
    source: "rtp/app",
    consumer: "rtp/app",
    remoteip: "127.0.0.1",
    remoteport: peer.port,
    format: "alaw",
    ...params,
  });
  assert.equal(answer.handled, true, answer.params.reason);
  return answer.params;
}

test("an attachment is answered with its address and id, and keeps source and consumer", timed, async () => {
  await using bench = await createRtpBench();
  const [, id] = await bench.pair();
  const peer = await bench.peer();
  const { params, handled } = await bench.as(id, "chan.attach", {
    source: "rtp/x",
    consumer: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: peer.port,
    format: "alaw",
  });
  assert.equal(handled, true);
  assert.equal(params.source, "rtp/x");
  assert.equal(params.consumer, "rtp/x");
  assert.equal(params.localip, "127.0.0.1");
  assert.match(params.rtpid ?? "", /^yrtp\/\d+$/);
  const port = Number(params.localport);
  assert.equal(port % 2, 0);
  assert.ok(port >= 16_384 && port < 32_768);
  assert.deepEqual(Object.keys(params).slice(-3), ["localip", "localport", "rtpid"]);
});

test("each 20 ms block of G.711 that is heard goes out as one packet, the same bytes", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [talker, listener] = [await bench.peer(), await bench.peer()];
  const { localport } = await attached(bench, left, talker);
  await attached(bench, right, listener);
  const sent = Array.from({ length: 10 }, (_, i) => new Uint8Array(160).map((_, at) => (i * 31 + at) & 0xff));
  for (const [i, payload] of sent.entries()) {
    talker.talk(localport, { payload, marker: i === 0 });
    await bench.until("it came", () => bench.figures(idOf(bench, left)).received === i + 1);
    await bench.pass(20);
  }
  await bench.pass(60);
  const packets = await listener.heard(10);
  assert.deepEqual(
    packets.slice(0, 10).map(({ payload }) => [...payload]),
    sent.map((payload) => [...payload]),
  );
  const [first] = packets;
  assert.ok(first);
  assert.equal(first.marker, true);
  assert.ok(first.sequence >= 2500 && first.sequence <= 62_500);
  for (const [i, packet] of packets.slice(0, 10).entries()) {
    assert.equal(packet.payloadType, 8);
    assert.equal(packet.ssrc, first.ssrc);
    assert.equal(packet.sequence, (first.sequence + i) & 0xffff);
    assert.equal(packet.timestamp, (first.timestamp + 160 * i) >>> 0);
    if (i > 0) assert.equal(packet.marker, false);
  }
});

function idOf(bench: RtpBench, channel: string): string | undefined {
  const line = bench.engine.message("engine.status", { module: "yrtp" });
  void bench.engine.kernel.dispatch(line);
  return new RegExp(`(yrtp/\\d+)=${channel}\\b`).exec(line.retvalue)?.[1];
}

test(
  "formats are converted between the two sides, linear sound being little endian for apps",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [left, right] = await bench.pair();
    const [talker, listener] = [await bench.peer(), await bench.peer()];
    const { localport, rtpid } = await attached(bench, left, talker, { format: "slin" });
    await attached(bench, right, listener, { format: "slin", payload: 100 });
    const payload = new Uint8Array(320).map((_, at) => (at % 2 === 0 ? 0x34 : 0x12));
    for (let i = 0; i < 3; i++) talker.talk(localport, { payloadType: 11, payload, timestamp: 160 * i });
    await bench.until("they came", () => bench.figures(rtpid).received === 3);
    await bench.pass(100);
    const [packet] = await listener.heard(1);
    assert.equal(packet?.payloadType, 100);
    assert.deepEqual([...(packet?.payload ?? [])], [...payload]);

    await attached(bench, right, listener, { format: "gsm", payload: "gsm" });
    for (let i = 3; i < 9; i++) {
      talker.talk(localport, { payloadType: 11, payload });
      await bench.until("it came", () => bench.figures(rtpid).received === i + 1);
      await bench.pass(20);
    }
    await bench.pass(40);
    await bench.until("GSM was heard", () =>
      listener.packets.some(({ payload: heard }) => heard.length === 33),
    );
    assert.equal(listener.packets.at(-1)?.payloadType, 3);
  },
);

test("nothing is sent while there is nothing to be heard", timed, async () => {
  await using bench = await createRtpBench("[general]\nrtcp=no\n");
  const [left, right] = await bench.pair();
  const [peer, last] = [await bench.peer(), await bench.peer()];
  await attached(bench, left, peer);
  await attached(bench, right, last);
  await bench.pass(2000);
  assert.deepEqual(bench.figures(idOf(bench, left)).sent, 0);
  assert.deepEqual(peer.packets, []);
});

class Feed extends DataSource {
  push(block: Uint8Array): void {
    this.forward(block);
  }
}

test("G.711 that is more than a packet may hold is cut, other sound is sent as it comes", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const peer = await bench.peer();
  await attached(bench, left, peer);
  const feed = new Feed("alaw");
  bench.engine.endpoints.get(right)?.audio.setSource(feed);
  const sizes = async (blocks: readonly number[], packets: number): Promise<number[]> => {
    const before = peer.packets.length;
    for (const size of blocks) feed.push(new Uint8Array(size));
    return (await peer.heard(before + packets)).slice(before).map(({ payload }) => payload.length);
  };
  assert.deepEqual(await sizes([80, 160, 240], 3), [80, 160, 240]);
  assert.deepEqual(await sizes([480], 3), [160, 160, 160]);
  assert.deepEqual(await sizes([600], 3), [240, 240, 120]);
  await attached(bench, left, peer, { format: "slin" });
  assert.deepEqual(await sizes([480], 1), [960]);
});

test("a second attach finds the session, changes the address and takes another format", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [first, second] = [await bench.peer(), await bench.peer()];
  const one = await attached(bench, left, first);
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  await first.heard(3);
  const two = await attached(bench, left, second, { format: "mulaw" });
  assert.equal(two.localport, one.localport);
  assert.equal(two.rtpid, one.rtpid);
  const before = first.packets.length;
  await bench.pass(100);
  const [packet] = await second.heard(3);
  assert.equal(packet?.payloadType, 0);
  assert.equal(packet?.payload.length, 160);
  assert.equal(first.packets.length, before, "the former one hears nothing more");
});

test("after a change of address the next packet counts whatever its source and sequence", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const [first, second] = [await bench.peer(), await bench.peer()];
  const { localport, rtpid } = await attached(bench, left, first, { anyssrc: false });
  first.talk(localport);
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await attached(bench, left, second);
  second.talk(localport, { ssrc: 99, sequence: 40_000 });
  await bench.until("the other came", () => bench.figures(rtpid).received === 2);
});

test("an attachment without a remote address waits for one", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const waiting = await bench.as(left, "chan.attach", {
    source: "rtp/x",
    consumer: "rtp/x",
    localip: "127.0.0.1",
    format: "alaw",
  });
  assert.equal(waiting.handled, true);
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  const peer = await bench.peer();
  const told = await attached(bench, left, peer);
  assert.equal(told.localport, waiting.params.localport);
  await bench.pass(40);
  await peer.heard(2);
});

const refused: readonly { what: string; params: Record<string, string>; reason: RegExp }[] = [
  { what: "no format", params: { format: "" }, reason: /^format is missing/ },
  { what: "an unknown format", params: { format: "nonsense" }, reason: /nonsense has no translator/ },
  { what: "a format without a translator", params: { format: "g729" }, reason: /g729 has no translator/ },
  { what: "no address at all", params: { remoteip: "", remoteport: "" }, reason: /there is no address/ },
  { what: "a name instead of an address", params: { remoteip: "nowhere" }, reason: /no IP address/ },
  { what: "a port that is none", params: { remoteport: "70000" }, reason: /no port/ },
  { what: "a local address of others", params: { localip: "192.0.2.1" }, reason: /cannot bind 192\.0\.2\.1/ },
  {
    what: "a local address of the other family",
    params: { localip: "::1" },
    reason: /of different families/,
  },
  { what: "a payload out of range", params: { payload: "200" }, reason: /no payload type/ },
  { what: "another medium", params: { media: "video" }, reason: /no video/ },
];
for (const { what, params, reason } of refused) {
  test(`${what} is refused with its reason, and leaves no session`, timed, async () => {
    await using bench = await createRtpBench();
    const [id] = await bench.pair();
    const answer = await bench.as(id, "chan.attach", {
      source: "rtp/x",
      consumer: "rtp/x",
      remoteip: "127.0.0.1",
      remoteport: "4000",
      format: "alaw",
      ...params,
    });
    assert.equal(answer.handled, false);
    assert.equal(answer.params.error, "failure");
    assert.match(answer.params.reason ?? "", reason);
    assert.equal(idOf(bench, id), undefined);
    assert.equal(bench.engine.endpoints.get(id)?.audio.source, undefined);
  });
}

test("without a channel, and without a name, the attach is not handled", timed, async () => {
  await using bench = await createRtpBench();
  const params = { source: "rtp/x", remoteip: "127.0.0.1", remoteport: 4000, format: "alaw" };
  assert.equal((await bench.send("chan.attach", params)).handled, false);
  const [id] = await bench.pair();
  const nameless = await bench.as(id, "chan.attach", { ...params, source: "rtp/" });
  assert.equal(nameless.handled, false);
  assert.equal(nameless.params.rtpid, undefined);
});

test(
  "beside something that is not RTP the attach happens and is left to others to handle",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [id] = await bench.pair();
    const peer = await bench.peer();
    const answer = await bench.as(id, "chan.attach", {
      source: "others/x",
      consumer: "rtp/x",
      remoteip: "127.0.0.1",
      remoteport: peer.port,
      format: "alaw",
    });
    assert.equal(answer.handled, false);
    assert.match(answer.params.rtpid ?? "", /^yrtp/);
    assert.ok(bench.engine.endpoints.get(id)?.audio.consumer);
  },
);

test("detaching both closes the ports; a new attach has others", timed, async () => {
  await using bench = await createRtpBench();
  const [id] = await bench.pair();
  const peer = await bench.peer();
  const one = await attached(bench, id, peer);
  assert.equal((await bench.as(id, "chan.attach", { source: "-", consumer: "-" })).handled, false);
  assert.equal(idOf(bench, id), undefined);
  await assertFree(Number(one.localport));
  const two = await attached(bench, id, peer);
  assert.notEqual(two.rtpid, one.rtpid);
});

async function assertFree(port: number): Promise<void> {
  for (const wanted of [port, port + 1]) {
    const socket = createSocket("udp4").bind(wanted, "127.0.0.1");
    await once(socket, "listening");
    socket.close();
  }
}

test(
  "a tone in the place of the source stays there, and the session lives by its consumer",
  timed,
  async () => {
    await using bench = await createRtpBench();
    const [left, right] = await bench.pair();
    const peer = await bench.peer();
    const one = await attached(bench, left, peer);
    await bench.as(left, "chan.attach", { source: "tone/dial" });
    const again = await attached(bench, left, peer);
    assert.equal(again.rtpid, one.rtpid);
    assert.equal(bench.engine.endpoints.get(left)?.audio.source?.constructor.name, "ToneSource");
    await bench.as(right, "chan.attach", { source: "tone/busy" });
    await bench.pass(40);
    await peer.heard(1);
  },
);

test("with its channel the session ends, saying BYE and nothing to the apps", timed, async () => {
  await using bench = await createRtpBench();
  const [id] = await bench.pair();
  const peer = await bench.peer();
  const { rtpid, localport } = await attached(bench, id, peer);
  await bench.send("call.drop", { id });
  assert.equal(bench.module.figures(rtpid ?? ""), undefined);
  await bench.until("BYE came", () => peer.reports.flat().some(({ kind }) => kind === "goodbye"));
  await assertFree(Number(localport));
  assert.deepEqual(
    [...new Set(bench.seen.map(({ name }) => name))].filter((name) => /notify|rtp/.test(name)),
    [],
  );
});

test("the session of a phone is not for apps: they are told to attach to its peer", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const [phone, app] = [await bench.peer(), await bench.peer()];
  const negotiated = await bench.about(left, "chan.rtp", {
    media: "audio",
    transport: "RTP/AVP",
    direction: "bidir",
    format: "alaw",
    remoteip: "127.0.0.1",
    remoteport: phone.port,
  });
  assert.equal(negotiated.handled, true);
  const answer = await bench.as(left, "chan.attach", {
    source: "rtp/x",
    consumer: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: app.port,
    format: "alaw",
  });
  assert.equal(answer.handled, false);
  assert.equal(answer.params.error, "failure");
  assert.match(answer.params.reason ?? "", new RegExp(`attach to its peer \\(${right}\\)`));
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(40);
  await phone.heard(1);
  assert.deepEqual(app.packets, []);
});

test("two attaches at once share one session", timed, async () => {
  await using bench = await createRtpBench();
  const [id] = await bench.pair();
  const peer = await bench.peer();
  const [one, two] = await Promise.all([attached(bench, id, peer), attached(bench, id, peer)]);
  assert.equal(one.rtpid, two.rtpid);
});

test("a channel that ends while its ports are being bound leaves none open", timed, async () => {
  await using bench = await createRtpBench();
  const [id] = await bench.pair();
  const peer = await bench.peer();
  const answer = bench.as(id, "chan.attach", {
    source: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: peer.port,
    format: "alaw",
  });
  await bench.send("call.drop", { id });
  await answer;
  const status = await bench.send("engine.status", { module: "yrtp" });
  assert.match(status.retvalue, /;chans=0,/);
});

test("when no port is free the attach says so", timed, async () => {
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  const port = taken.address().port & ~1;
  await using bench = await createRtpBench(`[general]\nminport=${port}\nmaxport=${port + 1}\n`);
  const [id] = await bench.pair();
  const answer = await bench.as(id, "chan.attach", {
    source: "rtp/x",
    localip: "127.0.0.1",
    format: "alaw",
  });
  assert.equal(answer.handled, false);
  assert.equal(answer.params.error, "failure");
  assert.match(answer.params.reason ?? "", /no free port in \d+ to \d+/);
  taken.close();
});

test("what is no RTP, or of another payload, is dropped and counted", timed, async () => {
  await using bench = await createRtpBench();
  const [id] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, id, peer);
  for (const bytes of [new Uint8Array(0), new Uint8Array(11), new Uint8Array(40)]) peer.raw(localport, bytes);
  for (let i = 0; i < 3; i++) peer.talk(localport, { payloadType: 77 });
  peer.talk(localport);
  await bench.until("the good one came", () => bench.figures(rtpid).received === 1);
  assert.equal(bench.figures(rtpid).malformed, 3);
  assert.equal(bench.logged.filter((line) => line.includes("payload 77")).length, 1);
});

test("over IPv6 it works the same", timed, async (t) => {
  const socket = createSocket("udp6");
  const able = await new Promise<boolean>((resolve) => {
    socket.once("error", () => resolve(false));
    socket.bind(0, "::1", () => resolve(true));
  });
  if (!able) return t.skip("this machine has no IPv6");
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const answer = await bench.as(left, "chan.attach", {
    consumer: "rtp/x",
    remoteip: "0:0:0:0:0:0:0:1",
    remoteport: socket.address().port,
    format: "alaw",
  });
  assert.equal(answer.params.localip, "::1");
  const packet = once(socket, "message");
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(20);
  const [bytes] = await packet;
  const parsed = parseRtpPacket(bytes);
  assert.ok(typeof parsed !== "string" && parsed.payload.length === 160);
  socket.close();
});
