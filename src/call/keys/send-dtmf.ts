import { YaytsError } from "../../base/index.ts";
import { sleep } from "../../flow/index.ts";
import type { CallCore } from "../call-core.ts";
import type { Done, Failed, HangUp } from "../outcomes.ts";
import { readKeys, readMs } from "./key.ts";

/** How to press keys. */
export interface SendDtmfOptions {
  /** Pause after each key. Default 100. */
  readonly gapMs?: number | undefined;
  /** How long each key is held, 40 to 1250. Default: as the engine does, 200. */
  readonly onMs?: number | undefined;
}

const pauseMs = 1000;
/**
 * A real YATE puts events in the place of blocks of sound (spec/rtp.md §5): where there is no sound, the party gets no keys.
 * So it is sent silence meanwhile, over what else is played; so long until the first of it is on its way.
 */
const settleMs = 60;
const engineOnMs = 200;
const defaultGapMs = 100;
/** Events are measured in samples of 1/8000 s, whatever the sound's rate (spec/rtp.md §5). */
const unitsPerMs = 8;

/** What pressing keys needs of a call. */
export interface Pressed
  extends Pick<CallCore, "begin" | "clock" | "ended" | "here" | "leg" | "over" | "party"> {
  masquerade(
    id: string,
    message: string,
    params: Readonly<Record<string, string | number | undefined>>,
  ): Promise<{ readonly handled: boolean } | undefined>;
}

/**
 * Presses keys for the party; done when the last one was heard. Each has a message of its own, for a key that comes while
 * another is held cuts it off (spec/rtp.md §5).
 */
export async function sendDtmf(
  core: Pressed,
  keys: string,
  options: SendDtmfOptions,
): Promise<Done | HangUp | Failed> {
  const gapMs = readMs("gapMs", options.gapMs ?? defaultGapMs);
  const { onMs } = options;
  if (onMs !== undefined && !(onMs >= 40 && onMs <= 1250))
    throw new YaytsError("bad-argument", `onMs takes 40 to 1250 milliseconds, not ${String(onMs)}`);
  const presses = readPresses(keys);
  const over = await core.begin();
  if (over) return over;
  const wait = (ms: number): Promise<unknown> =>
    sleep(ms, { clock: core.clock, until: core.ended }).catch(() => undefined);
  const carried = presses.length > 0 && core.here && !watchesItself(core.party) ? core.party : undefined;
  if (carried) {
    await core.masquerade(carried, "chan.attach", { override: "tone/silence", single: "true" });
    await wait(settleMs);
  }
  const end = await pressAll(core, presses, { gapMs, onMs, wait });
  if (carried && !core.over) await core.masquerade(carried, "chan.attach", { override: "-" });
  return end;
}

async function pressAll(
  core: Pressed,
  presses: readonly string[],
  { gapMs, onMs, wait }: PressTimes,
): Promise<Done | HangUp | Failed> {
  for (const key of presses) {
    if (core.over) return core.over;
    if (key === ",") {
      await wait(pauseMs);
      continue;
    }
    if (!core.here) return elsewhere(core);
    const duration = onMs === undefined ? undefined : Math.round(onMs * unitsPerMs);
    const target = core.party;
    const sent = await core.masquerade(core.leg, "chan.dtmf", { targetid: target, text: key, duration });
    if (!sent) return await core.ended;
    if (!sent.handled && !watchesItself(target)) return refused(target, key);
    await wait((onMs ?? engineOnMs) + gapMs);
  }
  return core.over ?? { kind: "done" };
}

interface PressTimes {
  readonly gapMs: number;
  readonly onMs: number | undefined;
  /** Ends early at hang-up; never rejects. */
  wait(ms: number): Promise<unknown>;
}

function readPresses(keys: string): readonly string[] {
  if (typeof keys !== "string") throw new YaytsError("bad-argument", "sendDtmf takes keys as a text");
  const presses = [...keys.toUpperCase()];
  readKeys("sendDtmf", presses.filter((key) => key !== ",").join(""));
  return presses;
}

/** A channel that is a program's own has no phone to take keys: the engine answers false, and the program sees them. */
function watchesItself(party: string): boolean {
  return party.startsWith("dumb/");
}

function elsewhere(core: Pressed): Failed {
  const text = `${core.party} is connected to somebody else: keys cannot be sent to it`;
  return { kind: "failed", error: new YaytsError("call-elsewhere", text) };
}

function refused(party: string, key: string): Failed {
  const text = `${party} took no key ${key}: it has no way to be sent keys, or its sound has not begun`;
  return { kind: "failed", error: new YaytsError("keys-refused", text) };
}
