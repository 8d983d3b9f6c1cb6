import type { Signal } from "../../base/index.ts";
import { Abandoned, Disconnected } from "../../base/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp, PlayEnd } from "../outcomes.ts";
import type { Playable } from "../sound/playable.ts";
import { type Step, stepsOf } from "../sound/steps.ts";
import { eitherSignal } from "./either-signal.ts";
import { failed } from "./failed.ts";

/** How to whisper. */
export interface WhisperOptions {
  /** Default: the call's. */
  readonly language?: string | undefined;
  /** Stops it when it fires. */
  readonly signal?: Signal | undefined;
}

/** How whispering ended. */
export type WhisperEnd = { readonly kind: "completed" } | { readonly kind: "stopped" } | HangUp | Failed;

let tokens = 0;

/**
 * Lets this party hear prompts or tones in place of whom it talks to, who hears nothing of it. A party that is with its
 * program simply hears them. Prompts need an engine that can open the files of this machine: `no-media` otherwise.
 */
export async function whisper(call: Call, what: Playable, options: WhisperOptions = {}): Promise<WhisperEnd> {
  const core = coreOf(call);
  const over = await core.begin();
  if (over) return over;
  const { signal, language = call.language } = options;
  if (core.here) return endOfPlay(await call.play(what, { signal, language }));
  const steps = await stepsOf(core.kit, what, language);
  if ("kind" in steps) return core.over ?? steps;
  const stop = eitherSignal(core.signal, signal);
  for (const step of steps) {
    if (stop.aborted) break;
    const failure = await overrideBy(core, step, stop);
    if (failure) return (await core.check()) ?? failure;
  }
  if (core.over) return core.over;
  return { kind: signal?.aborted ? "stopped" : "completed" };
}

function endOfPlay(end: PlayEnd): WhisperEnd {
  if (end.kind === "hangup" || end.kind === "failed") return end;
  return { kind: end.kind === "completed" ? "completed" : "stopped" };
}

/** Plays one step over what the party hears from its peer (spec/media.md §2, override). */
async function overrideBy(core: CallCore, step: Step, stop: AbortSignal): Promise<Failed | undefined> {
  switch (step.kind) {
    case "silence":
      return await overrideFor(core, "tone/silence", step.forMs, stop);
    case "tone":
      return await overrideFor(core, `tone/${step.name}`, step.forMs, stop);
    case "sound": {
      const file = await core.kit.sounds.fileOf(step.source, { signal: stop });
      if (file.kind === "failed") return failed("no-media", `${step.name} cannot be played: ${file.text}`);
      return await overrideUntilPlayed(core, `wave/play/${file.path}`, stop);
    }
    default:
      return failed("no-media", "only prompts and tones can be whispered");
  }
}

async function overrideUntilPlayed(
  core: CallCore,
  source: string,
  stop: AbortSignal,
): Promise<Failed | undefined> {
  const notify = `${core.party}/whisper/${++tokens}`;
  const ended = core.yate.onwatch("chan.notify", { targetid: notify }, { signal: stop });
  if (!(await override(core, source, notify))) {
    ended.cancel();
    return failed("no-media", `the engine cannot play ${source} to ${core.party}`);
  }
  try {
    const reason = (await ended).get("reason");
    return reason === undefined ? failed("no-media", `the engine cannot open ${source}`) : undefined;
  } catch (error) {
    if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
    await override(core, "-");
    return undefined;
  }
}

async function overrideFor(
  core: CallCore,
  source: string,
  forMs: number | undefined,
  stop: AbortSignal,
): Promise<Failed | undefined> {
  if (!(await override(core, source)))
    return failed("no-media", `the engine cannot play ${source} to ${core.party}`);
  await new Promise<void>((resolve) => {
    const timer = forMs === undefined ? undefined : core.clock.after(forMs, () => done());
    const done = (): void => {
      timer?.cancel();
      stop.removeEventListener("abort", done);
      resolve();
    };
    stop.addEventListener("abort", done);
    if (stop.aborted) done();
  });
  await override(core, "-");
  return undefined;
}

/** @returns whether the engine took it: it takes the parameter away then */
async function override(core: CallCore, source: string, notify?: string): Promise<boolean> {
  const answer = await core.masquerade(core.party, "chan.attach", { override: source, notify, single: true });
  return source === "-" || (answer !== undefined && answer.get("override") === undefined);
}
