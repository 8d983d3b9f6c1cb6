import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { errorText } from "../../base/index.ts";

/** The two sockets of a session: RTP on an even port, RTCP on the next. */
export interface SocketPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly port: number;
  readonly address: string;
}

export type Bound =
  | { readonly kind: "bound"; readonly pair: SocketPair }
  | { readonly kind: "failed"; readonly reason: string };

export interface BindOptions {
  /** Address to bind, IPv4 or IPv6. */
  readonly address: string;
  readonly minPort: number;
  readonly maxPort: number;
  readonly bufferBytes: number;
}

/** Tries at random, as the reference engine does; then from port to port, so that the last free pair is found in a narrow range. */
const randomTries = 10;
const orderlyTries = 100;

/** Binds a pair of ports in the range. Bounded: a range that is full is told soon. */
export async function bindPair(options: BindOptions): Promise<Bound> {
  const first = options.minPort + (options.minPort % 2);
  const pairs = Math.floor((options.maxPort - first + 1) / 2);
  if (pairs < 1)
    return { kind: "failed", reason: `no pair of ports in ${options.minPort} to ${options.maxPort}` };
  const start = randomInt(pairs);
  const tries = randomTries + Math.min(pairs, orderlyTries);
  for (let i = 0; i < tries; i++) {
    const pair = i < randomTries ? randomInt(pairs) : (start + i - randomTries) % pairs;
    const tried = await tryPair(options, first + 2 * pair);
    if (tried.kind !== "taken") return tried;
  }
  return { kind: "failed", reason: `no free port in ${options.minPort} to ${options.maxPort}` };
}

async function tryPair(options: BindOptions, port: number): Promise<Bound | { readonly kind: "taken" }> {
  const { address } = options;
  const rtp = await bindOne(options, port);
  if (rtp instanceof Error) return refusal(rtp, address);
  const rtcp = await bindOne(options, port + 1);
  if (rtcp instanceof Error) {
    rtp.close();
    return refusal(rtcp, address);
  }
  return { kind: "bound", pair: { rtp, rtcp, port, address } };
}

function refusal(error: Error, address: string): Bound | { readonly kind: "taken" } {
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE" || code === "EACCES") return { kind: "taken" };
  return { kind: "failed", reason: `cannot bind ${address}: ${errorText(error)}` };
}

function bindOne({ address, bufferBytes }: BindOptions, port: number): Promise<Socket | Error> {
  const socket = datagramSocket(address, bufferBytes);
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      socket.close();
      resolve(error);
    };
    socket.once("error", failed);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

/**
 * A socket that sends to addresses only. The lookup answers at once, which makes sending synchronous: the packet is with
 * the system when `send` returns, unless its buffer is full.
 */
function datagramSocket(address: string, bufferBytes: number | undefined): Socket {
  const family = isIP(address) === 6 ? 6 : 4;
  return createSocket({
    type: family === 6 ? "udp6" : "udp4",
    lookup: (name, _options, answer) => answer(null, name, family),
    ...(bufferBytes === undefined ? {} : { recvBufferSize: bufferBytes, sendBufferSize: bufferBytes }),
  });
}

/** Tells the local address from which the system reaches another one. */
export interface LocalAddresses {
  /** Undefined where there is no route, or `remote` is no address. */
  towards(remote: string): Promise<string | undefined>;
}

/** Routes change seldom. */
const cacheMs = 30_000;
const cacheSize = 1000;

/** @param monotonicMs the time */
export function createLocalAddresses(monotonicMs: () => number): LocalAddresses {
  const cache = new Map<string, { readonly local: string; readonly untilMs: number }>();
  return {
    async towards(remote) {
      if (isIP(remote) === 0) return undefined;
      const now = monotonicMs();
      const cached = cache.get(remote);
      if (cached && cached.untilMs > now) return cached.local;
      const local = await routeTo(remote);
      if (local !== undefined) {
        if (cache.size >= cacheSize) cache.clear();
        cache.set(remote, { local, untilMs: now + cacheMs });
      }
      return local;
    },
  };
}

/** Connecting a UDP socket sends nothing, but has the system choose the address it would send from. */
function routeTo(remote: string): Promise<string | undefined> {
  const socket = datagramSocket(remote, undefined);
  return new Promise((resolve) => {
    const done = (local: string | undefined): void => {
      socket.close();
      resolve(local);
    };
    socket.once("error", () => done(undefined));
    socket.connect(9, remote, () => done(socket.address().address));
  });
}
