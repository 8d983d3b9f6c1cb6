/**
 * All the phones of the benchmark on one socket: each sends an A-law packet every 20 ms, evenly spread over them, and what comes
 * is told apart by the port that it comes from.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { TrafficMeasured, TrafficWanted } from "./rtp-calls.ts";

const frameMs = 20;
const warmUpFrames = 100;

const socket = createSocket({
  type: "udp4",
  lookup: (name, _options, answer) => answer(null, name, 4),
  recvBufferSize: 8 * 1024 * 1024,
  sendBufferSize: 8 * 1024 * 1024,
});
// A lookup that answers at once makes binding synchronous too.
const listening = once(socket, "listening");
socket.bind(0, "127.0.0.1");
await listening;

interface Phone {
  readonly port: number;
  readonly packet: Buffer;
  /** Arrivals as far as they are from an even beat, by the packets' own sequence numbers. */
  readonly beat: number[];
  firstSequence: number | undefined;
  /** Numbers out of the packets of the other phone. */
  readonly numbers: Set<number>;
}

let phones: Phone[] = [];
let frames = 0;
let sent = 0;
let received = 0;
let measuring = false;

function run({ ports, seconds }: TrafficWanted): void {
  phones = ports.map((port, index) => {
    // Loud enough for a conference to hear it.
    const packet = Buffer.from(Uint8Array.from({ length: 172 }, (_, i) => (i * 89 + index * 31) & 0xff));
    packet.writeUInt8(0x80, 0);
    packet.writeUInt8(8, 1);
    packet.writeUInt32BE(index + 1, 8);
    return { port, packet, beat: [], firstSequence: undefined, numbers: new Set() };
  });
  const byPort = new Map(phones.map((phone) => [phone.port, phone]));
  socket.on("message", (bytes, from) => {
    received++;
    const phone = byPort.get(from.port);
    if (!phone || !measuring) return;
    const sequence = bytes.readUInt16BE(2);
    phone.firstSequence ??= sequence;
    phone.beat.push(performance.now() - ((sequence - phone.firstSequence) & 0xffff) * frameMs);
    phone.numbers.add(bytes.readUInt32BE(12));
  });
  const total = warmUpFrames + (seconds * 1000) / frameMs;
  const startMs = performance.now();
  let next = 0;
  const step = (): void => {
    const due = ((performance.now() - startMs) / frameMs) * phones.length;
    for (; next <= due; next++) {
      const phone = phones[next % phones.length];
      const frame = Math.floor(next / phones.length);
      if (!phone || frame >= total) return void setTimeout(finish, 500);
      phone.packet.writeUInt16BE(frame & 0xffff, 2);
      phone.packet.writeUInt32BE((frame * 160) >>> 0, 4);
      phone.packet.writeUInt32BE(frame, 12);
      socket.send(phone.packet, phone.port, "127.0.0.1");
      sent++;
      frames = frame;
    }
    setTimeout(step, 1);
  };
  step();
}

let finished: (() => void) | undefined;
function finish(): void {
  finished?.();
}

function measured(): TrafficMeasured {
  const deviations: number[] = [];
  let missing = 0;
  for (const { beat, numbers } of phones) {
    const middle = [...beat].sort((a, b) => a - b)[beat.length >> 1] ?? 0;
    for (const at of beat) deviations.push(Math.abs(at - middle));
    // From the second frame after the warm-up on: the first may have come before.
    for (let frame = warmUpFrames + 20; frame <= frames; frame++) if (!numbers.has(frame)) missing++;
  }
  deviations.sort((a, b) => a - b);
  const share = (part: number): number => deviations[Math.floor(deviations.length * part)] ?? Number.NaN;
  return { sent, received, missing, jitterP99Ms: share(0.99), jitterP50Ms: share(0.5) };
}

process.on("message", (question: "port" | "measure" | TrafficWanted) => {
  if (question === "port") {
    process.send?.(socket.address().port);
    return;
  }
  if (question === "measure") {
    measuring = true;
    finished = () => process.send?.(measured());
    return;
  }
  run(question);
  // The middle is measured when it is warm.
  setTimeout(() => process.send?.("warm"), warmUpFrames * frameMs);
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
