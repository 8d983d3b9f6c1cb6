export { type SipFigures, type SipModule, sip } from "./sip.ts";
export type { SipListenerAddress } from "./transport/index.ts";
