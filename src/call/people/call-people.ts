import type { Call } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Done, Failed, HangUp } from "../outcomes.ts";
import type { Playable } from "../sound/playable.ts";
import { type AttendedOptions, type AttendedTransfer, attendedTransfer } from "./attended.ts";
import { fetchBack } from "./away.ts";
import { type BargeOptions, barge } from "./barge.ts";
import { Bridge } from "./bridge.ts";
import { type BridgeEnd, type BridgeOptions, bridgeCalls } from "./bridge-calls.ts";
import { type DialEnd, type DialOptions, dial } from "./dial.ts";
import { failed } from "./failed.ts";
import { type HoldEnd, type HoldOptions, hold, type ResumeEnd, resume } from "./hold.ts";
import { type ParkOptions, type ParkOutcome, park, pickup } from "./park.ts";
import { type TransferEnd, type TransferOptions, transfer } from "./transfer.ts";
import { type WhisperEnd, type WhisperOptions, whisper } from "./whisper.ts";

/** Whom the party talks to. */
export interface CallPeople {
  /** The call that this one is bridged with, also while one of them is on hold. */
  readonly peer: Call | undefined;
  /**
   * Connects this call's party with another call's, answering those that still ring; resolves when it is with its program again.
   * The other call's program may wait for the same with `bridgeEnd()`.
   */
  bridge(other: Call, options?: BridgeOptions): Promise<BridgeEnd>;
  /** Resolves when the bridge that this call is in is over, whoever began it; at once when there is none. */
  bridgeEnd(): Promise<BridgeEnd>;
  /** Parts the party from whom it is bridged with, or has joined. Both calls go on, but for one that `dial` placed without `keepOther`. */
  unbridge(): Promise<Done | HangUp | Failed>;
  /** Calls one or several, bridges with who answers first, and hangs that one up afterwards. The party hears ringing meanwhile. */
  dial(target: string | readonly string[], options?: DialOptions): Promise<DialEnd>;
  /** Lets the party wait with music; one that is bridged is parted from the other, whose program has it meanwhile. */
  hold(options?: HoldOptions): Promise<HoldEnd>;
  /** Puts back what was before `hold`. */
  resume(): Promise<ResumeEnd>;
  /** Connects the party with somebody else, for good: when it works, the call is over for its program. */
  transfer(target: string | readonly string[], options?: TransferOptions): Promise<TransferEnd>;
  /** The same after this call's partner, or the program, has talked to the target, while the party hears music. */
  attendedTransfer(target: string, options?: AttendedOptions): AttendedTransfer;
  /** Lets this party hear prompts or tones in place of whom it talks to, who hears nothing of it. */
  whisper(what: Playable, options?: WhisperOptions): Promise<WhisperEnd>;
  /** Joins two who are bridged, to talk to both or to listen; resolves when this party is with its program again. */
  barge(target: Call, options?: BargeOptions): Promise<BridgeEnd>;
  /** Lets the party wait in a place from where another call, or a phone, can fetch it. */
  park(options?: ParkOptions): Promise<ParkOutcome>;
  /** Fetches a parked call and bridges it with this one. `park/<slot>` is a place of the engine. */
  pickup(slot: string, options?: BridgeOptions): Promise<BridgeEnd>;
}

export function callPeople(core: CallCore, self: () => Call): CallPeople {
  return {
    get peer() {
      return Bridge.of(core)?.other(core);
    },
    bridge: (other, options) => bridgeCalls(self(), other, options),
    async bridgeEnd() {
      const over = await core.begin();
      if (over) return over;
      const bridge = Bridge.of(core);
      return bridge ? await bridge.endOf(core) : notBridged(core);
    },
    async unbridge() {
      const over = await core.begin();
      if (over) return over;
      const bridge = Bridge.of(core);
      if (bridge) await bridge.part("unbridged", "unbridged");
      else if (!(await fetchBack(core))) return core.over ?? notBridged(core);
      return core.over ?? { kind: "done" };
    },
    dial: (target, options) => dial(self(), target, options),
    hold: (options) => hold(self(), options),
    resume: () => resume(self()),
    transfer: (target, options) => transfer(self(), target, options),
    attendedTransfer: (target, options) => attendedTransfer(self(), target, options),
    whisper: (what, options) => whisper(self(), what, options),
    barge: (target, options) => barge(self(), target, options),
    park: (options) => park(self(), options),
    pickup: (slot, options) => pickup(self(), slot, options),
  };
}

function notBridged(core: CallCore): Failed {
  return failed("not-bridged", `${core.party} is bridged with nobody`);
}
