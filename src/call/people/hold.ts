import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { elsewhere } from "../sound/playing.ts";
import { Bridge } from "./bridge.ts";
import { failed } from "./failed.ts";
import { defaultMusic, type Music, type Sounding, startMusic } from "./music.ts";

/** How to put on hold. */
export interface HoldOptions {
  /** What the party hears meanwhile; `moh/<name>` is the engine's own music. Default: a word that asks to wait. */
  readonly music?: Music | undefined;
}

export type HoldEnd = { readonly kind: "held" } | HangUp | Failed;
export type ResumeEnd = { readonly kind: "resumed" } | HangUp | Failed;

interface Held {
  readonly sounding: Sounding;
  readonly bridge: Bridge | undefined;
}

const held = new WeakMap<CallCore, Held>();

/** Lets a party wait with music; one that is bridged is parted from the other, who is with its program meanwhile. */
export async function hold(call: Call, { music = defaultMusic }: HoldOptions = {}): Promise<HoldEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const bridge = Bridge.of(core);
  if (!bridge && !core.here) return elsewhere(core);
  await held.get(core)?.sounding.stop();
  await bridge?.hold();
  if (!core.here) return (await core.check()) ?? elsewhere(core);
  const sounding = await startMusic(call, music);
  const record = { sounding, bridge };
  held.set(core, record);
  void bridge?.endOf(core).then(() => forget(core, record));
  return core.over ?? { kind: "held" };
}

/** Ends what `hold` began: the two who were bridged are bridged again. */
export async function resume(call: Call): Promise<ResumeEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const record = held.get(core);
  if (!record) return failed("not-bridged", `${core.party} is not on hold, or whom it talked to is gone`);
  await forget(core, record);
  const { bridge } = record;
  if (bridge && Bridge.of(core) === bridge && !bridge.joined && !(await bridge.join())) {
    if (core.over) return core.over;
    await bridge.part("other", "failure");
    return failed("call-gone", `${core.party} could not be bridged again`);
  }
  return core.over ?? { kind: "resumed" };
}

async function forget(core: CallCore, record: Held): Promise<void> {
  if (held.get(core) === record) held.delete(core);
  await record.sounding.stop();
}
