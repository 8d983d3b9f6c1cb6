/**
 * Layer testing: callers and phones that a program plays, and ears for what they hear. They use nothing but the `Yate`
 * interface, so they work on the embedded engine and on a real YATE on the same machine (design.md §4.5).
 * May import all layers below.
 */
export type { HeardSound, KnownSound } from "../media/index.ts";
export { type CallEvent, type CallHappening, describeCallEvent } from "./call-events.ts";
export { type Caller, type CallerOptions, placeCaller } from "./caller.ts";
export type { CallEnd, HeardOptions, Leg, LegOptions } from "./leg.ts";
export { installPhone, type Phone, type PhoneCall } from "./phone.ts";
export { decodeSound, loadPrompts } from "./prompts.ts";
