import { observingOf } from "../../bus/index.ts";
import type { CallCore } from "../call-core.ts";
import { detailOf } from "./describe.ts";
import { OpenOperation, placeMark } from "./operation.ts";

/** Methods of a call that take their time. All give a promise of a typed outcome. */
const operations: ReadonlySet<string> = new Set([
  "answer",
  "attendedTransfer",
  "audio",
  "barge",
  "bridge",
  "bridgeEnd",
  "dial",
  "enqueue",
  "gather",
  "hangup",
  "hold",
  "join",
  "menu",
  "park",
  "pickup",
  "play",
  "progress",
  "record",
  "recordCall",
  "reject",
  "resume",
  "ringing",
  "say",
  "sendDtmf",
  "transfer",
  "unbridge",
  "whisper",
]);

type Method = (...args: readonly unknown[]) => unknown;

/**
 * A part of a call whose operations can be observed, in place of `part`, whose accessors it keeps. Those that a feature begins by
 * itself, as the prompt of a question, are operations within another.
 */
export function observed<Part extends object>(core: CallCore, part: Part): Part {
  const descriptors = Object.getOwnPropertyDescriptors(part) as Record<string, PropertyDescriptor>;
  for (const [name, descriptor] of Object.entries(descriptors)) {
    if (typeof descriptor.value !== "function") continue;
    if (operations.has(name)) descriptor.value = operation(core, name, descriptor.value);
    else if (name === "dtmf") descriptor.value = loop(core, name, descriptor.value);
  }
  return Object.defineProperties({}, descriptors) as Part;
}

function begin(core: CallCore, what: string, args: readonly unknown[], origin?: object): OpenOperation {
  const detail = (): string => detailOf(args);
  return new OpenOperation(observingOf(core.yate), {
    what,
    party: core,
    detail,
    beganMs: core.clock.now(),
    origin,
  });
}

function operation(core: CallCore, what: string, method: Method): Method {
  return (...args) =>
    begin(core, what, args).follow(() => {
      const made = method(...args);
      return made instanceof Promise ? made : Promise.resolve(made);
    });
}

/** A loop is one operation, from its first step to its end. */
function loop(core: CallCore, what: string, method: Method): Method {
  return function itself(...args): AsyncGenerator {
    const origin = observingOf(core.yate)?.observer && placeMark(itself);
    return (async function* () {
      const going = begin(core, what, args, origin);
      try {
        yield* method(...args) as AsyncIterable<unknown>;
      } finally {
        going.end({ kind: core.over ? "hangup" : "ended" });
      }
    })();
  };
}
