/**
 * sip: the protocol cores of signalling (RFC 3261 and its kin). Messages, transactions, dialogs and sessions, digest. Bytes and
 * the time in, bytes out: sockets are behind {@link SipFlow}, time behind base's `Clock`.
 *
 * May import: base.
 */

export type { SipAddress, SipFlow, SipTransport } from "./flow.ts";
export { type SipHeader, SipHeaders } from "./headers.ts";
export type { SipMessage, SipRequest, SipResponse } from "./message.ts";
export type {
  ClientHandlers,
  ClientTransaction,
  ServerTransaction,
  TransactionHandlers,
  TransactionLayer,
} from "./transaction.ts";
export type {
  InviteSession,
  OutgoingInvite,
  OutgoingRequest,
  SessionEnd,
  SessionHandlers,
  UserAgent,
  UserAgentHandlers,
} from "./user-agent.ts";
