import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createManualClock, type Logger, type ManualClock } from "../src/base/index.ts";
import type { ParamsInit } from "../src/bus/index.ts";
import { type Engine, type EngineMessage, parseConfig, startEngine } from "../src/engine/index.ts";
import { conf } from "../src/modules/conf/index.ts";
import { dumb } from "../src/modules/dumb.ts";
import { pbx } from "../src/modules/pbx.ts";
import {
  type RtpEngineModule,
  type RtpFigures,
  type RtpModuleOptions,
  rtp,
} from "../src/modules/rtp/index.ts";
import { tone } from "../src/modules/tone/index.ts";
import { wave } from "../src/modules/wave/index.ts";
import {
  buildRtpPacket,
  parseRtcp,
  parseRtpPacket,
  type RtcpPacket,
  type RtpPacket,
} from "../src/rtp/index.ts";

/** A message as it was after its dispatch; parameters in their order. */
export interface Seen {
  readonly name: string;
  readonly handled: boolean;
  readonly params: Record<string, string>;
}

export interface Answer {
  readonly handled: boolean;
  readonly params: Record<string, string>;
  readonly retvalue: string;
}

/** An engine on a manual clock whose RTP goes over real sockets on 127.0.0.1. */
export interface RtpBench extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly module: RtpEngineModule;
  readonly seen: Seen[];
  readonly logged: string[];
  pass(ms: number): Promise<void>;
  send(name: string, params: ParamsInit): Promise<Answer>;
  as(id: string, message: string, params: Record<string, string | number | boolean>): Promise<Answer>;
  /** As a channel's own protocol sends it: about the channel, its parameters untouched. */
  about(id: string, message: string, params: Record<string, string | number | boolean>): Promise<Answer>;
  /** Two dumb channels connected to each other. */
  pair(): Promise<[string, string]>;
  all(name: string): Record<string, string>[];
  figures(rtpId: string | undefined): RtpFigures;
  /** Waits, in real time, until something holds. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** An app or phone at its own pair of ports; closed with the bench. */
  peer(): Promise<RtpPeer>;
}

/** The other end of a session, with real sockets. */
export interface RtpPeer {
  readonly port: number;
  /** What came, in order. */
  readonly packets: RtpPacket[];
  readonly reports: RtcpPacket[][];
  /** Sends sound to the engine; sequence and timestamp go on by themselves. */
  talk(port: number | string | undefined, fields?: Partial<RtpPacket>): void;
  /** Sends bytes as they are. */
  raw(port: number | string | undefined, bytes: Uint8Array): void;
  report(port: number | string | undefined, bytes: Uint8Array): void;
  /** The packets when there are so many. */
  heard(count: number): Promise<RtpPacket[]>;
  close(): void;
}

export async function createRtpBench(config = "", options: RtpModuleOptions = {}): Promise<RtpBench> {
  const clock = createManualClock();
  const logged: string[] = [];
  const note = (text: string): void => void logged.push(text);
  const log: Logger = { debug() {}, info: note, warn: note, error: note };
  const module = rtp(options);
  const engine = await startEngine({
    clock,
    log,
    modules: [dumb(), pbx(), tone(), wave(), conf(), module],
    config: { yrtpchan: parseConfig(config, "yrtpchan.conf") },
  });
  const seen: Seen[] = [];
  engine.kernel.hook((message: EngineMessage, handled) => {
    const params = { ...message.params.toObject() };
    delete params.handlers;
    seen.push({ name: message.name, handled, params });
  });
  engine.install({
    name: "call.route",
    priority: 50,
    receive(message) {
      message.retvalue = message.get("called") ?? "";
      return true;
    },
  });
  const peers: RtpPeer[] = [];
  const dispatch = async (message: EngineMessage): Promise<Answer> => {
    const handled = await engine.kernel.dispatch(message);
    await bench.pass(0);
    const { handlers: _, ...params } = message.params.toObject();
    return { handled, params, retvalue: message.retvalue };
  };
  const bench: RtpBench = {
    engine,
    clock,
    module,
    seen,
    logged,
    async pass(ms) {
      await clock.advance(ms);
      for (let turns = 0; turns < 3; turns++) await clock.advance(0);
    },
    send: (name, params) => dispatch(engine.message(name, params)),
    about: (id, name, params) => dispatch(engine.message(name, { id, ...params }, engine.endpoints.get(id))),
    as: (id, message, params) => bench.send("chan.masquerade", { id, message, ...params }),
    async pair() {
      const { params } = await bench.send("call.execute", { callto: "dumb/a", target: "dumb/b" });
      return [params.id ?? "", params.peerid ?? ""];
    },
    all: (name) => seen.filter((one) => one.name === name).map((one) => one.params),
    figures(rtpId) {
      const figures = module.figures(rtpId ?? "");
      assert.ok(figures, `there is no session ${rtpId}`);
      return figures;
    },
    until,
    async peer() {
      const made = await createPeer();
      peers.push(made);
      return made;
    },
    async [Symbol.asyncDispose]() {
      const stopped = engine.stop();
      await clock.advance(0);
      await stopped;
      for (const one of peers) one.close();
    },
  };
  return bench;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `waited in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
  try {
    await once(socket, "listening");
    return socket;
  } catch {
    return undefined;
  }
}

export async function createPeer(): Promise<RtpPeer> {
  for (;;) {
    const rtpSocket = await bound(0);
    assert.ok(rtpSocket);
    const { port } = rtpSocket.address();
    const rtcpSocket = await bound(port + 1);
    if (rtcpSocket) return peerOf(rtpSocket, rtcpSocket, port);
    rtpSocket.close();
  }
}

function peerOf(rtpSocket: Socket, rtcpSocket: Socket, port: number): RtpPeer {
  const packets: RtpPacket[] = [];
  const reports: RtcpPacket[][] = [];
  let sequence = 1000;
  let timestamp = 50_000;
  let closed = false;
  rtpSocket.on("message", (bytes) => {
    const packet = parseRtpPacket(Uint8Array.from(bytes));
    if (typeof packet !== "string") packets.push(packet);
  });
  rtcpSocket.on("message", (bytes) => {
    const parsed = parseRtcp(Uint8Array.from(bytes));
    if (typeof parsed !== "string") reports.push([...parsed]);
  });
  return {
    port,
    packets,
    reports,
    talk(to, fields) {
      const packet: RtpPacket = {
        marker: false,
        payloadType: 8,
        sequence: sequence & 0xffff,
        timestamp: timestamp >>> 0,
        ssrc: 0x1234_5678,
        payload: new Uint8Array(160).fill(0xd5),
        ...fields,
      };
      const bytes = new Uint8Array(1500);
      const size = buildRtpPacket(packet, bytes);
      rtpSocket.send(bytes.subarray(0, size), Number(to), "127.0.0.1");
      sequence = packet.sequence + 1;
      timestamp = packet.timestamp + 160;
    },
    raw: (to, bytes) => rtpSocket.send(bytes, Number(to), "127.0.0.1"),
    report: (to, bytes) => rtcpSocket.send(bytes, Number(to) + 1, "127.0.0.1"),
    async heard(count) {
      await until(`${count} packets came, not ${packets.length}`, () => packets.length >= count);
      return packets;
    },
    close() {
      if (closed) return;
      closed = true;
      rtpSocket.close();
      rtcpSocket.close();
    },
  };
}
