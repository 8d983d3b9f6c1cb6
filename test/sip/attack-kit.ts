import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { connect, type Socket as TcpSocket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "../../src/base/index.ts";
import { connectInProcess, startEngine } from "../../src/engine/index.ts";
import { dumb, parseConfig, regfile, rtp, sip, tone } from "../../src/modules/index.ts";
import { createRawPhone, type RawPhone } from "./raw-phone.ts";
import type { ConfigTexts } from "./sip-engine.ts";

/** A line that the engine logged. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly text: string;
  readonly details: string;
}

const word = "w0rd-of-100";
/** The good phone's account. */
export const account = { user: "100", password: word } as const;

function recording(lines: LogLine[]): Logger {
  const at =
    (level: keyof Logger): Logger["info"] =>
    (text, details) =>
      void lines.push({ level, text, details: details ? JSON.stringify(details, plain) : "" });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message} ${value.stack}` : value;

/**
 * An engine that speaks SIP, with user 100, and a good phone at 127.0.0.1. Calls for `open` hear a tone, those for `members` only when
 * they prove who they are, `ring` rings for ever; `self` is routed to the engine itself; others lead nowhere.
 */
export async function startFortress(texts: ConfigTexts = {}) {
  const log: LogLine[] = [];
  const phones = sip();
  const files: ConfigTexts = {
    ysipchan: "[general]\naddr=127.0.0.1\nport=0\n\n[listener tcp]\ntype=tcp\naddr=127.0.0.1\nport=0\n",
    regfile: `[100]\npassword=${word}\n`,
    ...texts,
  };
  const engine = await startEngine({
    log: recording(log),
    config: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, parseConfig(text, name)])),
    modules: [dumb(), tone(), rtp(), regfile(), phones],
  });
  const yate = connectInProcess(engine);
  const udp = phones.addresses.get("general")?.port ?? 0;
  const tcp = phones.addresses.get("tcp")?.port ?? 0;
  yate.handle("call.route", { priority: 10 }, (message) => {
    const { params } = message;
    switch (params.get("called")) {
      case "open":
        return "tone/dial";
      case "members":
        if (params.get("username")) return "tone/dial";
        params.set("error", "noauth");
        return "-";
      case "ring":
        return "dumb/ring";
      case "self":
        return `sip/sip:self@127.0.0.1:${udp}`;
      default:
        return false;
    }
  });
  const phone: RawPhone = await createRawPhone(udp);
  const sockets: { close(): void }[] = [];

  return {
    engine,
    yate,
    log,
    phone,
    udp,
    tcp,
    addresses: phones.addresses,
    get figures() {
      const { figures } = phones;
      assert.ok(figures, "the SIP module runs");
      return figures;
    },
    /** Warnings and errors; not that this machine was too slow for the media clock. */
    warnings: (): readonly LogLine[] =>
      log.filter(
        ({ level, text }) => (level === "warn" || level === "error") && !/^the media clock/.test(text),
      ),
    /** A call of the good phone: answered, and ended by it; one that proves who it is by default. Its duration in ms. */
    async call(called = "members"): Promise<number> {
      const begin = performance.now();
      const call = phone.call(called, account);
      await call.response(200);
      call.hangup();
      assert.equal((await call.end()).kind, "local");
      return performance.now() - begin;
    },
    /** Somebody at another address of this machine. */
    async attacker(host = "127.0.0.66", port = udp): Promise<Attacker> {
      const attacker = await createAttacker(host, port);
      sockets.push(attacker);
      return attacker;
    },
    /** A connection of somebody else. */
    async connection(host = "127.0.0.66", port = tcp): Promise<Dialled> {
      const socket = connect({ host: "127.0.0.1", port, localAddress: host });
      sockets.push({ close: () => void socket.destroy() });
      const dialled = new Dialled(socket);
      await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      return dialled;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await phone[Symbol.asyncDispose]();
      await engine.stop();
    },
  };
}

export type Fortress = Awaited<ReturnType<typeof startFortress>>;

/** What the engine says of a busy machine, and of a good phone that has been silent for long on it. */
const notOfStrangers = /media clock is late|nothing has come from its peer yet/;

/** No error, no more warnings of strangers than that, and no line that one could make long or break. */
export function assertCalm(fortress: Fortress, mostWarnings: number): void {
  const warnings = fortress.warnings().filter(({ text }) => !notOfStrangers.test(text));
  assert.deepEqual(
    warnings.filter(({ level }) => level === "error"),
    [],
  );
  assert.ok(warnings.length <= mostWarnings, JSON.stringify(warnings, undefined, 1));
  for (const { text } of fortress.log)
    assert.ok(text.length < 600 && !/\p{Cc}/u.test(text), JSON.stringify(text));
}

/** A TCP connection and what came by it. */
export class Dialled {
  readonly socket: TcpSocket;
  received = "";
  readonly closed: Promise<void>;

  constructor(socket: TcpSocket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }
}

/** A UDP socket that counts what comes back. */
export interface Attacker {
  readonly socket: Socket;
  readonly port: number;
  readonly host: string;
  readonly sentBytes: number;
  readonly packets: readonly string[];
  receivedBytes: number;
  /** Sends to the engine. */
  send(packet: Uint8Array | string, port?: number): void;
  /** Sends many, and lets the engine serve them in between: what the system would drop was never an attack. */
  flood(count: number, packet: (at: number) => Uint8Array | string, port?: number): Promise<void>;
  /** Waits for a packet that has come, or comes within 5 s. */
  answer(fits: RegExp): Promise<string>;
  close(): void;
}

async function createAttacker(host: string, target: number): Promise<Attacker> {
  const socket = createSocket({ type: "udp4", lookup: (name, _options, done) => done(null, name, 4) });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const packets: string[] = [];
  let sentBytes = 0;
  const attacker: Attacker = {
    socket,
    host,
    port: socket.address().port,
    packets,
    receivedBytes: 0,
    get sentBytes() {
      return sentBytes;
    },
    send(packet, port = target) {
      sentBytes += Buffer.byteLength(packet);
      socket.send(packet, port, "127.0.0.1");
    },
    async flood(count, packet, port) {
      for (let at = 0; at < count; at++) {
        attacker.send(packet(at), port);
        if (at % 16 === 15) await nextTurn();
      }
      await settle();
    },
    async answer(fits) {
      const until = Date.now() + 5000;
      while (Date.now() < until) {
        const found = packets.find((packet) => fits.test(packet));
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`no answer fits ${fits}; there are ${packets.length} others`);
    },
    close: () => void socket.close(),
  };
  socket.on("message", (bytes) => {
    attacker.receivedBytes += bytes.length;
    if (packets.length < 20_000) packets.push(bytes.toString("latin1"));
  });
  socket.on("error", () => {});
  return attacker;
}

/** Lets what is on its way on this machine arrive and be served. */
export async function settle(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}

/** Waits until it is so, at most 5 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let serial = 0;

/** A request as an attacker writes it; `more` replaces header fields, or adds them. */
export function request(
  method: string,
  uri: string,
  more: Readonly<Record<string, string | undefined>> = {},
  body = "",
): string {
  const id = `${process.pid}-${++serial}`;
  const fields: Record<string, string | undefined> = {
    Via: `SIP/2.0/UDP 127.0.0.66;branch=z9hG4bK-${id}`,
    "Max-Forwards": "70",
    From: `<sip:evil@127.0.0.66>;tag=${id}`,
    To: `<${uri}>`,
    "Call-ID": id,
    CSeq: `1 ${method}`,
    Contact: "<sip:evil@127.0.0.66:9>",
    ...more,
    "Content-Length": more["Content-Length"] ?? String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${method} ${uri} SIP/2.0\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Value of a header field of a packet. */
export function field(packet: string, name: string): string {
  return new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)\\r$`, "im").exec(packet)?.[1] ?? "";
}

