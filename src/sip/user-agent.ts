import type { SipFlow } from "./flow.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import type { ClientTransaction, ServerTransaction } from "./transaction.ts";

/** Header fields to add to a message, in order. */
export type HeaderList = Iterable<readonly [name: string, value: string]>;

/** A message body and what it is. */
export interface SipBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** More for a request or a response. */
export interface MessageExtras {
  /** Default: the phrase of the code. Responses only. */
  readonly reason?: string | undefined;
  readonly headers?: HeaderList | undefined;
  readonly body?: SipBody | undefined;
}

/** How a session ended. */
export interface SessionEnd {
  /**
   * `bye`, `cancelled`: by the other side; `local`: by `end`; `rejected`: a final response of 300 and more, sent or received; `timeout`: no answer,
   * no ACK (RFC 3261 §13.3.1.4), an INVITE's Expires or a session timer that ran out; `transport`: the flow broke;
   * `merged`, `replaced`: its place was taken by another.
   */
  readonly kind: "bye" | "cancelled" | "local" | "rejected" | "timeout" | "transport" | "replaced";
  /** The BYE or CANCEL that came. */
  readonly request?: SipRequest | undefined;
  /** The final response that came. */
  readonly response?: SipResponse | undefined;
  /** Which wait it was that was in vain, in words: `no ACK`, `no PRACK`, `no answer`, `invitation expired`, `session expired`. */
  readonly detail?: string | undefined;
}

/** What an offer in a dialog is answered with: any status of 200 and above. */
export interface OfferAnswer extends MessageExtras {
  readonly status: number;
}

/**
 * What happens in a session. All members are called in order, none before the function that made the session has returned.
 * Those that may be asynchronous are awaited by the session: other requests of the dialog meanwhile are served.
 */
export interface SessionHandlers {
  /** Incoming: the ACK of our 2xx has come; its body answers an offer of ours (INVITE without SDP), else it is empty. */
  onAck?(ack: SipRequest): void;
  /** Outgoing: 101 to 199. Reliable ones (RFC 3262) are acknowledged with PRACK already. */
  onProvisional?(response: SipResponse): void;
  /**
   * Outgoing, for an INVITE that carried no offer: a reliable provisional response brings one (RFC 3262 §5). What is returned is the
   * body of its PRACK. Called before `onProvisional`.
   */
  onEarlyOffer?(response: SipResponse): SipBody | undefined;
  /**
   * Outgoing: the first 2xx. What is returned is the body of its ACK, for an INVITE that carried no offer. 2xx of other branches are
   * acknowledged and ended with BYE (RFC 3261 §13.2.2.4) and not told.
   */
  onAccepted?(response: SipResponse): SipBody | undefined;
  /**
   * A re-INVITE or UPDATE, or the PRACK of an answer in a reliable provisional response (RFC 3262 §5); without a body it asks for an offer (INVITE) or only refreshes (UPDATE). While it is being answered another one
   * gets 491, or 500 with Retry-After (RFC 3261 §14.2, RFC 3311 §5.2); the session does that.
   */
  onOffer?(request: SipRequest): OfferAnswer | Promise<OfferAnswer>;
  /** The ACK of a re-INVITE's 2xx, or the PRACK of a reliable provisional response, when that carried an offer of ours. */
  onAnswer?(ack: SipRequest): void;
  /** Any other request of the dialog: INFO, REFER, NOTIFY, MESSAGE, OPTIONS… It must be answered. Default: 501 (OPTIONS: 200). */
  onRequest?(transaction: ServerTransaction): void;
  /**
   * Asked before a BYE, re-INVITE, UPDATE, INFO, REFER is served: a response to send instead, such as a 401 challenge.
   * Default: served.
   */
  authorize?(
    request: SipRequest,
    flow: SipFlow,
  ): MessageExtrasWithStatus | undefined | Promise<MessageExtrasWithStatus | undefined>;
  /** It is over. Called exactly once, also after `end`. */
  onEnd(end: SessionEnd): void;
}

export interface MessageExtrasWithStatus extends MessageExtras {
  readonly status: number;
}

/** A re-INVITE to send. */
export interface ReinviteExtras extends MessageExtras {
  /** For a re-INVITE without body, which asks for an offer: that comes in the 2xx; what is returned is the body of the ACK. */
  answer?(response: SipResponse): SipBody | undefined;
}

