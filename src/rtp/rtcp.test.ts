import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packets as oracle } from "rtp.js";
import { parseFormat } from "../media/index.ts";
import {
  buildRtcp,
  createRtcpSession,
  createRtpReceiver,
  createRtpSender,
  parseRtcp,
  parseRtpPacket,
  type RtcpPacket,
  type RtcpReportBlock,
  type RtcpSession,
  type RtpReceiver,
  type RtpSender,
} from "./index.ts";

const word = fc.integer({ min: 0, max: 0xffffffff });
const anyBlock: fc.Arbitrary<RtcpReportBlock> = fc
  .record({
    ssrc: word,
    fractionLost: fc.integer({ min: 0, max: 255 }),
    cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
    extendedSequence: word,
    jitter: word,
    lastSenderReport: word,
    delaySinceLastSenderReport: word,
  })
  .map((block) => ({ ...block }));
const blocks = fc.array(anyBlock, { maxLength: 4 });
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const anyReport: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc
    .record({
      ssrc: word,
      ntpSeconds: word,
      ntpFraction: word,
      rtpTimestamp: word,
      packets: word,
      octets: word,
      reports: blocks,
    })
    .map((report) => ({ kind: "sender-report" as const, ...report })),
  fc
    .record({ ssrc: word, reports: blocks })
    .map((report) => ({ kind: "receiver-report" as const, ...report })),
);
const anyDescription: fc.Arbitrary<RtcpPacket> = fc
  .array(
    fc
      .record({
        ssrc: word,
        items: fc.array(
          fc.record({ type: fc.integer({ min: 1, max: 8 }), text }).map((item) => ({ ...item })),
          { maxLength: 3 },
        ),
      })
      .map((chunk) => ({ ...chunk })),
    { maxLength: 3 },
  )
  .map((chunks) => ({ kind: "source-description" as const, chunks }));
const anyGoodbye: fc.Arbitrary<RtcpPacket> = fc
  .tuple(fc.array(word, { maxLength: 4 }), fc.option(text, { nil: undefined }))
  .map(([sources, reason]) => ({ kind: "goodbye", sources, ...(reason === undefined ? {} : { reason }) }));
const anyCompound = fc.tuple(
  anyReport,
  fc.array(fc.oneof(anyReport, anyDescription, anyGoodbye), { maxLength: 3 }),
);

test("what is built is read as it was", () => {
  fc.assert(
    fc.property(anyCompound, ([report, more]) => {
      const packets = [report, ...more];
      const bytes = buildRtcp(packets);
      assert.equal(bytes.length % 4, 0);
      assert.deepEqual(parseRtcp(bytes), packets);
    }),
  );
});

test("an independent library reads what we build, and we what it builds of that", () => {
  fc.assert(
    fc.property(anyReport, anyDescription, anyGoodbye, (any, anySources, goodbye) => {
      assert.ok(any.kind === "sender-report" || any.kind === "receiver-report");
      assert.ok(anySources.kind === "source-description");
      // It takes zeros at the beginning of a source for the end of the chunk before.
      const chunks = anySources.chunks.map((chunk) => ({ ...chunk, ssrc: (chunk.ssrc | 0x80000000) >>> 0 }));
      const description = { ...anySources, chunks };
      // It takes an empty reason for none, and writes chunks without text in its own way.
      fc.pre(description.chunks.every(({ items }) => items.length > 0 && items.every((item) => item.text)));
      fc.pre(goodbye.kind === "goodbye" && goodbye.reason !== "");
      // rtp.js 0.15 reads 12 of the 24 bits of the cumulative loss, and no negative ones.
      const reports = any.reports.map((one) => ({ ...one, cumulativeLost: one.cumulativeLost & 0xfff }));
      const report = { ...any, reports };
      const packets = [report, description, goodbye];
      const bytes = buildRtcp(packets);
      const theirs = new oracle.CompoundPacket(new DataView(bytes.buffer));
      const [first, second, third] = theirs.getPackets();
      if (report.kind === "sender-report") {
        assert.ok(first instanceof oracle.SenderReportPacket);
        assert.equal(first.getNtpSeconds(), report.ntpSeconds);
        assert.equal(first.getNtpFraction(), report.ntpFraction);
        assert.equal(first.getRtpTimestamp(), report.rtpTimestamp);
        assert.equal(first.getPacketCount(), report.packets);
        assert.equal(first.getOctetCount(), report.octets);
      }
      assert.ok(first instanceof oracle.SenderReportPacket || first instanceof oracle.ReceiverReportPacket);
      assert.equal(first.getSsrc(), report.ssrc);
      assert.deepEqual(
        first.getReports().map((one) => ({
          ssrc: one.getSsrc(),
          fractionLost: one.getFractionLost(),
          cumulativeLost: one.getTotalLost(),
          extendedSequence: one.getHighestSeqNumber(),
          jitter: one.getJitter(),
          lastSenderReport: one.getLastSRTimestamp(),
          delaySinceLastSenderReport: one.getDelaySinceLastSR(),
        })),
        report.reports,
      );
      assert.ok(second instanceof oracle.SdesPacket);
      assert.deepEqual(
        second
          .getChunks()
          .map((chunk) => ({ ssrc: chunk.getSsrc(), texts: chunk.getItems().map((item) => item.text) })),
        description.chunks.map(({ ssrc, items }) => ({ ssrc, texts: items.map((item) => item.text) })),
      );
      assert.ok(third instanceof oracle.ByePacket && goodbye.kind === "goodbye");
      assert.deepEqual(third.getSsrcs(), goodbye.sources);
      assert.equal(third.getReason() ?? "", goodbye.reason ?? "");
      const again = new ArrayBuffer(theirs.getByteLength());
      theirs.serialize(again);
      assert.deepEqual(parseRtcp(new Uint8Array(again)), packets);
    }),
  );
});

