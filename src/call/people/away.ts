import { createWait, type PendingWait } from "../../bus/index.ts";
import type { CallCore } from "../call-core.ts";
import type { HangUp } from "../outcomes.ts";
import type { BridgeOver } from "./bridge.ts";

interface Away {
  readonly end: PendingWait<BridgeOver | HangUp>;
  readonly beganMs: number;
}

const aways = new WeakMap<CallCore, Away>();

/**
 * Moves the party to somebody who is no call of the program; resolves when it is back.
 * @returns undefined when the move did not work
 */
export async function awayUntilReturn(
  core: CallCore,
  move: () => Promise<boolean>,
): Promise<BridgeOver | HangUp | undefined> {
  const away: Away = {
    end: createWait("the return of a party", undefined),
    beganMs: core.clock.monotonicMs(),
  };
  const forget = core.onReturn((reason) => away.end.resolve(endOf(core, away, "other", reason)));
  aways.set(core, away);
  try {
    if (!(await core.goAway(move))) return undefined;
    void core.ended.then((hangUp) => away.end.resolve(hangUp));
    return await away.end.wait;
  } finally {
    forget();
    if (aways.get(core) === away) aways.delete(core);
    if (!core.over) core.keys.flush();
  }
}

/** Takes back a party that is away; false when it is not. */
export async function fetchBack(core: CallCore, by: "unbridged" | "other" = "unbridged"): Promise<boolean> {
  const away = aways.get(core);
  if (!away || core.here) return false;
  await core.takeBack("unbridged");
  away.end.resolve(endOf(core, away, by, by === "other" ? "hangup" : by));
  return true;
}

function endOf(core: CallCore, away: Away, by: BridgeOver["by"], reason: string): BridgeOver {
  return { kind: "ended", by, reason, bridgedMs: Math.round(core.clock.monotonicMs() - away.beganMs) };
}
