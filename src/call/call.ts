import { type CallBasics, callBasics } from "./call-basics.ts";
import type { CallCore } from "./call-core.ts";
import { type CallConference, callConference } from "./conference/index.ts";
import { type CallKeys, callKeys } from "./keys/call-keys.ts";
import { observed } from "./operations/index.ts";
import { type CallPeople, callPeople } from "./people/index.ts";
import { type CallQueueing, callQueueing } from "./queue/enqueue.ts";
import { type CallRecordings, callRecordings } from "./recording/index.ts";
import { type CallSound, callSound } from "./sound/call-sound.ts";

/**
 * A call, as its program has it. Hang-up ends every operation that is under way, with an outcome of kind `hangup`; nothing
 * needs an `until`.
 */
export interface Call
  extends CallBasics,
    CallKeys,
    CallSound,
    CallQueueing,
    CallConference,
    CallRecordings,
    CallPeople {}

const cores = new WeakMap<Call, CallCore>();

export function createCall(core: CallCore): Call {
  const sound = observed(core, callSound(core));
  const itself = (): Call => call;
  const call: Call = assemble(
    observed(core, callBasics(core)),
    observed(core, callKeys(core, sound)),
    sound,
    observed(core, callPeople(core, itself)),
    observed(core, callConference(core, itself)),
    observed(core, callQueueing(core, itself)),
    observed(core, callRecordings(core)),
  );
  cores.set(call, core);
  return call;
}

/** What a call is built on, for features that work on several. */
export function coreOf(call: Call): CallCore {
  const core = cores.get(call);
  if (!core) throw new TypeError("that is no call of this app");
  return core;
}

/** What is all of several things. */
type All<Parts extends readonly object[]> = Parts extends readonly [
  infer First,
  ...infer Rest extends object[],
]
  ? First & All<Rest>
  : unknown;

/** One object of several; unlike Object.assign it keeps accessors. */
function assemble<Parts extends readonly object[]>(...parts: Parts): All<Parts> {
  const whole = {};
  for (const part of parts) Object.defineProperties(whole, Object.getOwnPropertyDescriptors(part));
  return whole as All<Parts>;
}
