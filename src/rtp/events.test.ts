import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseFormat } from "../media/index.ts";
import {
  createEventReceiver,
  createEventSender,
  createRtpSender,
  type EventReceiver,
  type EventSender,
  parseRtpPacket,
  type RtpPacket,
  type RtpSender,
  type TelephoneEvent,
} from "./index.ts";

function packet(
  timestamp: number,
  ...events: readonly [event: number, units: number, end?: boolean][]
): RtpPacket {
  const payload = Uint8Array.from(
    events.flatMap(([event, units, end]) => [event, end ? 0x8a : 10, units >> 8, units & 255]),
  );
  return { marker: false, payloadType: 101, sequence: 0, timestamp, ssrc: 1, payload };
}

function keys(events: readonly TelephoneEvent[]): string {
  return events.map(({ key, event }) => key ?? `(${event})`).join("");
}

/** Feeds packets 20 ms apart and gives the keys told by each. */
function feed(receiver: EventReceiver, packets: readonly RtpPacket[]): string[] {
  return packets.map((one, i) => keys(receiver.receive(one, i * 20)));
}

test("a key is told at its first end packet, once", () => {
  const receiver = createEventReceiver();
  const packets = [
    packet(1000, [5, 160]),
    packet(1000, [5, 320]),
    packet(1000, [5, 480, true]),
    packet(1000, [5, 480, true]),
    packet(1000, [5, 480, true]),
  ];
  assert.deepEqual(feed(receiver, packets), ["", "", "5", "", ""]);
  assert.deepEqual(createEventReceiver().receive(packet(1000, [5, 480, true]), 0), [
    { event: 5, key: "5", timestamp: 1000, durationUnits: 480, endLost: false },
  ]);
});

test("events 0 to 16 are 0–9 * # A–D F, others have no key", () => {
  const receiver = createEventReceiver();
  const told = Array.from({ length: 18 }, (_, event) =>
    keys(receiver.receive(packet(1000 * (event + 1), [event, 160, true]), 0)),
  );
  assert.equal(told.join(""), "0123456789*#ABCDF(17)");
  assert.equal(receiver.receive(packet(90_000, [36, 160, true]), 0)[0]?.event, 36);
});

test("the same digit at another timestamp is another key", () => {
  const receiver = createEventReceiver();
  assert.deepEqual(feed(receiver, [packet(1000, [5, 480, true]), packet(3000, [5, 480, true])]), ["5", "5"]);
});

test("packets of a key that come after its end, or after the next one began, tell nothing", () => {
  const receiver = createEventReceiver();
  const packets = [
    packet(1000, [1, 160]),
    packet(1000, [1, 480, true]),
    packet(1000, [1, 320]),
    packet(3000, [2, 160]),
    packet(1000, [1, 480, true]),
    packet(3000, [2, 480, true]),
  ];
  assert.deepEqual(feed(receiver, packets), ["", "1", "", "", "", "2"]);
});

test("another key without the end of the former ends that", () => {
  const receiver = createEventReceiver();
  const told = feed(receiver, [packet(1000, [1, 160]), packet(3000, [2, 160]), packet(3000, [2, 480, true])]);
  assert.deepEqual(told, ["", "1", "2"]);
});

test("an end that is lost is told after 300 ms without packets, or by sound 10000 units later", () => {
  const byTime = createEventReceiver();
  byTime.receive(packet(1000, [7, 160]), 0);
  assert.equal(keys(byTime.tick(299)), "");
  assert.deepEqual(byTime.tick(300), [
    { event: 7, key: "7", timestamp: 1000, durationUnits: 160, endLost: true },
  ]);
  assert.equal(keys(byTime.tick(600)), "");
  assert.equal(keys(byTime.receive(packet(1000, [7, 480, true]), 700)), "");

  const bySound = createEventReceiver();
  bySound.receive(packet(2 ** 32 - 100, [8, 160]), 0);
  assert.equal(keys(bySound.sound(5000)), "");
  assert.equal(keys(bySound.sound(10_060)), "8");
});

test("several events of a packet follow each other in time", () => {
  const receiver = createEventReceiver();
  assert.equal(keys(receiver.receive(packet(1000, [1, 400, true], [1, 400, true], [2, 160]), 0)), "11");
  assert.equal(keys(receiver.receive(packet(1800, [2, 320, true]), 20)), "2");
});

test("the segments of a long event are one key (RFC 4733 §2.5.1.3)", () => {
  const receiver = createEventReceiver();
  const [told] = [
    packet(1000, [3, 0xff00]),
    packet(1000, [3, 0xffff]),
    packet(1000 + 0xffff, [3, 160]),
    packet(1000 + 0xffff, [3, 320, true]),
    packet(1000 + 0xffff, [3, 320, true]),
  ].flatMap((one, i) => [...receiver.receive(one, i * 20)]);
  assert.deepEqual(told, {
    event: 3,
    key: "3",
    timestamp: 1000,
    durationUnits: 0xffff + 320,
    endLost: false,
  });
});

