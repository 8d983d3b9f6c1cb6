export { createTap, type RtpTap, type SipTap, type Tap, type TappedSession } from "./tap.ts";
export { type TraceModuleOptions, trace } from "./trace.ts";
