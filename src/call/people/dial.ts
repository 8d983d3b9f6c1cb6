import type { Call } from "../call.ts";
import type { CallFailure } from "../route.ts";
import { type BridgeEnd, type BridgeOptions, bridgeCalls } from "./bridge-calls.ts";
import { type RingOutOptions, ringOut } from "./ring-out.ts";

/** How to call somebody and bridge. */
export interface DialOptions extends RingOutOptions, Omit<BridgeOptions, "signal"> {
  /** Told the called party's call as the two are being connected; with `keepOther` it is the program's from then on. */
  readonly onBridge?: ((called: Call) => unknown) | undefined;
}

/** How calling somebody ended: they talked (`ended`), or did not. */
export type DialEnd = BridgeEnd | CallFailure;

/** Calls one or several for a party that hears ringing meanwhile, and bridges it with who answers first. */
export async function dial(
  call: Call,
  target: string | readonly string[],
  options: DialOptions = {},
): Promise<DialEnd> {
  const rung = await ringOut(call, target, options);
  if (rung.kind !== "answered") return rung;
  options.onBridge?.(rung.call);
  const { keepOther = false } = options;
  const end = await bridgeCalls(call, rung.call, { ...options, keepOther });
  if (end.kind === "failed") await rung.quiet();
  const parted = end.kind !== "ended" || end.by === "unbridged";
  if (end.kind === "failed" || (parted && !keepOther))
    void rung.call.hangup(end.kind === "failed" ? "failure" : "hangup");
  return end;
}
