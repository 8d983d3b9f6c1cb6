import type { SipFlow } from "./flow.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";

/** What becomes of a request that was sent. After the first of `onTimeout`, `onTransportError` nothing more comes. */
export interface ClientHandlers {
  /**
   * Provisional responses, as often as they come; the final one, once; and to INVITE also further 2xx, whether repeated or of
   * other branches of a fork, for 64 × T1 (RFC 6026 §7.2).
   */
  onResponse(response: SipResponse): void;
  /** Timer B or F ran out: to be taken as 408 (RFC 3261 §8.1.3.1). */
  onTimeout(): void;
  /**
   * The flow broke or refused the request, before a final response: to be taken as 503 (RFC 3261 §8.1.3.1). Never before
   * `send` has returned.
   */
  onTransportError(error: Error): void;
}

/** A request that was sent, until its answer has come and its repetitions are over (RFC 3261 §17.1). */
export interface ClientTransaction {
  /** As sent, with its Via. */
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly branch: string;
  /** A final response has come. */
  readonly completed: boolean;
  /**
   * Cancels an INVITE: sends CANCEL as soon as a provisional response has come, nothing when the final one came first
   * (RFC 3261 §9.1). The outcome comes as the INVITE's own final response; 64 × T1 after the CANCEL without one, as `onTimeout`.
   * @param headers more headers for it, as Reason (RFC 3326)
   */
  cancel(headers?: Iterable<readonly [name: string, value: string]>): void;
}

/** A request that came, until it is answered and its repetitions are over (RFC 3261 §17.2). */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: SipFlow;
  /** The last response sent; repetitions of the request get it again. */
  readonly response: SipResponse | undefined;
  /** A final response was sent. */
  readonly completed: boolean;
  /**
   * Sends a response on the flow. Non-2xx final responses to INVITE are repeated until their ACK here; a 2xx is repeated by who sends it,
   * until its ACK has come (RFC 6026 §7.1), by calling this again with the same one. After a final response any other is ignored.
   * To requests other than INVITE provisional responses and 408 do not go out: the 100 that is due after 3.5 s is sent by itself, and a
   * request that is never answered ends after 64 × T1 (RFC 4320 §4).
   */
  respond(response: SipResponse): void;
}

/** What the transaction layer tells its user. */
export interface TransactionHandlers {
  /**
   * A new request, of any method but ACK and CANCEL. Its top Via has `received` and `rport`. An INVITE that this has not answered when it
   * returns is answered 100; when this throws before the request is answered finally, it is answered 500.
   */
  onRequest(transaction: ServerTransaction): void;
  /** A CANCEL for an INVITE not finally answered yet. The CANCEL itself has been answered 200; the INVITE wants its 487. */
  onCancel(invite: ServerTransaction, cancel: SipRequest): void;
  /** An ACK that belongs to a 2xx, or to nothing: it is matched by its dialog, not by a transaction (RFC 3261 §13.3.1.4). */
  onAck(ack: SipRequest, flow: SipFlow): void;
  /** A response of no transaction; a late 2xx to INVITE comes here (RFC 6026 §8.1 leaves it to the core). */
  onStrayResponse?(response: SipResponse, flow: SipFlow): void;
  /**
   * Nothing acknowledged a final response of 300 and more to INVITE (timer H; no error), or a response could not be sent, or the flow
   * broke under an INVITE that is not answered yet or was answered 2xx less than 64 × T1 ago, acknowledged or not. Once a transaction.
   */
  onResponseFailed?(transaction: ServerTransaction, error: Error | undefined): void;
}

/** All transactions of one user agent. Pure: what the network brings goes into `receive`, time comes from the clock. */
export interface TransactionLayer {
  /** A message from the network, already found well-formed enough (`requestVerdict` is answered before). */
  receive(message: SipMessage, flow: SipFlow): void;
  /**
   * Sends a request in a transaction of its own: a Via with a new branch and `rport` is put on top.
   * The flow is the one to use; the request has all other headers.
   */
  send(request: SipRequest, flow: SipFlow, handlers: ClientHandlers): ClientTransaction;
  /**
   * Sends an ACK for a 2xx: no transaction, a new branch. Returns it as sent, for repeating it: given to this again it goes out as it is.
   */
  sendAck(ack: SipRequest, flow: SipFlow): SipRequest;
  /** How many transactions live. */
  readonly size: number;
  /** How many requests were answered 503 for want of room. */
  readonly refused: number;
  /** Ends all of them silently. What is sent afterwards fails with `onTransportError`, what comes is dropped. */
  stop(): void;
}
