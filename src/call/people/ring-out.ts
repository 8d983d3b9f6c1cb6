import { type Signal, YaytsError } from "../../base/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { CallFailure } from "../route.ts";
import { type Playable, tone } from "../sound/playable.ts";
import { elsewhere } from "../sound/playing.ts";
import { eitherSignal } from "./either-signal.ts";
import { type ForkOptions, placeCalls } from "./forking.ts";
import { type Music, type Sounding, startMusic } from "./music.ts";

/** How to call somebody for a party that waits. */
export interface RingOutOptions extends Omit<ForkOptions, "from"> {
  /** The number that the called party sees. Default: that of the waiting party. */
  readonly from?: string | undefined;
  /** Whether the party hears ringing meanwhile. Default true, unless there is `music`. */
  readonly ringback?: boolean | undefined;
  /** What it hears in place of ringing. */
  readonly music?: Music | undefined;
  /**
   * What the called party hears before it is connected, or a function that talks to it; one that resolves to `false` declines
   * the call.
   */
  readonly announce?: Playable | ((called: Call) => unknown) | undefined;
}

export type RungOut =
  | {
      readonly kind: "answered";
      readonly call: Call;
      readonly target: string;
      /** Ends the ringing or the music, which connecting the party does by itself. */
      quiet(): Promise<void>;
    }
  | CallFailure
  | HangUp
  | Failed;

/** Calls `target` while the party of `waiting` hears ringing or music. Whatever sounds then goes on at answer. */
export async function ringOut(
  waiting: Call,
  target: string | readonly string[],
  options: RingOutOptions,
): Promise<RungOut> {
  const core = coreOf(waiting);
  const over = await core.begin();
  if (over) return over;
  if (!core.here) return elsewhere(core);
  const { from = waiting.from, signal, announce } = options;
  const stop = eitherSignal(core.signal, signal);
  const attempt = placeCalls(core.kit, typeof target === "string" ? [target] : target, {
    ...options,
    from,
    signal: stop,
  });
  const sounding = startRinging(waiting, options);
  const quiet = async (): Promise<void> => await (await sounding)?.stop();
  const outcome = await attempt;
  if (outcome.kind === "answered") {
    const { call, target: answerer } = outcome;
    const refusal =
      core.over ?? (announce === undefined ? undefined : await announceTo(call, announce, stop));
    if (!refusal && !core.over) return { kind: "answered", call, target: answerer, quiet };
    void call.hangup(stop.aborted ? "cancelled" : "rejected");
    await quiet();
    return core.over ?? refusal ?? { kind: "cancelled", reason: "cancelled" };
  }
  await quiet();
  return core.over ?? outcome;
}

async function startRinging(
  waiting: Call,
  { ringback = true, music }: RingOutOptions,
): Promise<Sounding | undefined> {
  if (music !== undefined) return await startMusic(waiting, music);
  if (!ringback) return undefined;
  if (waiting.direction === "outgoing" || waiting.state === "answered")
    return await startMusic(waiting, tone("ring"));
  // The caller's own phone or exchange makes the sound.
  await waiting.ringing();
  return undefined;
}

/** @returns why it came to nothing, if so */
async function announceTo(
  called: Call,
  announce: NonNullable<RingOutOptions["announce"]>,
  signal: Signal,
): Promise<CallFailure | Failed | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
    if (signal.aborted) resolve(undefined);
  });
  const work = typeof announce === "function" ? talkTo(called, announce) : called.play(announce, { signal });
  const end = await Promise.race([work, stopped]);
  if (signal.aborted) return { kind: "cancelled", reason: "cancelled" };
  const { over } = coreOf(called);
  if (over) return { kind: "rejected", reason: over.reason || "hangup" };
  if (end === false) return { kind: "rejected", reason: "declined" };
  // An announcement that cannot be played keeps nobody from being connected; the player has reported it.
  return end instanceof YaytsError ? { kind: "failed", error: end } : undefined;
}

async function talkTo(called: Call, talk: (called: Call) => unknown): Promise<unknown> {
  try {
    return await talk(called);
  } catch (error) {
    return new YaytsError("handler-failed", `the announcement to ${called.id} failed`, { cause: error });
  }
}
