/**
 * The pure cores of RTP: packets read and written, against the `rtp.js` package; a packet's way through the playout buffer and
 * through the crypto, against the least that must be done. Run by `npm run bench -- rtp`.
 */
import { createCipheriv, createHmac } from "node:crypto";
import { packets as library } from "rtp.js";
import { parseFormat } from "../src/media/index.ts";
import {
  buildRtpPacket,
  createPlayoutBuffer,
  createRtpReceiver,
  createRtpSender,
  createSrtpReceiver,
  createSrtpSender,
  parseRtpPacket,
  type RtpPacket,
} from "../src/rtp/index.ts";
import { median, type Row } from "./row.ts";

const rounds = 5;
/** Keeps results alive, so that no loop is left out. */
let sink = 0;

/** Packets a second of each of two ways, taken in turn so that both see the same machine. */
function rates(
  count: number,
  ours: (count: number) => void,
  theirs: (count: number) => void,
): [number, number] {
  const once = (work: (count: number) => void): number => {
    const start = performance.now();
    work(count);
    return (count * 1000) / (performance.now() - start);
  };
  const [first, second]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    first.push(once(ours));
    second.push(once(theirs));
  }
  return [median(first), median(second)];
}

const payload = Uint8Array.from({ length: 160 }, (_, i) => i);
const plain: RtpPacket = { marker: false, payloadType: 8, sequence: 1, timestamp: 160, ssrc: 1, payload };

function parseRow(): Row {
  const bytes = Buffer.alloc(172);
  buildRtpPacket(plain, bytes);
  const [value, baseline] = rates(
    300_000,
    (count) => {
      for (let i = 0; i < count; i++) {
        const packet = parseRtpPacket(bytes);
        if (typeof packet !== "string") sink += packet.payload.length;
      }
    },
    (count) => {
      for (let i = 0; i < count; i++) {
        const packet = new library.RtpPacket(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
        sink += packet.getPayload().byteLength;
      }
    },
  );
  const name = "rtp: packets parsed (baseline rtp.js)";
  return { name, value, unit: "packets/s", baseline, ratio: value / baseline, target: "ratio >= 1" };
}

function buildRow(): Row {
  const bytes = new Uint8Array(200);
  const packet: { -readonly [Name in keyof RtpPacket]: RtpPacket[Name] } = { ...plain };
  const template = new library.RtpPacket();
  template.setPayload(new DataView(payload.buffer));
  const [value, baseline] = rates(
    300_000,
    (count) => {
      for (let i = 0; i < count; i++) {
        packet.sequence = i & 0xffff;
        packet.timestamp = i * 160;
        sink += buildRtpPacket(packet, bytes);
      }
    },
    (count) => {
      for (let i = 0; i < count; i++) {
        template.setSequenceNumber(i & 0xffff);
        template.setTimestamp((i * 160) >>> 0);
        // It wants another buffer each time.
        const room = new ArrayBuffer(172);
        template.serialize(room);
        sink += room.byteLength;
      }
    },
  );
  const name = "rtp: packets built in place (baseline rtp.js)";
  return { name, value, unit: "packets/s", baseline, ratio: value / baseline, target: "ratio >= 1" };
}

function sendRow(): Row {
  const format = parseFormat("alaw");
  if (!format) throw new Error("no A-law");
  const sender = createRtpSender({
    ssrc: 1,
    sequence: 1,
    timestampOffset: 0,
    payload: { payloadType: 8, format },
    transmit: (packet) => {
      sink += packet.length;
    },
  });
  let nowMs = 0;
  const template = new library.RtpPacket();
  const [value, baseline] = rates(
    200_000,
    (count) => {
      for (let i = 0; i < count; i++) {
        nowMs += 20;
        sender.send(payload, nowMs);
      }
    },
    (count) => {
      for (let i = 0; i < count; i++) {
        template.setSequenceNumber(i & 0xffff);
        template.setTimestamp(i * 160);
        template.setPayload(new DataView(payload.buffer));
        const bytes = new ArrayBuffer(template.getByteLength());
        template.serialize(bytes);
        sink += bytes.byteLength;
      }
    },
  );
  const name = "rtp: sound sent as packets (baseline rtp.js)";
  return { name, value, unit: "packets/s", baseline, ratio: value / baseline, target: "ratio >= 1" };
}

/** Receiver, playout buffer and tick, against a copy into a queue of one and out again. */
function playoutRow(): Row {
  const format = parseFormat("alaw");
  if (!format) throw new Error("no A-law");
  const receiver = createRtpReceiver({ accepts: (type) => type === 8 });
  const buffer = createPlayoutBuffer({ format });
  let at = 0;
  const [value, baseline] = rates(
    200_000,
    (count) => {
      for (let i = 0; i < count; i++) {
        at++;
        // A network of some milliseconds of jitter.
        const nowMs = at * 20 + ((at * 7) % 5);
        const packet = { ...plain, sequence: at & 0xffff, timestamp: (at * 160) >>> 0 };
        if (receiver.receive(packet, nowMs) === "next") buffer.put(packet, nowMs);
        sink += buffer.take(at * 20 + 10)?.length ?? 0;
      }
    },
    (count) => {
      const queue = new Uint8Array(160);
      const frame = new Uint8Array(160);
      for (let i = 0; i < count; i++) {
        const packet = { ...plain, sequence: i & 0xffff, timestamp: (i * 160) >>> 0 };
        queue.set(packet.payload);
        frame.set(queue);
        sink += frame.length;
      }
    },
  );
  return {
    name: "rtp: time of a packet in receiver and playout (base: 2 copies)",
    value: 1e6 / value,
    unit: "us/packet",
    baseline: 1e6 / baseline,
    ratio: baseline / value,
    target: "<= 5",
  };
}

function srtpRow(): Row {
  const primitives = {
    aesCtr: (key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array =>
      createCipheriv("aes-128-ctr", key, iv).update(data),
    hmacSha1(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
      const hmac = createHmac("sha1", key);
      for (const part of parts) hmac.update(part);
      return hmac.digest();
    },
  };
  const keys = {
    suite: "AES_CM_128_HMAC_SHA1_80",
    masterKey: new Uint8Array(16).fill(1),
    masterSalt: new Uint8Array(14).fill(2),
  } as const;
  const sender = createSrtpSender(keys, primitives);
  const receiver = createSrtpReceiver(keys, primitives);
  const bytes = new Uint8Array(172);
  let sequence = 0;
  const [value, baseline] = rates(
    10_000,
    (count) => {
      for (let i = 0; i < count; i++) {
        buildRtpPacket({ ...plain, sequence: ++sequence & 0xffff }, bytes);
        sink += receiver.openRtp(sender.protectRtp(bytes)).length;
      }
    },
    (count) => {
      const iv = new Uint8Array(16);
      for (let i = 0; i < count; i++) {
        // Both directions of the same crypto, and nothing else.
        for (let way = 0; way < 2; way++) {
          sink += primitives.aesCtr(keys.masterKey, iv, payload).length;
          sink += primitives.hmacSha1(keys.masterSalt, bytes, iv).length;
        }
      }
    },
  );
  const name = "rtp: packets protected and opened (baseline: crypto only)";
  return { name, value, unit: "packets/s", baseline, ratio: value / baseline, target: "ratio >= 0.6" };
}

/** Measures the pure layer. */
export async function bench(): Promise<Row[]> {
  const rows = [parseRow(), buildRow(), sendRow(), playoutRow(), srtpRow()];
  if (sink === 0) throw new Error("nothing was done");
  return rows;
}
