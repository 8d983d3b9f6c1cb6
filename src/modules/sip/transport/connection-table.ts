import { type Clock, YaytsError } from "../../../base/index.ts";
import { formatAddress, type SipAddress, type SipFlow, type SipTransport } from "../../../sip/index.ts";
import { createFlowErrors } from "./flow-errors.ts";
import type { Intake } from "./intake.ts";
import { sourceKey } from "./rate-limit.ts";
import type { SipTransportLimits } from "./transport-options.ts";

/** What carries the bytes of a connection: a socket, or a WebSocket. */
export interface Carrier {
  readonly transport: SipTransport;
  readonly local: SipAddress;
  readonly remote: SipAddress;
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  write(bytes: Uint8Array): void;
  /** Closes it when what waits has been sent. */
  end(): void;
  /** Closes it now. */
  destroy(): void;
}

export interface ConnectionOrigin {
  /** The peer made it. */
  readonly accepted: boolean;
  /** The name its certificate was verified for. */
  readonly serverName?: string | undefined;
}

/** A connection that is open, as who reads from it sees it. */
export interface Connection {
  readonly flow: SipFlow;
  /** Something came. */
  active(): void;
  /** Closes it for a reason, which is told to those that watch. */
  close(reason: string): void;
  /** The carrier has closed. */
  lost(cause?: unknown): void;
}

/** All open connections. */
export interface ConnectionTable {
  readonly size: number;
  /** Makes room for one from that host, to be given back by the function returned; nothing when there are too many. */
  reserve(host: string): (() => void) | undefined;
  open(carrier: Carrier, origin: ConnectionOrigin, release: () => void): Connection;
  get(id: string): SipFlow | undefined;
  /** An open connection to that remote address that may be used for requests to it. */
  find(transport: SipTransport, remote: SipAddress, serverName?: string): SipFlow | undefined;
  /** Closes all when what waits has been sent, at the latest after a second. */
  stop(): Promise<void>;
}

/** What a table needs of its surroundings. */
export interface ConnectionTableOptions {
  readonly clock: Clock;
  readonly limits: SipTransportLimits;
  readonly intake: Intake;
}

interface Entry extends Connection {
  readonly carrier: Carrier;
  readonly origin: ConnectionOrigin;
}

export function createConnectionTable({ clock, limits, intake }: ConnectionTableOptions): ConnectionTable {
  const { counts, notes } = intake;
  const perSource = new Map<string, number>();
  let reserved = 0;
  const byId = new Map<string, Entry>();
  const byRemote = new Map<string, Entry>();
  let stopping = false;
  let allClosed: (() => void) | undefined;

  const open = (carrier: Carrier, origin: ConnectionOrigin, release: () => void): Connection => {
    const { transport, local, remote } = carrier;
    const id = `${transport.toLowerCase()}:${formatAddress(local)}-${formatAddress(remote)}`;
    const remoteKey = `${transport} ${formatAddress(remote)}`;
    const errors = createFlowErrors();
    let closed = false;
    let activeMs = clock.monotonicMs();

    const over = (error: Error): void => {
      if (closed) return;
      closed = true;
      idle.cancel();
      if (byId.get(id) === entry) byId.delete(id);
      if (byRemote.get(remoteKey) === entry) byRemote.delete(remoteKey);
      release();
      errors.tell(error);
      if (byId.size === 0) allClosed?.();
    };
    const close = (reason: string): void => {
      carrier.destroy();
      over(new YaytsError("peer-unreachable", `${id} was closed: ${reason}`));
    };
    const whenIdle = (): void => {
      const restMs = activeMs + limits.idleMs - clock.monotonicMs();
      // A dialog or a registration that needs the flow watches it.
      if (restMs <= 0 && errors.size === 0) close(`nothing came for ${limits.idleMs} ms`);
      else
        idle = clock.after(restMs > 0 ? restMs : limits.idleMs, whenIdle, {
          background: true,
        });
    };
    let idle = clock.after(limits.idleMs, whenIdle, { background: true });

    const flow: SipFlow = {
      id,
      transport,
      reliable: true,
      local,
      remote,
      get closed() {
        return closed;
      },
      send(message) {
        if (closed) {
          counts.sendErrors++;
          return errors.tell(new YaytsError("peer-unreachable", `${id} is closed`));
        }
        if (carrier.queuedBytes + message.length > limits.queueBytes) {
          counts.slowConnections++;
          counts.sendErrors++;
          notes.note(remote.host, `does not read; ${carrier.queuedBytes} bytes wait, ${transport} closed`);
          return close("the peer does not read");
        }
        intake.sent(message, flow);
        activeMs = clock.monotonicMs();
        carrier.write(message);
      },
      onError: errors.add,
    };
    const entry: Entry = {
      flow,
      carrier,
      origin,
      close,
      active() {
        activeMs = clock.monotonicMs();
      },
      lost(cause) {
        const why = cause instanceof Error ? `: ${cause.message}` : " by the peer";
        over(new YaytsError("peer-unreachable", `${id} was closed${why}`, { cause }));
      },
    };
    byId.set(id, entry);
    byRemote.set(remoteKey, entry);
    if (stopping) close("the engine stops");
    return entry;
  };

  return {
    get size() {
      return byId.size;
    },
    reserve(host) {
      const source = sourceKey(host);
      const held = perSource.get(source) ?? 0;
      if (reserved >= limits.connections || held >= limits.connectionsPerSource) return undefined;
      reserved++;
      perSource.set(source, held + 1);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        reserved--;
        const left = (perSource.get(source) ?? 1) - 1;
        if (left > 0) perSource.set(source, left);
        else perSource.delete(source);
      };
    },
    open,
    get: (id) => byId.get(id)?.flow,
    find(transport, remote, serverName) {
      const entry = byRemote.get(`${transport} ${formatAddress(remote)}`);
      if (!entry || entry.flow.closed) return undefined;
      // Who is to be verified by name must have been: a peer that connected to us was not (RFC 5923 §5).
      if (serverName !== undefined && entry.origin.serverName !== serverName) return undefined;
      return entry.flow;
    },
    async stop() {
      stopping = true;
      if (byId.size === 0) return;
      const done = new Promise<void>((resolve) => {
        allClosed = resolve;
      });
      for (const { carrier } of byId.values()) carrier.end();
      const late = clock.after(1000, () => {
        for (const entry of [...byId.values()]) entry.close("the engine stops");
      });
      await done;
      late.cancel();
    },
  };
}