test("packets of other types are kept, padding at the end is taken off", () => {
  const bytes = Uint8Array.of(0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9, 9);
  const feedback = { kind: "other", packetType: 205, count: 1, body: bytes.slice(4) };
  assert.deepEqual(parseRtcp(bytes), [feedback]);
  assert.deepEqual(buildRtcp([{ ...feedback, kind: "other" }]), bytes);
  const padded = Uint8Array.of(0xa0, 201, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4);
  assert.deepEqual(parseRtcp(padded), [{ kind: "receiver-report", ssrc: 7, reports: [] }]);
});

for (const [flaw, bytes] of [
  ["short", [0x80, 200]],
  ["version", [0x40, 201, 0, 1, 0, 0, 0, 7]],
  ["length", [0x80, 201, 0, 2, 0, 0, 0, 7]],
  ["length", [0x80, 201, 0, 1, 0, 0, 0, 7, 0x80, 200]],
  ["content", [0x81, 201, 0, 1, 0, 0, 0, 7]],
  ["content", [0x80, 200, 0, 1, 0, 0, 0, 7]],
  ["content", [0x81, 202, 0, 2, 0, 0, 0, 7, 1, 200, 65, 66]],
  ["content", [0x82, 203, 0, 1, 0, 0, 0, 7]],
  ["padding", [0xa0, 201, 0, 1, 0, 0, 0, 0]],
  ["padding", [0xa0, 201, 0, 1, 0, 0, 0, 200]],
] as const) {
  test(`a broken compound has its flaw: ${flaw} (${bytes.join(" ")})`, () => {
    assert.equal(parseRtcp(Uint8Array.from(bytes)), flaw);
  });
}

test("bytes of any kind are packets or a flaw", () => {
  const broken = fc.tuple(anyCompound, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }));
  fc.assert(
    fc.property(broken, ([[report, more], changes]) => {
      const bytes = buildRtcp([report, ...more]);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      parseRtcp(bytes);
      parseRtcp(bytes.subarray(0, changes[0]?.[0] ?? 0));
    }),
    { numRuns: 1000 },
  );
});

interface Side {
  readonly sender: RtpSender;
  readonly receiver: RtpReceiver;
  readonly rtcp: RtcpSession;
  /** RTP sent, to be carried. */
  readonly outbox: Uint8Array[];
}

function side(ssrc: number, random: () => number = () => 0.5): Side {
  const format = parseFormat("alaw");
  assert.ok(format);
  const outbox: Uint8Array[] = [];
  const sender = createRtpSender({
    ssrc,
    sequence: 1,
    timestampOffset: 0,
    payload: { payloadType: 8, format },
    transmit: (packet) => outbox.push(packet),
  });
  const receiver = createRtpReceiver({ accepts: (type) => type === 8 });
  return { sender, receiver, rtcp: createRtcpSession({ sender, receiver, cname: "me", random }), outbox };
}

