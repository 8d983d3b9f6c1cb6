import type { SipHeaders } from "./headers.ts";

/** What requests and responses have in common (RFC 3261 §7). */
interface MessageParts {
  /** `2.0` but for strangers. */
  readonly version: string;
  readonly headers: SipHeaders;
  /** As long as it came; empty when there is none. */
  readonly body: Uint8Array;
}

export interface SipRequest extends MessageParts {
  readonly kind: "request";
  /** In its own case: methods are case-sensitive (RFC 3261 §7.1). */
  readonly method: string;
  /** The Request-URI as written. */
  readonly uri: string;
}

export interface SipResponse extends MessageParts {
  readonly kind: "response";
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;
