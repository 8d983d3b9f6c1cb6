import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts";
import { decodeAlaw, encodeAlaw } from "yayts/media";
import { buildRtpPacket, parseRtpPacket, type RtpPacket } from "../../src/rtp/index.ts";

export interface HeardPacket extends RtpPacket {
  /** By `performance.now()`. */
  readonly arrivalMs: number;
}

/** The party of a call: a channel with a raw RTP socket at it, and our own leg, connected to each other. */
export interface Party extends AsyncDisposable {
  readonly id: string;
  /** Our leg. */
  readonly leg: string;
  /** What it heard, in order; comfort noise left out. */
  readonly heard: HeardPacket[];
  /** Where its packets go. */
  readonly enginePort: number;
  /** Says A-law codes, a packet of 160 equal ones each, at their pace. */
  talk(codes: readonly number[]): Promise<void>;
  /** Waits until so many packets were heard. */
  heardPackets(count: number): Promise<readonly HeardPacket[]>;
  hangup(): Promise<void>;
  /** Closes its socket only: the engine is gone. */
  close(): void;
}

/** A-law codes of growing value, and the samples that they stand for. */
export const codes: readonly number[] = Array.from({ length: 100 }, (_, i) =>
  encodeAlaw(300 + i * 200),
).filter((code, i, all) => all.indexOf(code) === i);
/** One frame of samples that A-law keeps as they are. */
export const frameOf = (code: number): Int16Array => new Int16Array(160).fill(decodeAlaw(code));
export const soundOf = (list: readonly number[]): Int16Array =>
  Int16Array.from(list.flatMap((code) => [...frameOf(code)]));

export async function until(what: string, holds: () => boolean, timeoutMs = 5000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `waited in vain until ${what}`);
    await delay(2);
  }
}

/** @param target the number it calls; default: nobody but a leg of ours */
export async function createParty(yate: Yate, target?: string): Promise<Party> {
  const call = await yate
    .msg("call.execute", {
      callto: "dumb/party",
      target: target ?? "t",
      direct: target ? undefined : "dumb/app",
    })
    .dispatch();
  const id = call.get("id") ?? "";
  const leg = call.get("targetid") || (call.get("peerid") ?? "");
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const attached = await yate
    .msg("chan.masquerade", {
      message: "chan.attach",
      id,
      source: "rtp/party",
      consumer: "rtp/party",
      remoteip: "127.0.0.1",
      remoteport: socket.address().port,
      format: "alaw",
      rtcp: false,
    })
    .dispatch();
  assert.equal(attached.handled, true);
  const heard: HeardPacket[] = [];
  socket.on("message", (bytes) => {
    const packet = parseRtpPacket(Uint8Array.from(bytes));
    if (typeof packet !== "string" && packet.payloadType === 8)
      heard.push({ ...packet, arrivalMs: performance.now() });
  });
  const enginePort = Number(attached.get("localport"));
  let sequence = 1000;
  let timestamp = 50_000;
  let endMs = 0;
  return {
    id,
    leg,
    heard,
    enginePort,
    async talk(list) {
      const startMs = Math.max(performance.now(), endMs);
      if (endMs > 0) timestamp += Math.round((startMs - endMs) * 8);
      for (const [i, code] of list.entries()) {
        const payload = new Uint8Array(160).fill(code);
        const bytes = new Uint8Array(200);
        const size = buildRtpPacket(
          { marker: i === 0, payloadType: 8, sequence: sequence++, timestamp, ssrc: 7, payload },
          bytes,
        );
        timestamp += 160;
        socket.send(bytes.subarray(0, size), enginePort, "127.0.0.1");
        endMs = startMs + (i + 1) * 20;
        await delay(Math.max(0, endMs - performance.now()));
      }
    },
    async heardPackets(count) {
      await until(`${count} packets were heard`, () => heard.length >= count);
      return heard;
    },
    async hangup() {
      const gone = yate.onwatch("chan.hangup", { id: leg }, { timeoutMs: 5000 });
      await yate.msg("call.drop", { id }).dispatch();
      await gone;
    },
    close: () => void socket.close(),
    async [Symbol.asyncDispose]() {
      await yate.msg("call.drop", { id: leg }).dispatch();
      await yate.msg("call.drop", { id }).dispatch();
      socket.close();
    },
  };
}
