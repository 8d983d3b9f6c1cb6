import type { Socket } from "node:net";
import type { Clock, Timer } from "../../../base/index.ts";
import { createStreamFramer, type SipFlow } from "../../../sip/index.ts";
import { plainHost } from "./addresses.ts";
import type { Carrier, ConnectionOrigin, ConnectionTable } from "./connection-table.ts";
import type { Intake } from "./intake.ts";
import type { SipTransportLimits } from "./transport-options.ts";

/** What listeners and connections share. */
export interface TransportHub {
  readonly clock: Clock;
  readonly limits: SipTransportLimits;
  readonly intake: Intake;
  readonly connections: ConnectionTable;
}

const pong = new Uint8Array([13, 10]);
/** Dead peers of idle connections that are watched are found by the system's own probes. */
const probeAfterMs = 60_000;

/** Reads and writes SIP on a socket that is connected (for TLS: and verified). Nothing when it has closed meanwhile. */
export function openStream(
  socket: Socket,
  transport: "TCP" | "TLS",
  hub: TransportHub,
  origin: ConnectionOrigin,
  release: () => void,
): SipFlow | undefined {
  const { clock, limits, intake, connections } = hub;
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (!localAddress || !remoteAddress || localPort === undefined || remotePort === undefined) {
    socket.destroy();
    release();
    return undefined;
  }
  socket.setNoDelay(true);
  socket.setKeepAlive(true, probeAfterMs);
  const remote = { host: plainHost(remoteAddress), port: remotePort };
  const carrier: Carrier = {
    transport,
    local: { host: plainHost(localAddress), port: localPort },
    remote,
    get queuedBytes() {
      return socket.writableLength;
    },
    write: (bytes) => void socket.write(bytes),
    end: () => socket.destroySoon(),
    destroy: () => void socket.destroy(),
  };
  const connection = connections.open(carrier, origin, release);
  const { flow } = connection;
  const framer = createStreamFramer({
    maxHeaderBytes: limits.headerBytes,
    maxBodyBytes: limits.bodyBytes,
  });
  /** Runs while a message has begun and is not complete: a slow sender may not hold one open for ever. */
  let slow: Timer | undefined;

  const refuse = (what: string): void => {
    intake.notes.note(remote.host, `${what}, ${transport} closed`);
    connection.close(what);
  };
  const tooSlow = (): void => {
    intake.counts.slowConnections++;
    refuse(`a message was not complete after ${limits.messageMs} ms`);
  };

  socket.on("data", (chunk: Uint8Array) => {
    connection.active();
    let complete = false;
    for (const frame of framer.push(chunk)) {
      if (flow.closed) return;
      switch (frame.kind) {
        case "message":
          complete = true;
          // Where the next message begins is known, but a peer that sends what is no SIP is not one to talk to.
          if (!intake.take(frame.bytes, flow)) return connection.close("what came is no SIP");
          break;
        case "ping":
          // The side that made the connection pings, the other answers (RFC 5626 §3.5.1).
          intake.counts.keepAlives++;
          if (origin.accepted && socket.writableLength < limits.queueBytes) socket.write(pong);
          break;
        case "error":
          intake.counts.malformed++;
          return refuse(`the stream is no SIP: ${frame.what}`);
      }
    }
    if (slow && (complete || !framer.pending)) {
      slow.cancel();
      slow = undefined;
    }
    if (framer.pending && !flow.closed) slow ??= clock.after(limits.messageMs, tooSlow, { background: true });
  });
  let cause: unknown;
  socket.on("error", (error) => {
    cause = error;
  });
  socket.on("close", () => {
    slow?.cancel();
    connection.lost(cause);
  });
  return flow;
}