test("two sides tell each other what they sent and lost, and how long the way is", () => {
  const [a, b] = [side(1), side(2)];
  // The clocks of the two have nothing to do with each other; the way takes 30 ms in either direction.
  const time = (ms: number, who: Side): { monotonicMs: number; wallMs: number } => ({
    monotonicMs: ms + (who === a ? 0 : 77_777),
    wallMs: Date.UTC(2026, 0, 1) + ms + (who === a ? 0 : 123_456),
  });
  const reports: { readonly to: Side; readonly bytes: Uint8Array; readonly atMs: number }[] = [];
  for (let ms = 0; ms < 30_000; ms += 20) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.sender.send(new Uint8Array(160), time(ms, from).monotonicMs);
      for (const bytes of from.outbox.splice(0)) {
        const packet = parseRtpPacket(bytes);
        assert.ok(typeof packet !== "string");
        if (from === a && packet.sequence % 10 === 0) continue;
        to.receiver.receive(packet, time(ms, to).monotonicMs + 30);
      }
      const report = from.rtcp.poll(time(ms, from));
      if (report) reports.push({ to, bytes: report, atMs: ms + 30 });
    }
    for (const { to, bytes } of reports.filter(({ atMs }) => atMs > ms - 20 && atMs <= ms)) {
      assert.equal(to.rtcp.receive(bytes, time(ms, to)), true);
    }
  }
  assert.equal(a.rtcp.figures.sent, 6);
  assert.equal(a.rtcp.figures.received, 6);
  assert.ok(Math.abs((a.rtcp.figures.remoteFractionLost ?? 0) - 0.1) < 0.005);
  assert.ok((a.rtcp.figures.remoteLost ?? 0) >= 130);
  assert.equal(b.rtcp.figures.remoteLost, 0);
  for (const { rtcp } of [a, b]) {
    const { roundTripMs = Number.NaN } = rtcp.figures;
    // Reports are taken on the next tick of 20 ms.
    assert.ok(roundTripMs >= 60 && roundTripMs <= 100, String(roundTripMs));
  }
  const goodbye = a.rtcp.goodbye(time(30_000, a), "over");
  const parsed = parseRtcp(goodbye);
  assert.ok(typeof parsed !== "string");
  assert.deepEqual(
    parsed.map((packet) => packet.kind),
    ["sender-report", "source-description", "goodbye"],
  );
  b.rtcp.receive(goodbye, time(30_030, b));
  assert.equal(b.rtcp.figures.ended, true);
});

test("a sender report is 52 bytes with one block, then the name; without sound it is a receiver report", () => {
  const { sender, receiver, rtcp } = side(1);
  const packet = {
    marker: false,
    payloadType: 8,
    sequence: 1,
    timestamp: 0,
    ssrc: 9,
    payload: new Uint8Array(160),
  };
  receiver.receive(packet, 0);
  rtcp.poll({ monotonicMs: 0, wallMs: 0 });
  sender.send(new Uint8Array(160), 0);
  const first = rtcp.poll({ monotonicMs: 5000, wallMs: 5000 });
  const view = new DataView(first?.buffer ?? new ArrayBuffer(4));
  assert.deepEqual([view.getUint8(1), (view.getUint16(2) + 1) * 4], [200, 52]);
  // What was sent before the last two reports is no reason for a sender report any more.
  rtcp.poll({ monotonicMs: 10_000, wallMs: 10_000 });
  const [third] = parseRtcp(
    rtcp.poll({ monotonicMs: 15_000, wallMs: 15_000 }) ?? new Uint8Array(),
  ) as RtcpPacket[];
  assert.equal(third?.kind, "receiver-report");
});

test("reports are drawn between half and one and a half of the interval; 0 turns them off", () => {
  for (const [random, dueMs] of [
    [0, 2250],
    [1, 6750],
  ] as const) {
    const { rtcp } = side(1, () => random);
    assert.equal(rtcp.poll({ monotonicMs: 0, wallMs: 0 }), undefined);
    assert.equal(rtcp.dueMs, dueMs);
    assert.equal(rtcp.poll({ monotonicMs: dueMs - 1, wallMs: 0 }), undefined);
    assert.ok(rtcp.poll({ monotonicMs: dueMs, wallMs: 0 }));
  }
  const { sender, receiver } = side(1);
  const off = createRtcpSession({ sender, receiver, cname: "x", intervalMs: 0, random: () => 0 });
  assert.equal(off.poll({ monotonicMs: 1e9, wallMs: 0 }), undefined);
  assert.equal(off.dueMs, Number.POSITIVE_INFINITY);
});
