import { createWait } from "../../bus/index.ts";
import { type Call, coreOf } from "../call.ts";
import { elsewhere } from "../sound/playing.ts";
import { Bridge, connectParties } from "./bridge.ts";
import { eitherSignal } from "./either-signal.ts";
import { defaultMusic, startMusic } from "./music.ts";
import { type RingOutOptions, ringOut } from "./ring-out.ts";
import { connectForGood, type TransferEnd, transferWaiting } from "./transfer.ts";

/** How to transfer after a talk with the target. */
export interface AttendedOptions extends RingOutOptions {
  /** Keys of the transferor that put the party through. Default `"#"`; hanging up does it too. */
  readonly completeOn?: string | undefined;
  /** Keys of the transferor that call it off. Default `"*"`. */
  readonly cancelOn?: string | undefined;
}

/** A transfer under way: a promise of how it ends. */
export interface AttendedTransfer extends Promise<TransferEnd> {
  /** Puts the party through now. */
  complete(): void;
  /** Calls it off: the target is hung up, and all is as before. */
  cancel(): void;
}

/** What the transferor decides. */
type Decision = { readonly kind: "complete" | "cancel" | "gone" };

/**
 * Transfers the party of `call` after its partner, or the program (`announce`), has talked to the target; the party hears
 * music meanwhile.
 */
export function attendedTransfer(
  call: Call,
  target: string,
  options: AttendedOptions = {},
): AttendedTransfer {
  const decided = createWait<Decision>("the transferor's decision", undefined);
  const stop = new AbortController();
  const done = run(call, target, options, decided, stop.signal);
  return Object.assign(done, {
    complete: () => decided.resolve({ kind: "complete" }),
    cancel(): void {
      decided.resolve({ kind: "cancel" });
      stop.abort();
    },
  });
}

async function run(
  call: Call,
  target: string,
  options: AttendedOptions,
  decided: ReturnType<typeof createWait<Decision>>,
  stop: AbortSignal,
): Promise<TransferEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const bridge = Bridge.of(core);
  const signal = eitherSignal(stop, options.signal);
  if (!bridge) {
    if (!core.here) return elsewhere(core);
    const music = options.music ?? (options.ringback ? undefined : defaultMusic);
    const rung = await ringOut(call, target, { ...options, music, signal });
    return rung.kind === "answered" ? await connectForGood(call, rung) : rung;
  }
  const transferor = bridge.other(core);
  return await bridge.whileTransferring(async () => {
    await bridge.hold("transfer");
    if (core.over) return core.over;
    const sounding = await startMusic(call, options.music ?? defaultMusic);
    const partyGone = AbortSignal.any([signal, core.signal]);
    const consulted = await consult(call, transferor, target, { ...options, signal: partyGone }, decided);
    // Who hangs up while it rings leaves the rest to us.
    const end =
      consulted.kind === "hangup" && !partyGone.aborted
        ? await transferWaiting(call, target, { ...options, signal })
        : consulted;
    if (end.kind === "transferred" || core.over)
      return core.over && end.kind !== "transferred" ? core.over : end;
    await sounding.stop();
    await bridge.join();
    return end;
  });
}

/** The transferor, who hears it ringing, talks to the target and decides. */
async function consult(
  call: Call,
  transferor: Call,
  target: string,
  options: AttendedOptions & { readonly signal: AbortSignal },
  decided: ReturnType<typeof createWait<Decision>>,
): Promise<TransferEnd> {
  const { completeOn = "#", cancelOn = "*", signal } = options;
  const [core, agent] = [coreOf(call), coreOf(transferor)];
  const { music: _, from = call.from, ...ringing } = options;
  const rung = await ringOut(transferor, target, { ...ringing, from });
  if (rung.kind !== "answered") return rung;
  const called = coreOf(rung.call);
  const decide = (kind: Decision["kind"]) => (): void => decided.resolve({ kind });
  void agent.ended.then(decide("complete"));
  void called.ended.then(decide("gone"));
  const forget = [
    agent.keys.onKey(({ key }) => {
      if (completeOn.includes(key)) decide("complete")();
      else if (cancelOn.includes(key)) decide("cancel")();
    }),
    // The target was transferred by its own phone, or dropped by somebody: there is nobody to be put through to.
    agent.onReturn(decide("gone")),
  ];
  const giveUp = decide("cancel");
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  if (!(await connectParties(agent, called, "transfer")) && !agent.over) decide("gone")();
  const { kind } = await decided.wait;
  for (const fn of forget) fn();
  signal.removeEventListener("abort", giveUp);
  // The one who hung up was seen before the target came back to us.
  if (kind === "gone" && agent.over && !called.over) return await putThrough(call, rung.call, transferor);
  if (kind === "complete" && !called.over && !core.over) return await putThrough(call, rung.call, transferor);
  await Promise.all([rung.call.hangup("cancelled"), agent.takeBack("transfer")]);
  return kind === "cancel"
    ? { kind: "cancelled", reason: "cancelled" }
    : { kind: "rejected", reason: "hangup" };
}

async function putThrough(call: Call, called: Call, transferor: Call): Promise<TransferEnd> {
  await Promise.all([coreOf(called).takeBack("transfer"), coreOf(transferor).takeBack("transfer")]);
  return await connectForGood(call, { call: called, quiet: async () => {} });
}
