import type { RouteResult } from "../../../src/console/protocol.ts";
import { takenBy } from "./message-summary.ts";

/** What became of a routing, in words; `good` says whether somebody takes the call. */
export interface RouteSentence {
  readonly good: boolean;
  readonly text: string;
}

/** Who would take a call to this number, as a sentence. */
export function routeSentence(
  called: string,
  { target, handled, refusal, messages }: RouteResult,
): RouteSentence {
  const by = messages.findLast((message) => message.handled);
  const who = by && takenBy(by);
  const taker = who && who !== "?" ? who : "";
  if (refusal)
    return { good: false, text: `A call to ${called} is refused${taker && ` by ${taker}`}: ${refusal}.` };
  if (!handled || target === "" || target === "-")
    return { good: false, text: `Nobody takes a call to ${called}: it ends with “noroute”.` };
  return {
    good: true,
    text: taker
      ? `${taker} takes a call to ${called} and sends it to ${target}.`
      : `A call to ${called} goes to ${target}.`,
  };
}
