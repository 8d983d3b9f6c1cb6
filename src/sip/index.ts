/**
 * sip: the protocol cores of signalling (RFC 3261 and its kin). Messages, transactions, dialogs and sessions, digest. Bytes and
 * the time in, bytes out: sockets are behind {@link SipFlow}, time behind base's `Clock`.
 *
 * May import: base.
 */

export { requestVerdict, responseFlaw } from "./check-message.ts";
export { createRequest, createResponse } from "./create-message.ts";
export { type CSeq, parseCSeq } from "./cseq.ts";
export {
  type DigestAlgorithm,
  type DigestChallenge,
  type DigestCredentials,
  type DigestHasher,
  parseAuthorization,
  parseChallenge,
} from "./digest.ts";
export {
  answerChallenge,
  type ChallengeAnswer,
  createCredentials,
  type DigestUser,
} from "./digest-client.ts";
export {
  type ChallengeOptions,
  createDigestServer,
  type DigestCheck,
  type DigestServer,
  type DigestServerOptions,
  type DigestVerdict,
} from "./digest-server.ts";
export type { SipAddress, SipFlow, SipTransport } from "./flow.ts";
export { type HeaderValue, parseHeaderValue } from "./header-value.ts";
export { headerKey, type SipHeader, SipHeaders } from "./headers.ts";
export { formatAddress, formatHostPort, type HostPort, isIpv4, isIpv6, parseHostPort } from "./host.ts";
export { listOf, splitList } from "./list.ts";
export type { SipMessage, SipRequest, SipResponse } from "./message.ts";
export { type BodyPart, parseMultipart } from "./multipart.ts";
export { formatNameAddr, type NameAddr, parseNameAddr, tagOf } from "./name-addr.ts";
export {
  formatParameters,
  isToken,
  parseParameters,
  quote,
  type SipParameters,
  unquote,
} from "./parameters.ts";
export { type ParsedSip, parseSipMessage, type SipFlaw, type SipLimits } from "./parse-message.ts";
export { reasonPhrase } from "./reason-phrases.ts";
export { sameUri } from "./same-uri.ts";
export {
  createStreamFramer,
  type StreamFrame,
  type StreamFramer,
  type StreamFramerOptions,
} from "./stream-framer.ts";
export type {
  ClientHandlers,
  ClientTransaction,
  ServerTransaction,
  TransactionHandlers,
  TransactionLayer,
} from "./transaction.ts";
export { createTransactionLayer, type TransactionLayerOptions } from "./transactions/layer.ts";
export { defaultSipTimers, type SipTimers } from "./transactions/timers.ts";
export { formatUri, parseUri, type SipUri, unescapeUri, uriScheme } from "./uri.ts";
export { createUserAgent, type UserAgentOptions } from "./user-agent/create-user-agent.ts";
export type {
  Credentials,
  HeaderList,
  InviteSession,
  MessageExtras,
  MessageExtrasWithStatus,
  OfferAnswer,
  OutgoingInvite,
  OutgoingRequest,
  ReinviteExtras,
  SessionEnd,
  SessionHandlers,
  SipBody,
  UserAgent,
  UserAgentHandlers,
} from "./user-agent.ts";
export { formatVia, parseVia, type Via } from "./via.ts";
export { formatSipMessage } from "./write-message.ts";