test("another source's timestamps begin anew", () => {
  const receiver = createEventReceiver();
  receiver.receive(packet(2_000_000_000, [1, 480, true]), 0);
  receiver.receive(packet(2_000_010_000, [2, 160]), 0);
  assert.equal(keys(receiver.restart()), "2");
  assert.equal(keys(receiver.receive(packet(5, [3, 480, true]), 0)), "3");
});

test("any payload is borne", () => {
  const receiver = createEventReceiver();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 0, max: 0xffffffff }),
      (payload, timestamp) => {
        for (const { durationUnits } of receiver.receive({ ...packet(timestamp), payload }, 0)) {
          assert.ok(durationUnits >= 0);
        }
      },
    ),
  );
});

interface Rig {
  readonly sender: RtpSender;
  readonly events: EventSender;
  readonly packets: RtpPacket[];
}

function rig(): Rig {
  const packets: RtpPacket[] = [];
  const format = parseFormat("alaw");
  assert.ok(format);
  const sender = createRtpSender({
    ssrc: 1,
    sequence: 100,
    timestampOffset: 40_000,
    payload: { payloadType: 8, format },
    transmit(bytes) {
      const parsed = parseRtpPacket(bytes);
      assert.ok(typeof parsed !== "string");
      packets.push(parsed);
    },
  });
  return { sender, events: createEventSender({ sender, payloadType: 101 }), packets };
}

function runTicks({ events, sender }: Rig, count: number, fromMs: number, sound: boolean): void {
  for (let i = 0; i < count; i++) {
    const nowMs = fromMs + i * 20;
    if (sound) sender.send(new Uint8Array(160), nowMs);
    events.tick(nowMs);
  }
}

test("a key goes out at once: marker, one timestamp, growing duration, three ends", () => {
  const made = rig();
  assert.equal(made.events.press("5", 0), 1);
  assert.equal(made.packets.length, 1);
  runTicks(made, 20, 20, false);
  assert.deepEqual(
    made.packets.map(({ payload: [event, end, high = 0, low = 0], marker }) => [
      event,
      end === 0x80,
      high * 256 + low,
      marker,
    ]),
    [
      ...[160, 320, 480, 640, 800, 960, 1120, 1280, 1440].map((units, i) => [5, false, units, i === 0]),
      ...[1600, 1600, 1600].map((units) => [5, true, units, false]),
    ],
  );
  assert.equal(new Set(made.packets.map((one) => one.timestamp)).size, 1);
  assert.deepEqual(
    made.packets.map((one) => one.sequence),
    Array.from({ length: 12 }, (_, i) => 100 + i),
  );
  assert.equal(made.events.active, false);
});

for (const sound of [true, false]) {
  test(`a queue of keys is heard key by key, ${sound ? "the sound held meanwhile" : "though no sound flows"}`, () => {
    const made = rig();
    if (sound) made.sender.send(new Uint8Array(160), 0);
    assert.equal(made.events.press("11*x#F", 0), 5);
    runTicks(made, 120, 20, sound);
    const receiver = createEventReceiver();
    const events = made.packets.filter((one) => one.payloadType === 101);
    const told = events.flatMap((one, i) => [...receiver.receive(one, i * 20)]);
    assert.equal(keys(told), "11*#F");
    assert.ok(told.every((event) => !event.endLost && event.durationUnits === 1600));
    told.slice(1).forEach(({ timestamp }, i) => {
      const before = told[i];
      assert.ok(before && timestamp - before.timestamp - before.durationUnits >= 320);
    });
    if (sound) {
      const audio = made.packets.filter((one) => one.payloadType === 8);
      // Each of five keys had 12 packets; on the tick of its first one the sound had gone out already.
      assert.equal(audio.length, 121 - 5 * 11);
      assert.equal(audio.at(-1)?.timestamp, 40_000 + 120 * 160);
    }
    made.packets.slice(1).forEach((one, i) => {
      assert.equal(one.sequence, ((made.packets[i]?.sequence ?? 0) + 1) & 0xffff);
    });
  });
}

test("durations are taken from 51 to 10000 units, else the default", () => {
  for (const [asked, units] of [
    [51, 51],
    [400, 400],
    [10_000, 10_000],
    [50, 1600],
    [10_001, 1600],
  ] as const) {
    const made = rig();
    made.events.press("1", 0, asked);
    runTicks(made, 80, 20, false);
    const receiver = createEventReceiver();
    const [told] = made.packets.flatMap((one) => [...receiver.receive(one, 0)]);
    assert.equal(told?.durationUnits, units);
    assert.equal(made.packets.filter(({ payload }) => (payload[1] ?? 0) >= 0x80).length, 3);
  }
});

test("the queue is bounded, and stop ends the key that is being sent", () => {
  const made = rig();
  assert.equal(made.events.press("1".repeat(100), 0), 64);
  runTicks(made, 3, 20, false);
  made.events.stop();
  assert.equal(made.sender.held, false);
  const ends = made.packets.slice(-3);
  assert.ok(ends.every(({ payload }) => payload[1] === 0x80));
  runTicks(made, 100, 80, false);
  assert.equal(made.packets.length, 4 + 3);
});
