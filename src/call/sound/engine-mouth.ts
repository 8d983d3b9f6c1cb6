import { Abandoned, Cancelled, Disconnected, YaytsError } from "../../base/index.ts";
import type { CallCore } from "../call-core.ts";
import type { SoundFile } from "../speech/index.ts";
import { type StepEnd, type StepOptions, waitFor } from "./mouth.ts";

let tokens = 0;
/** So much longer than its sound a file may take. */
const unheardMs = 1500;

/** The engine could not open the file: it has another disk, or may not read it. */
export const cannotOpen: unique symbol = Symbol("the engine cannot open it");

/** Plays a file by the engine's own player (spec/media.md §4). */
export async function playFile(
  core: CallCore,
  file: SoundFile,
  options: StepOptions,
): Promise<StepEnd | typeof cannotOpen> {
  const { clock } = core;
  const token = `${core.leg}/play/${++tokens}`;
  const ended = core.yate.onwatch("chan.notify", { targetid: token }, { signal: options.signal });
  // The engine starts a file when somebody listens (spec/media.md §1); a party that takes no sound is not waited for.
  const limitMs = options.forever ? Number.POSITIVE_INFINITY : file.durationMs + unheardMs;
  const attached = await attach(core, `wave/play/${file.path}`, {
    notify: token,
    autorepeat: options.forever,
  });
  if (!attached) {
    ended.cancel();
    return noSound(`the engine cannot play ${file.path}: has it the module wave?`);
  }
  const startMs = clock.monotonicMs();
  const timer = Number.isFinite(limitMs) ? clock.after(limitMs, () => ended.cancel()) : undefined;
  try {
    const reason = (await ended).get("reason");
    if (reason === undefined) return cannotOpen;
    const playedMs = clock.monotonicMs() - startMs;
    return reason === "eof"
      ? { kind: "completed", playedMs: file.durationMs }
      : { kind: "replaced", playedMs: Math.min(playedMs, file.durationMs) };
  } catch (error) {
    if (error instanceof Cancelled) {
      await beSilent(core);
      return { kind: "completed", playedMs: file.durationMs };
    }
    if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
    return { kind: "interrupted", playedMs: clock.monotonicMs() - startMs };
  } finally {
    timer?.cancel();
  }
}

/** Plays a tone of the engine (spec/media.md §5). */
export async function playTone(
  core: CallCore,
  name: string,
  forMs: number | undefined,
  options: StepOptions,
): Promise<StepEnd> {
  if (!(await attach(core, `tone/${name}`, {}))) return noSound(`the engine has no tone ${name}`);
  const end = await waitFor(
    core.clock,
    (forMs ?? Number.POSITIVE_INFINITY) - options.offsetMs,
    options.signal,
  );
  if (end.kind === "completed") await beSilent(core);
  return end;
}

/** Takes off what the engine plays. */
export async function beSilent(core: CallCore): Promise<void> {
  await core.masquerade(core.leg, "chan.attach", { source: "-" });
}

/** @returns whether the engine took it: it takes the parameter away then (spec/media.md §2) */
async function attach(
  core: CallCore,
  source: string,
  params: Readonly<Record<string, string | boolean>>,
): Promise<boolean> {
  const answer = await core.masquerade(core.leg, "chan.attach", { source, single: true, ...params });
  return answer?.get("source") === undefined;
}

function noSound(text: string): StepEnd {
  return { kind: "failed", error: new YaytsError("no-media", text) };
}
