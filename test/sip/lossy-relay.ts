import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export interface LossyRelayOptions {
  readonly enginePort: number;
  /** Where the peer listens; by default where its packets come from. */
  readonly peerPort?: number;
  /** Of the packets each way, 0 to 1. */
  readonly loss: number;
  readonly seed: number;
  /** What tells one call from another in the text of its packets. */
  readonly callOf: RegExp;
}

/** A network between the engine and a peer that loses packets both ways. */
export interface LossyRelay extends AsyncDisposable {
  /** The engine, seen by the peer. */
  readonly engineSide: number;
  /** The peer, seen by the engine. */
  readonly peerSide: number;
  readonly passed: number;
  readonly lost: number;
}

/**
 * Whether a packet is lost depends on the seed, on its call, on what it is (this way, that method or status, of that request), and
 * on how often that came before; so a run loses the same ones however the machine is loaded.
 */
export async function startLossyRelay(options: LossyRelayOptions): Promise<LossyRelay> {
  const { enginePort, loss, seed, callOf } = options;
  let { peerPort } = options;
  let passed = 0;
  let lost = 0;
  const seen = new Map<string, number>();
  const isLost = (way: string, packet: Buffer): boolean => {
    const text = packet.toString("latin1");
    const call = callOf.exec(text)?.[0] ?? "";
    const first = /^(?:SIP\/2\.0 \d+|[A-Z]+)/.exec(text)?.[0] ?? "";
    const of = /^(?:CSeq|CSEQ): *\d+ (\w+)/m.exec(text)?.[1] ?? "";
    const what = `${way} ${call} ${first} ${of}`;
    const nth = (seen.get(what) ?? 0) + 1;
    seen.set(what, nth);
    const dice = createHash("md5").update(`${seed} ${what} ${nth}`).digest().readUInt32BE(0) / 2 ** 32;
    return dice < loss;
  };
  const toEngine = await openSocket();
  const toPeer = await openSocket();
  const forward = (way: string, packet: Buffer, out: Socket, port: number | undefined): void => {
    if (isLost(way, packet)) lost++;
    else if (port !== undefined) {
      passed++;
      out.send(packet, port, "127.0.0.1");
    }
  };
  toPeer.on("message", (packet, from) => {
    peerPort ??= from.port;
    forward("in", packet, toEngine, enginePort);
  });
  toEngine.on("message", (packet) => forward("out", packet, toPeer, peerPort));
  return {
    engineSide: toPeer.address().port,
    peerSide: toEngine.address().port,
    get passed() {
      return passed;
    },
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([toEngine, toPeer].map((socket) => new Promise<void>((done) => socket.close(done))));
    },
  };
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20 });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}
