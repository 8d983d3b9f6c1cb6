import { createWait, type PendingWait } from "../../bus/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { CallKit } from "../kit.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { elsewhere } from "../sound/playing.ts";
import { awayUntilReturn } from "./away.ts";
import { Bridge, type BridgeOver } from "./bridge.ts";
import { type BridgeEnd, type BridgeOptions, bridgeCalls } from "./bridge-calls.ts";
import { failed } from "./failed.ts";
import { defaultMusic, type Music, startMusic } from "./music.ts";

/** How to park. */
export interface ParkOptions {
  /** The place, as in `"701"`. Default: the first that is free of `slots`. */
  readonly slot?: string | undefined;
  /** First and last number of the places. Default 701 to 799. */
  readonly slots?: readonly [first: number, last: number] | undefined;
  /** Brings the call back after so long. Default: never. */
  readonly timeoutMs?: number | undefined;
  /** What the party hears. Default: a word that asks to wait. */
  readonly music?: Music | undefined;
  /**
   * Parks the call in the engine (`park/<slot>`), where phones and other programs can fetch it by `pickup/park/<slot>`.
   * Default false: in the app. Music is then `moh/<name>` or another source of the engine, and there is no `timeoutMs`.
   */
  readonly engine?: boolean | undefined;
}

/** A call in its place. */
export interface Parked {
  readonly kind: "parked";
  /** Where it can be fetched: `call.pickup(slot)`. */
  readonly slot: string;
  /**
   * Resolves when the call is with its program again: nobody came (`timeout`), who fetched it has left (`ended`), or hang-up.
   */
  readonly ended: Promise<ParkEnd>;
}

export type ParkEnd = { readonly kind: "timeout" } | BridgeOver | HangUp | Failed;

/** The place was taken, or the party gone. */
export type ParkOutcome = Parked | HangUp | Failed;

interface Place {
  readonly call: Call;
  readonly fetched: PendingWait<
    { readonly kind: "fetched"; readonly bridge: Bridge } | { readonly kind: "timeout" } | HangUp
  >;
}

const lots = new WeakMap<CallKit, Map<string, Place>>();

function lotOf(kit: CallKit): Map<string, Place> {
  const lot = lots.get(kit) ?? new Map<string, Place>();
  lots.set(kit, lot);
  return lot;
}

/** Lets the party wait in a place from where another call can fetch it. One who is bridged leaves its partner. */
export async function park(call: Call, options: ParkOptions = {}): Promise<ParkOutcome> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const bridge = Bridge.of(core);
  if (!bridge && !core.here) return elsewhere(core);
  if (options.engine) return await parkInEngine(core, options);
  const lot = lotOf(core.kit);
  const slot = options.slot ?? firstFree(lot, options.slots ?? [701, 799]);
  if (slot === undefined || lot.has(slot))
    return failed(
      "slot-taken",
      slot === undefined ? "every parking place is taken" : `the parking place ${slot} is taken`,
    );
  const place: Place = { call, fetched: createWait(`parking in ${slot}`, undefined) };
  lot.set(slot, place);
  void core.ended.then((hangUp) => place.fetched.resolve(hangUp));
  await bridge?.part("unbridged", "parked");
  return { kind: "parked", slot, ended: wait(place, slot, options) };
}

async function wait(
  place: Place,
  slot: string,
  { timeoutMs, music = defaultMusic }: ParkOptions,
): Promise<ParkEnd> {
  const { call, fetched } = place;
  const core = coreOf(call);
  const timer =
    timeoutMs === undefined
      ? undefined
      : core.clock.after(timeoutMs, () => fetched.resolve({ kind: "timeout" }));
  const sounding = await startMusic(call, music);
  const end = await fetched.wait;
  timer?.cancel();
  const lot = lotOf(core.kit);
  if (lot.get(slot) === place) lot.delete(slot);
  if (end.kind === "fetched") return await end.bridge.endOf(core);
  await sounding.stop();
  return core.over ?? end;
}

/** Takes a parked call and bridges it with this one. */
export async function pickup(call: Call, slot: string, options: BridgeOptions = {}): Promise<BridgeEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  if (!core.here || Bridge.of(core)) return elsewhere(core);
  if (slot.startsWith("park/")) return await pickupInEngine(call, slot);
  const place = lotOf(core.kit).get(slot);
  if (!place || place.call === call) return failed("slot-empty", `nobody is parked in ${slot}`);
  return await bridgeCalls(call, place.call, { keepOther: true, ...options }, (bridge) => {
    lotOf(core.kit).delete(slot);
    place.fetched.resolve({ kind: "fetched", bridge });
  });
}

async function parkInEngine(core: CallCore, { slot = "any", music }: ParkOptions): Promise<ParkOutcome> {
  const parked = Promise.withResolvers<string | undefined>();
  const ended = awayUntilReturn(core, async () => {
    const execute = await core.masquerade(core.party, "call.execute", {
      callto: `park/${slot}`,
      source: typeof music === "string" ? music : undefined,
    });
    parked.resolve(execute?.handled ? execute.get("peerid") : undefined);
    return execute?.handled === true;
  });
  const place = await Promise.race([parked.promise, ended.then(() => undefined)]);
  if (core.over) return core.over;
  if (place === undefined)
    return failed(
      "slot-taken",
      `the engine did not park ${core.party} in park/${slot}: taken, or it has no module park`,
    );
  const gone = failed("call-gone", `${core.party} left ${place}`);
  return { kind: "parked", slot: place, ended: ended.then((end) => end ?? core.over ?? gone) };
}

async function pickupInEngine(call: Call, slot: string): Promise<BridgeEnd> {
  const core = coreOf(call);
  await call.answer();
  const end = await awayUntilReturn(core, async () => {
    const execute = await core.masquerade(core.party, "call.execute", { callto: `pickup/${slot}` });
    return execute?.handled === true;
  });
  return end ?? core.over ?? failed("slot-empty", `nobody is parked in ${slot}`);
}

function firstFree(
  lot: ReadonlyMap<string, Place>,
  [first, last]: readonly [number, number],
): string | undefined {
  for (let number = first; number <= last; number++) if (!lot.has(String(number))) return String(number);
  return undefined;
}