/** One call as the protocol sees it: an INVITE and the dialog it makes (RFC 3261 §12–§15). */
export interface InviteSession {
  readonly direction: "incoming" | "outgoing";
  /** `early` until a 2xx was sent or came. */
  readonly state: "early" | "confirmed" | "ended";
  readonly callId: string;
  readonly localTag: string;
  /** Outgoing: empty until a response has one. */
  readonly remoteTag: string;
  /** From or To URI of either side, without its parameters. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** Where the peer wants its requests: URI of its Contact. */
  readonly remoteTarget: string;
  readonly flow: SipFlow;
  /** The INVITE that began it. */
  readonly invite: SipRequest;
  /**
   * Incoming: a provisional response, 101 to 199; reliable (RFC 3262) if the peer requires it, or if asked for and the peer supports it.
   * Repeated every minute until the call is answered (RFC 3261 §13.3.1.1). Ignored once it is.
   */
  provisional(status: number, extras?: MessageExtras & { readonly reliable?: boolean }): void;
  /** Incoming: 200, repeated until its ACK; after 64 × T1 without, BYE and `onEnd` with `timeout` (RFC 3261 §13.3.1.4). */
  accept(extras?: MessageExtras): void;
  /** Incoming: a final response of 300 or more. */
  reject(status: number, extras?: MessageExtras): void;
  /**
   * Ends it as its state demands: a final response (`status`, default 487) for an incoming one that is early, CANCEL for an outgoing one,
   * BYE when confirmed (after the ACK, RFC 3261 §15). Idempotent. `onEnd` is called before it returns, but for what is ended before its
   * handlers are there: then as soon as they are.
   */
  end(extras?: MessageExtras & { readonly status?: number }): void;
  /** A re-INVITE. One at a time: a second waits for the first; 491 is tried again after the times of RFC 3261 §14.1. Resolves to the final response, 408 or 503 made up. */
  reinvite(extras: ReinviteExtras): Promise<SipResponse>;
  /** Any other request in the dialog, with digest where the session has credentials. Resolves to the final response, 408 or 503 made up. */
  request(method: string, extras?: MessageExtras): Promise<SipResponse>;
}

/** Answers a challenge: the name and value of the header to send, or nothing when it cannot. */
export type Credentials = (
  request: SipRequest,
  challenge: SipResponse,
) => readonly [name: string, value: string] | undefined;

/** An INVITE to send. */
export interface OutgoingInvite extends MessageExtras {
  /** Request-URI. */
  readonly uri: string;
  readonly flow: SipFlow;
  /** Whole header values without tag, as `"Bob" <sip:bob@example>`. The session adds the tag to From. */
  readonly from: string;
  readonly to: string;
  readonly contact: string;
  /** Default: made up, unique. */
  readonly callId?: string | undefined;
  /** Default 70. */
  readonly maxForwards?: number | undefined;
  /** Route headers of the first request, such as an outbound proxy. */
  readonly route?: readonly string[] | undefined;
  /** Used once for each 401 or 407 realm (RFC 3261 §22). */
  readonly credentials?: Credentials | undefined;
  /** Whether `Supported: 100rel` is sent. Default true: PRACK is sent to who asks for it. */
  readonly reliable?: boolean | undefined;
  /** Session timers (RFC 4028): the interval asked for, in seconds; 0 for none. Default: the user agent's. */
  readonly sessionExpires?: number | undefined;
  readonly handlers: SessionHandlers;
}

/** Any other request outside a dialog: REGISTER, OPTIONS, MESSAGE… */
export interface OutgoingRequest extends MessageExtras {
  readonly method: string;
  readonly uri: string;
  readonly flow: SipFlow;
  readonly from: string;
  readonly to: string;
  readonly contact?: string | undefined;
  readonly callId?: string | undefined;
  /** Default 1; a registration counts its own on. */
  readonly cseq?: number | undefined;
  /** Default: made up. */
  readonly fromTag?: string | undefined;
  readonly maxForwards?: number | undefined;
  readonly route?: readonly string[] | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface UserAgentHandlers {
  /**
   * A new call. It has been checked (RFC 3261 §8.2: merged requests 482, unknown Require 420, what is malformed 400). It is answered
   * 100 unless it is answered otherwise before this returns.
   * @returns the handlers of its session
   */
  onInvite(session: InviteSession, transaction: ServerTransaction): SessionHandlers;
  /** A request outside any dialog but INVITE, ACK, CANCEL, BYE. It must be answered. */
  onRequest(transaction: ServerTransaction): void;
  /** A request for a dialog that is not known was answered 481 (RFC 3261 §12.2.2). */
  onStranger?(request: SipRequest, flow: SipFlow): void;
}

/** The core above the transactions (RFC 3261 §8, §12–§15). */
export interface UserAgent {
  /** Bytes of one message from the network are parsed by who receives them; the message goes in here. */
  receive(message: SipRequest | SipResponse, flow: SipFlow): void;
  invite(invite: OutgoingInvite): InviteSession;
  /** Resolves to the final response; 408 and 503 are made up for a timeout and a broken flow (RFC 3261 §8.1.3.1). */
  request(request: OutgoingRequest): Promise<SipResponse>;
  /**
   * Answers a request of `onRequest`, with what every response of ours has: Allow, Server, and a To tag where there is none. A final response
   * that was sent before stays.
   */
  respond(transaction: ServerTransaction, status: number, extras?: MessageExtras): void;
  /** The session whose dialog has that Call-ID and tags, if any: for Replaces (RFC 3891) and Target-Dialog. */
  find(callId: string, localTag: string, remoteTag: string): InviteSession | undefined;
  readonly sessions: ReadonlySet<InviteSession>;
  /** How many transactions live: none once all that `stop` began is through. */
  readonly transactions: number;
  /** Sends what is needed to end every session, without waiting. New calls get 503 from here on. */
  stop(): void;
  /** Ends everything silently: no timer is left, what waits for a response gets a made-up one. */
  close(): void;
}

export type { ClientTransaction };
