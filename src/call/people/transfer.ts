import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { type CallFailure, callFailed, executeTo } from "../route.ts";
import { elsewhere } from "../sound/playing.ts";
import { Bridge, connectParties } from "./bridge.ts";
import { failed } from "./failed.ts";
import { type RingOutOptions, ringOut } from "./ring-out.ts";

/** How to transfer. */
export interface TransferOptions extends RingOutOptions {
  /**
   * Whether to wait for the answer (default): until then the party hears ringing and can come back. `false`: the engine
   * connects the party with whoever is called, answered or not, and the program is out of it at once.
   */
  readonly wait?: boolean | undefined;
}

/**
 * How a transfer ended. When it worked, the call is over for its program (`hangup` by the app, reason `transferred`), and the
 * two talk without it. When it did not, all is as before.
 */
export type TransferEnd =
  | { readonly kind: "transferred"; readonly to: string }
  | CallFailure
  | HangUp
  | Failed;

/** Connects the party with somebody else, for good. One who is bridged leaves its partner when it works. */
export async function transfer(
  call: Call,
  target: string | readonly string[],
  options: TransferOptions = {},
): Promise<TransferEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const bridge = Bridge.of(core);
  if (!bridge && !core.here) return elsewhere(core);
  if (options.wait === false) return await transferAtOnce(core, target, options);
  if (!bridge) return await transferWaiting(call, target, options);
  return await bridge.whileTransferring(async () => {
    const wasJoined = bridge.joined;
    await bridge.hold("transfer");
    const end = await transferWaiting(call, target, options);
    if (end.kind !== "transferred" && wasJoined && !core.over) await bridge.join();
    return end;
  });
}

export async function transferWaiting(
  call: Call,
  target: string | readonly string[],
  options: TransferOptions,
): Promise<TransferEnd> {
  const rung = await ringOut(call, target, options);
  if (rung.kind !== "answered") return rung;
  await call.answer();
  return await connectForGood(call, rung);
}

/** Connects two calls' parties and leaves them alone. */
export async function connectForGood(
  call: Call,
  { call: called, quiet }: { readonly call: Call; quiet(): Promise<void> },
): Promise<TransferEnd> {
  const [core, calledCore] = [coreOf(call), coreOf(called)];
  const to = calledCore.party;
  if (await connectParties(core, calledCore, "transfer")) {
    release(calledCore);
    release(core);
    return { kind: "transferred", to };
  }
  void called.hangup("failure");
  await quiet();
  return core.over ?? failed("call-gone", `${core.party} could not be connected to ${to}`);
}

/** Connects the parties of two calls of a phone, for good: the transfer of one who has talked to both. Both calls are over then. */
export async function putTogether(call: Call, other: Call): Promise<TransferEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  for (const one of [core, coreOf(other)]) if (!one.here) return elsewhere(one);
  return await connectForGood(call, { call: other, quiet: async () => {} });
}

async function transferAtOnce(
  core: CallCore,
  target: string | readonly string[],
  options: TransferOptions,
): Promise<TransferEnd> {
  const { from = core.start.from } = options;
  const targets = typeof target === "string" ? [target] : target;
  let end: TransferEnd = callFailed("noroute");
  for (const one of targets) {
    const moved = await core.goAway(async () => {
      const execute = await executeTo(core, core.party, one, { ...options, from });
      if (!execute) return false;
      end =
        "kind" in execute
          ? execute
          : { kind: "transferred", to: execute.get("targetid") ?? execute.get("peerid") ?? "" };
      return end.kind === "transferred";
    });
    if (core.over) return core.over;
    if (moved) release(core);
    if (moved) return end;
  }
  return end;
}

/** The party is somebody else's now: the call is over for its program, and goes on for the party. */
function release(core: CallCore): void {
  core.finish({ kind: "hangup", by: "app", reason: "transferred" });
}
