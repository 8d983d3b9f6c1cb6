import { type CallBasics, callBasics } from "./call-basics.ts";
import type { CallCore } from "./call-core.ts";
import { type CallKeys, callKeys } from "./keys/call-keys.ts";
import { type CallQueueing, callQueueing } from "./queue/enqueue.ts";
import { type CallSound, callSound } from "./sound/call-sound.ts";

/**
 * A call, as its program has it. Hang-up ends every operation that is under way, with an outcome of kind `hangup`; nothing
 * needs an `until`.
 */
export interface Call extends CallBasics, CallKeys, CallSound, CallQueueing {}

const cores = new WeakMap<Call, CallCore>();

export function createCall(core: CallCore): Call {
  const sound = callSound(core);
  const basics = callBasics(core);
  const call: Call = assemble(
    assemble(basics, callKeys(core, sound)),
    assemble(sound, callQueueing(core, basics, sound)),
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
