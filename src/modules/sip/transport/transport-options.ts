import type { Clock, Logger } from "../../../base/index.ts";
import type { SipAddress, SipFlow, SipMessage, SipTransport } from "../../../sip/index.ts";
import type { Tap } from "../../trace/index.ts";
import type { FloodLimits } from "./rate-limit.ts";
import type { SipResolver } from "./resolver.ts";

/** A certificate and its private key as PEM text. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** One address that packets or connections are taken at. */
export interface SipListenerOptions {
  /** What `connection_id` is of the UDP packets that come here (spec/sip.md §1). Unique. */
  readonly name: string;
  readonly transport: "udp" | "tcp" | "tls" | "ws" | "wss";
  /** An address of this machine, `0.0.0.0`, or `::`, which takes IPv6 only. A name is looked up. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Needed by `tls` and `wss`. */
  readonly tls?: TlsIdentity | undefined;
}

/** How servers are verified that connections over TLS are made to. */
export interface TlsClientOptions {
  /** Certificates of authorities as PEM text. Default: those that Node comes with. */
  readonly ca?: string | readonly string[] | undefined;
  /** False takes any certificate: the connection is then private from listeners only, not from who stands between. Default true. */
  readonly verify?: boolean | undefined;
  /** Shown to servers that ask for one. */
  readonly identity?: TlsIdentity | undefined;
}

/** Bounds of what peers may take of this machine. */
export interface SipTransportLimits {
  /** A connection on which nothing moved for so long is closed, unless somebody watches it by `onError`. Default 120,000. */
  readonly idleMs: number;
  /** For a connection to be made, TLS included. Default 10,000. */
  readonly connectMs: number;
  /** For a message that has begun on a connection to be complete, and for the handshakes of TLS and WebSocket. Default 20,000. */
  readonly messageMs: number;
  /** Default 8192. */
  readonly connections: number;
  /** From one address (of IPv6: one /64 network). Default 1024. */
  readonly connectionsPerSource: number;
  /** Bytes that may wait for a slow peer before its connection is closed. Default 1 MiB. */
  readonly queueBytes: number;
  /** Of one message. Default 65536. */
  readonly headerBytes: number;
  /** Of one message. Default 65536. */
  readonly bodyBytes: number;
  /** UDP peers whose flows are remembered. Default 10,000. */
  readonly udpFlows: number;
}

export const defaultLimits: SipTransportLimits = {
  idleMs: 120_000,
  connectMs: 10_000,
  messageMs: 20_000,
  connections: 8192,
  connectionsPerSource: 1024,
  queueBytes: 1_048_576,
  headerBytes: 65_536,
  bodyBytes: 65_536,
  udpFlows: 10_000,
};

export interface SipTransportsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly listeners: readonly SipListenerOptions[];
  /** Every message that is one and was not dropped for flooding, in the order of its flow. What it throws is logged. */
  onMessage(message: SipMessage, flow: SipFlow): void;
  readonly limits?: Partial<SipTransportLimits> | undefined;
  /** How many new requests a source may send; false: any number. Default: `defaultFloodLimits`. */
  readonly flood?: Partial<FloodLimits> | false | undefined;
  readonly tls?: TlsClientOptions | undefined;
  /** `sip`, when it is there, is told of every message that comes or goes. */
  readonly tap?: Pick<Tap, "sip"> | undefined;
  /** Default: the machine's DNS. */
  readonly resolver?: SipResolver | undefined;
}

/** Where to connect to. */
export interface SipConnectOptions extends SipAddress {
  /** Default: UDP if there is a listener of it for that family of addresses, else TCP. */
  readonly transport?: SipTransport | undefined;
  /** UDP: the listener to send from. Others: its address is the local one. */
  readonly listener?: string | undefined;
  /** The local address to send from; UDP: that of a listener. The port is used for UDP only. */
  readonly from?: { readonly host: string; readonly port?: number | undefined } | undefined;
  /** TLS: the name that the certificate must be for. Default: `host`. */
  readonly serverName?: string | undefined;
}

/** Where a listener listens, as the system gave it. */
export interface SipListenerAddress extends SipAddress {
  readonly transport: SipTransport;
}

/** What was counted since the start, but for what is there now: `connections` and `trackedSources`. */
export interface SipTransportFigures {
  readonly received: number;
  readonly sent: number;
  /** Dropped because they are no SIP; TLS that cannot be agreed on. */
  readonly malformed: number;
  /** New requests dropped because their source, or all together, sent too many. */
  readonly flooded: number;
  /** CRLF, NUL and STUN packets, and pings of connections. */
  readonly keepAlives: number;
  readonly sendErrors: number;
  readonly connections: number;
  /** Connections closed at once because there were too many. */
  readonly refusedConnections: number;
  /** Connections closed because the peer took too long, or would not read. */
  readonly slowConnections: number;
  readonly trackedSources: number;
}