/** An offer as text. */
export const sdp = (port: number, host = "127.0.0.66"): string =>
  [
    "v=0",
    `o=- 1 1 IN IP4 ${host}`,
    "s=-",
    `c=IN IP4 ${host}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 8 101`,
    "a=rtpmap:101 telephone-event/8000",
    "",
  ].join("\r\n");

/** Numbers from 0 to below 1, the same every time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A message with a few bytes changed, cut, doubled or put elsewhere. */
export function mutated(random: () => number, message: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(message);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let left = 1 + below(6); left > 0; left--) {
    const at = below(bytes.length);
    const some = below(Math.min(40, bytes.length - at)) + 1;
    switch (below(6)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + some)]);
        break;
      case 2:
        bytes = Uint8Array.from([...bytes.subarray(0, at + some), ...bytes.subarray(at)]);
        break;
      case 3:
        bytes[at] = [0, 10, 13, 32, 34, 37, 44, 58, 59, 60, 61, 62, 64][below(13)] ?? 0;
        break;
      case 4: {
        const line = bytes.lastIndexOf(10, at) + 1;
        const end = bytes.indexOf(10, at) + 1 || bytes.length;
        bytes = Uint8Array.from([...bytes, ...bytes.subarray(line, end)]);
        break;
      }
      default:
        bytes = bytes.slice(0, Math.max(1, at));
    }
    if (bytes.length === 0) return Uint8Array.of(0);
  }
  return bytes;
}
