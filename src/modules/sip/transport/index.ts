/**
 * The sockets of SIP: UDP, TCP, TLS, WebSocket; what comes in is framed, parsed, guarded against floods, and handed on with the flow it
 * came by. Where requests go is found by RFC 3263.
 */
export { createOncePerMinute, type OncePerMinute } from "./once-per-minute.ts";
export {
  createFloodGuard,
  defaultFloodLimits,
  type FloodGuard,
  type FloodLimits,
  type Rate,
} from "./rate-limit.ts";
export type { SipTarget } from "./resolve.ts";
export { createSystemResolver, type NaptrRecord, type SipResolver, type SrvRecord } from "./resolver.ts";
export {
  defaultLimits,
  type SipConnectOptions,
  type SipListenerAddress,
  type SipListenerOptions,
  type SipTransportFigures,
  type SipTransportLimits,
  type SipTransportsOptions,
  type TlsClientOptions,
  type TlsIdentity,
} from "./transport-options.ts";
export { createSipTransports, type SipTransports } from "./transports.ts";
