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

type Method = (...args: readonly unknown[]) => Promise<unknown>;
type Loop = (...args: readonly unknown[]) => AsyncIterable<unknown>;

/**
 * Lets the operations of a part of a call be observed: each is begun and ended around its method. Those that a feature begins by itself,
 * as the prompt of a question, are operations within another.
 * @param part as it was just made; its methods are replaced
 */
export function observed<Part extends object>(core: CallCore, part: Part): Part {
  const methods = part as Record<string, unknown>;
  for (const name in part) {
    if (!operations.has(name) && name !== "dtmf") continue;
    const method = methods[name];
    if (typeof method !== "function") continue;
    methods[name] =
      name === "dtmf" ? loop(core, name, method as Loop) : operation(core, name, method as Method);
  }
  return part;
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
  return (...args) => begin(core, what, args).follow(() => method(...args));
}

/** A loop is one operation, from its first step to its end. */
function loop(core: CallCore, what: string, method: Loop): Loop {
  return function itself(...args): AsyncGenerator {
    const origin = observingOf(core.yate)?.observer && placeMark(itself);
    return (async function* () {
      const going = begin(core, what, args, origin);
      try {
        yield* method(...args);
      } finally {
        going.end({ kind: core.over ? "hangup" : "ended" });
      }
    })();
  };
}
