import { type CallBasics, callBasics } from "./call-basics.ts";
import type { CallCore } from "./call-core.ts";
import { type CallConference, callConference } from "./conference/index.ts";
import { type CallKeys, callKeys } from "./keys/call-keys.ts";
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
  const sound = callSound(core);
  const call: Call = assemble(
    assemble(callBasics(core), callKeys(core, sound)),
    assemble(
      assemble(
        sound,
        callQueueing(core, () => call),
      ),
      assemble(
        callConference(core, () => call),
        assemble(
          callRecordings(core),
          callPeople(core, () => call),
        ),
      ),
    ),
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

/** One object of several; unlike Object.assign it keeps accessors. */
function assemble<A extends object, B extends object>(first: A, second: B): A & B {
  return Object.defineProperties(first, Object.getOwnPropertyDescriptors(second)) as A & B;
}
