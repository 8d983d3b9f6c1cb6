import { onAbort, type Signal } from "../../base/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import { elsewhere } from "../sound/playing.ts";
import { awayUntilReturn, fetchBack } from "./away.ts";
import { Bridge } from "./bridge.ts";
import type { BridgeEnd } from "./bridge-calls.ts";
import { failed } from "./failed.ts";

/** How to join two who talk. */
export interface BargeOptions {
  /** Hears them and is not heard. Default false. */
  readonly listenOnly?: boolean | undefined;
  /** Leaves them when it fires; `unbridge` does too. */
  readonly signal?: Signal | undefined;
}

let rooms = 0;

/**
 * Joins the party to two who are bridged: the three are in a conference until the third leaves, or the other two have.
 * @param target one of the two
 */
export async function barge(call: Call, target: Call, options: BargeOptions = {}): Promise<BridgeEnd> {
  const [core, targetCore] = [coreOf(call), coreOf(target)];
  const over = await core.begin();
  if (over) return over;
  if (!core.here || Bridge.of(core)) return elsewhere(core);
  const bridge = Bridge.of(targetCore);
  await bridge?.settled();
  if (core.over) return core.over;
  if (!bridge?.joined || core === targetCore)
    return failed("not-bridged", `${targetCore.party} is bridged with nobody, so nobody can join`);
  const { signal, listenOnly = false } = options;
  if (signal?.aborted) return { kind: "ended", by: "unbridged", reason: "cancelled", bridgedMs: 0 };
  const room = `conf/barge-${core.party.replace("/", "-")}-${++rooms}`;
  await call.answer();
  const joined = await core.masquerade(targetCore.party, "call.conference", { room, smart: true });
  if (!joined?.handled)
    return core.over ?? failed("not-bridged", `the engine made no conference of ${targetCore.party}'s call`);
  const leave = (): void => void (listenOnly && fetchBack(core, "other"));
  for (const one of [targetCore, coreOf(bridge.other(targetCore))]) void bridge.endOf(one).then(leave);
  const stay = awayUntilReturn(core, async () => {
    const execute = await core.masquerade(core.party, "call.execute", {
      callto: room,
      existing: true,
      voice: !listenOnly,
    });
    return execute?.handled === true;
  });
  // It may have fired while the room was made.
  const forget = signal ? onAbort(signal, () => void fetchBack(core)) : () => {};
  const end = await stay;
  forget();
  await reunite(bridge, targetCore);
  return end ?? core.over ?? failed("call-gone", `${core.party} could not join ${room}`);
}

/** The two who are left talk to each other again without the conference. */
async function reunite(bridge: Bridge, target: CallCore): Promise<void> {
  const other = coreOf(bridge.other(target));
  if (!bridge.joined || Bridge.of(target) !== bridge || Bridge.of(other) !== bridge) return;
  await target.send("chan.connect", { id: target.party, targetid: other.party, reason: "bridge" });
}
