import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { SipAddress, SipFlow } from "../../../sip/index.ts";
import { addressOf, familyOf, isWildcard, type LocalAddresses, plainHost } from "./addresses.ts";
import { createFlowErrors } from "./flow-errors.ts";
import type { Intake } from "./intake.ts";
import { listenFailure } from "./transport-errors.ts";
import type { SipListenerOptions } from "./transport-options.ts";

/** A UDP socket, and its peers. */
export interface UdpListener {
  readonly name: string;
  readonly address: SipAddress;
  /** The way to a peer; `host` is an address. The same peer gets the same flow as long as it is remembered. */
  flowTo(remote: SipAddress): SipFlow;
  stop(): Promise<void>;
}

/** Asked of the system, which gives what its limits allow; the default holds a few hundred packets (libraries.md). */
const socketBufferBytes = 4 * 1024 * 1024;

/**
 * Packets of one socket. Refusals (ICMP) are not told: the socket is not connected, and Node reports them for connected ones only;
 * a dead peer is found by its silence (timers B and F).
 * @param maxFlows peers remembered; a flow that was forgotten still works
 */
export async function createUdpListener(
  options: SipListenerOptions,
  intake: Intake,
  locals: LocalAddresses,
  maxFlows: number,
): Promise<UdpListener> {
  const host = await addressOf(options.host);
  const family = familyOf(host);
  const socket: Socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    ipv6Only: family === 6,
    // Hosts are addresses already; Node would ask its resolver for each packet.
    lookup: (name, _options, done) => done(null, name, family),
  });
  try {
    // Begun before: with that lookup it listens at once.
    const listening = once(socket, "listening");
    socket.bind({ address: host, port: options.port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw listenFailure(options, error);
  }
  for (const set of ["setRecvBufferSize", "setSendBufferSize"] as const) {
    try {
      socket[set](socketBufferBytes);
    } catch {
      // The system's own size is kept.
    }
  }
  const { port } = socket.address();
  const address: SipAddress = { host, port };
  const { counts, notes } = intake;
  /** By address, the most recent last. */
  const flows = new Map<string, SipFlow>();
  let closed = false;

  const createFlow = (remote: SipAddress): SipFlow => {
    const errors = createFlowErrors();
    const fail = (error: Error): void => {
      counts.sendErrors++;
      errors.tell(error);
    };
    const flow: SipFlow = {
      id: options.name,
      transport: "UDP",
      reliable: false,
      remote,
      get local() {
        return isWildcard(host) ? { host: locals.toward(remote.host), port } : address;
      },
      get closed() {
        return closed;
      },
      send(message) {
        if (closed) return fail(new Error(`listener ${options.name} is closed`));
        intake.sent(message, flow);
        try {
          socket.send(message, remote.port, remote.host, (error) => {
            if (error) fail(error);
          });
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      },
      onError: errors.add,
    };
    return flow;
  };

  const flowTo = (remote: SipAddress): SipFlow => {
    const key = `${remote.port} ${remote.host}`;
    const known = flows.get(key);
    if (known) {
      // Only those near their end are moved: most packets find their flow among the recent ones.
      if (flows.size > maxFlows / 2) {
        flows.delete(key);
        flows.set(key, known);
      }
      return known;
    }
    if (flows.size >= maxFlows) {
      const oldest = flows.keys().next().value;
      if (oldest !== undefined) flows.delete(oldest);
    }
    const flow = createFlow({ host: remote.host, port: remote.port });
    flows.set(key, flow);
    return flow;
  };

  socket.on("message", (bytes, remote) => {
    if (isKeepAlive(bytes)) {
      counts.keepAlives++;
      return;
    }
    // Port 0 cannot be answered.
    if (remote.port === 0) return;
    intake.take(bytes, flowTo({ host: plainHost(remote.address), port: remote.port }));
  });
  socket.on("error", (error) => notes.note(`listener ${options.name}`, error.message));

  return {
    name: options.name,
    address,
    flowTo,
    async stop() {
      if (closed) return;
      closed = true;
      flows.clear();
      // What was sent in this turn is handed to the system first.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

/** What phones send to keep the way through their NAT open: line ends, blanks, NULs (also no byte at all), or STUN (RFC 5626 §4.4.2). */
function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length >= 20 && (bytes[0] ?? 0) < 4) {
    const cookie = [0x21, 0x12, 0xa4, 0x42];
    if (cookie.every((byte, at) => bytes[4 + at] === byte)) return true;
  }
  if (bytes.length > 16) return false;
  return bytes.every((byte) => byte === 0 || byte === 10 || byte === 13 || byte === 32);
}
