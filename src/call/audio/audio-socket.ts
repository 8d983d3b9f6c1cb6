import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { errorText, type Logger } from "../../base/index.ts";

/** Where the engine sends from and to. */
export interface EngineAddress {
  readonly ip: string;
  readonly port: number;
}

/** The UDP socket of one attachment. Errors are counted and told once; it stays up until it is closed. */
export interface AudioSocket {
  readonly port: number;
  readonly strangers: number;
  readonly unsent: number;
  readonly errors: number;
  /** From now on datagrams of this address are handed to `receive`, others are counted. */
  open(engine: EngineAddress, receive: (bytes: Uint8Array) => void): void;
  send(packet: Uint8Array): void;
  /** Idempotent. */
  close(): void;
}

/** Seconds of sound, where the system lets us have them: a busy process loses nothing meanwhile. */
const bufferBytes = 1 << 18;
/** Packets that may wait for the system to take them; more are dropped and counted, as the network would. */
const maxUnsent = 32;

/**
 * Binds a socket for an engine that knows this machine as `host`: to that address alone if it is one of this machine's, else (it is a
 * NAT's) to all.
 * @param name for the log
 */
export async function bindAudioSocket(host: string, name: string, log: Logger): Promise<AudioSocket | Error> {
  const bound = await bind(host, host);
  if (!(bound instanceof Error)) return socketOf(bound, name, log);
  if (!("code" in bound) || bound.code !== "EADDRNOTAVAIL") return bound;
  const wildcard = await bind(host, isIP(host) === 6 ? "::" : "0.0.0.0");
  return wildcard instanceof Error ? wildcard : socketOf(wildcard, name, log);
}

function bind(host: string, address: string): Promise<Socket | Error> {
  const family = isIP(host) === 6 ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    recvBufferSize: bufferBytes,
    sendBufferSize: bufferBytes,
    // Sent to addresses only: the lookup answers at once, which makes sending synchronous.
    lookup: (text, _options, answer) => answer(null, text, family),
  });
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      socket.close();
      resolve(error);
    };
    socket.once("error", failed);
    socket.bind({ address, port: 0, exclusive: true }, () => {
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

function socketOf(socket: Socket, name: string, log: Logger): AudioSocket {
  let engine: EngineAddress | undefined;
  let receive: (bytes: Uint8Array) => void = () => {};
  let strangers = 0;
  let unsent = 0;
  let errors = 0;
  let waiting = 0;
  let closed = false;

  const failed = (error: Error): void => {
    if (closed) return;
    errors++;
    if (errors === 1) log.warn(`${name}: the socket failed, it goes on: ${errorText(error)}`, { error });
  };
  const isEngine = (from: RemoteInfo): boolean => {
    if (!engine || from.port !== engine.port) return false;
    return from.address === engine.ip || isWildcard(engine.ip);
  };
  socket.on("error", failed);
  socket.on("message", (bytes, from) => {
    if (isEngine(from)) return receive(bytes);
    strangers++;
    if (engine && strangers === 1)
      log.warn(
        `${name}: packets of ${from.address}:${from.port} are dropped, the engine is at ${engine.ip}:${engine.port}`,
      );
  });
  const sent = (error: Error | null): void => {
    waiting--;
    if (!error) return;
    unsent++;
    failed(error);
  };
  return {
    port: socket.address().port,
    get strangers() {
      return strangers;
    },
    get unsent() {
      return unsent;
    },
    get errors() {
      return errors;
    },
    open(address, fn) {
      engine = address;
      receive = fn;
    },
    send(packet) {
      if (closed || !engine) return;
      if (waiting >= maxUnsent) {
        unsent++;
        return;
      }
      waiting++;
      socket.send(packet, engine.port, engine.ip, sent);
    },
    close() {
      if (closed) return;
      closed = true;
      socket.close();
    },
  };
}

/** An engine that binds to all addresses tells none. */
function isWildcard(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}
