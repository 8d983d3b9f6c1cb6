import { errorText, onAbort, type Signal, YaytsError } from "../../base/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { Playable } from "../sound/playable.ts";
import { Bridge, type BridgeOver } from "./bridge.ts";
import { failed } from "./failed.ts";
import { whisper } from "./whisper.ts";

/** How to bridge. */
export interface BridgeOptions {
  /** Ends the bridge after so long. Default: no limit. */
  readonly limitMs?: number | undefined;
  /** What this party, and only this one, hears before the limit. Default: nothing. */
  readonly limitWarning?: Playable | undefined;
  /** So long before it. Default 30,000. */
  readonly limitWarningMs?: number | undefined;
  /** Keys of this party that end the bridge, as in `"*"`. Default none. */
  readonly endOn?: string | undefined;
  /** Told every key that is pressed while they talk, and by whom. */
  readonly onKey?: ((key: string, by: "this" | "other") => unknown) | undefined;
  /**
   * Whether the other call goes on when the bridge is over; `unbridge` always leaves both on. Default: for a call that came in,
   * which has a program of its own; a call that was placed is hung up. `dial`: default false, also for `unbridge`.
   */
  readonly keepOther?: boolean | undefined;
  /** Parts the two when it fires. */
  readonly signal?: Signal | undefined;
}

/** How a bridge ended. */
export type BridgeEnd = BridgeOver | HangUp | Failed;

/**
 * Connects the parties of two calls, answering those that still ring; resolves when `one` is with its program again.
 * @param onBegin called as soon as nobody else can bridge the two
 */
export async function bridgeCalls(
  one: Call,
  other: Call,
  options: BridgeOptions = {},
  onBegin: (bridge: Bridge) => void = () => {},
): Promise<BridgeEnd> {
  check(options);
  const [core, otherCore] = [coreOf(one), coreOf(other)];
  const over = await core.begin();
  if (over) return over;
  const refusal = whyNot(core, otherCore);
  if (refusal) return refusal;
  const { keepOther = other.direction === "incoming", signal } = options;
  if (signal?.aborted) return { kind: "ended", by: "unbridged", reason: "cancelled", bridgedMs: 0 };

  const bridge = new Bridge(one, other);
  onBegin(bridge);
  await Promise.all([one.answer(), other.answer()]);
  if (!(await bridge.join())) {
    await bridge.part("unbridged", "failure");
    const why = otherCore.over ? "its call is over" : "the engine did not connect them";
    return core.over ?? failed("call-gone", `${core.party} was not bridged with ${otherCore.party}: ${why}`);
  }
  const forget = watch(bridge, one, other, options);
  const end = await bridge.endOf(core);
  for (const fn of forget) fn();
  const parted = end.kind === "ended" && end.by === "unbridged";
  if (!keepOther && !parted) void hangUpAfter(bridge, otherCore, end);
  return end;
}

/** One who was transferred by its partner's phone meanwhile comes back later. */
async function hangUpAfter(bridge: Bridge, other: CallCore, { reason }: BridgeOver | HangUp): Promise<void> {
  const end = await bridge.endOf(other);
  if (end.kind === "ended") await other.hangup(reason || "hangup");
}

function watch(bridge: Bridge, one: Call, other: Call, options: BridgeOptions): (() => void)[] {
  const { limitMs, limitWarning, limitWarningMs = 30_000, endOn = "", onKey, signal } = options;
  const core = coreOf(one);
  const tell = (key: string, by: "this" | "other"): void => {
    try {
      onKey?.(key, by);
    } catch (error) {
      core.log.error(`onKey of the bridge of ${core.party} failed: ${errorText(error)}`);
    }
  };
  const forget: (() => void)[] = [];
  const after = (delayMs: number, fn: () => void): void => {
    const timer = core.clock.after(delayMs, fn);
    forget.push(() => timer.cancel());
  };
  if (limitMs !== undefined) {
    after(limitMs, () => void bridge.part("limit", "limit"));
    if (limitWarning !== undefined && limitWarningMs < limitMs)
      after(limitMs - limitWarningMs, () => void whisper(one, limitWarning));
  }
  forget.push(
    // On hold, keys are for the program, or for who decides about a transfer.
    core.keys.onKey(({ key }) => {
      if (!bridge.joined) return;
      tell(key, "this");
      if (endOn.includes(key)) void bridge.part("key", "key", key);
    }),
    coreOf(other).keys.onKey(({ key }) => bridge.joined && tell(key, "other")),
  );
  if (signal) forget.push(onAbort(signal, () => void bridge.part("unbridged", "cancelled")));
  return forget;
}

function whyNot(core: CallCore, other: CallCore): Failed | undefined {
  if (core === other) return failed("bad-argument", `${core.party} cannot be bridged with itself`);
  if (core.kit !== other.kit) return failed("bad-argument", "the two calls are of different engines");
  if (other.over) return failed("call-gone", `the call of ${other.party || "the other party"} is over`);
  for (const one of [core, other])
    if (Bridge.of(one) || !one.here)
      return failed("call-elsewhere", `${one.party} is connected to somebody else`);
  return undefined;
}

function check({ limitMs, limitWarningMs }: BridgeOptions): void {
  for (const [name, value] of Object.entries({ limitMs, limitWarningMs }))
    if (value !== undefined && !(value >= 0))
      throw new YaytsError("bad-argument", `${name} must be 0 or more, not ${value}`);
}
