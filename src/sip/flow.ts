/** The transports of RFC 3261 §18 and RFC 7118, as they stand in a Via. */
export type SipTransport = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

/** Where packets come from or go to. An IPv6 host stands without brackets. */
export interface SipAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The way to one peer: a connection, or a UDP socket and the peer's address. Requests and responses that belong together
 * keep to it (RFC 3581, RFC 5626 §3), which is what gets through NAT.
 */
export interface SipFlow {
  /** Names it in `connection_id` (spec/sip.md §1): the listener's name for UDP, `tcp:<local>-<remote>` for connections. */
  readonly id: string;
  readonly transport: SipTransport;
  /** Nothing is lost or repeated on it, so nothing is retransmitted but 2xx (RFC 3261 §17). */
  readonly reliable: boolean;
  readonly local: SipAddress;
  readonly remote: SipAddress;
  /** True once nothing can be sent any more. */
  readonly closed: boolean;
  /** Sends one message. Never throws: what cannot be sent is told to `onError`. */
  send(message: Uint8Array): void;
  /** Calls `fn` when the flow breaks, or when a message sent on it was refused (ICMP); the function returned takes that back. */
  onError(fn: (error: Error) => void): () => void;
}
