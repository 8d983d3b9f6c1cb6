import { mkdir, rm } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { errorText, YaytsError } from "../../base/index.ts";
import { sleep } from "../../flow/index.ts";
import type { CallKit } from "../kit.ts";
import type { Failed } from "../outcomes.ts";
import { canHold, mergeTracks } from "./merge.ts";
import { trackBlocks } from "./track-blocks.ts";
import { sizeOf, TrackWatch } from "./track-watch.ts";

/** What was recorded, and where it is. */
export interface RecordedSound {
  readonly kind: "recorded";
  /** The file that was asked for; when the engine has another disk, the first of `files`. */
  readonly file: string;
  /** All files: when the engine has another disk, one for each side, on its machine and as it wrote them. */
  readonly files: readonly string[];
  /** Whose disk they are on. */
  readonly where: "app" | "engine";
  readonly durationMs: number;
}

/** A recording by the engine that is under way. */
export interface EngineRecording {
  readonly kind: "begun";
  /** Where it is going to be. */
  readonly to: string;
  /** To be called when the engine has ended it: makes the file. Never rejects. */
  finish(): Promise<RecordedSound | Failed>;
}

/** What to record. */
export interface EngineRecordingPlan {
  /** The file in the end; its ending tells its format. */
  readonly to: string;
  /** Names of the sides, of each of which the engine writes a file. */
  readonly sides: readonly string[];
  /** The two sides beside each other, not mixed. */
  readonly stereo: boolean;
  /** Lets the engine record the sides to these files. False when it does not. */
  start(files: readonly string[]): Promise<boolean>;
}

/** An engine writes what it still has within this time, or not at all. */
const settleMs = 60;
const longestSettleMs = 2000;

/**
 * Lets the engine record: it writes a file for each side beside the one that is wanted, which is made of them in the end,
 * when both are on one disk.
 */
export async function recordOnEngine(
  kit: CallKit,
  plan: EngineRecordingPlan,
): Promise<EngineRecording | Failed> {
  const { sides, stereo, start } = plan;
  // The engine has a working folder of its own.
  const to = kit.disk === "apart" ? plan.to : resolve(plan.to);
  if (!canHold(to, stereo)) {
    const text = `${to} cannot take a recording in ${stereo ? "stereo" : "mono"}: name a .wav`;
    return { kind: "failed", error: new YaytsError("no-media", text) };
  }
  const stem = to.slice(0, to.length - extname(to).length);
  const files = sides.map((side) => `${stem}.${side}.au`);
  try {
    if (kit.disk !== "apart") await mkdir(dirname(to), { recursive: true });
  } catch (error) {
    if (kit.disk === "shared") return fileFailed(to, error);
  }
  const beganMs = kit.clock.monotonicMs();
  if (!(await start(files)))
    return {
      kind: "failed",
      error: new YaytsError("no-media", `the engine does not record to ${files.join(", ")}`),
    };
  const watches = files.map((file) => new TrackWatch(file, kit.clock));
  return {
    kind: "begun",
    to,
    async finish() {
      const durationMs = Math.round(kit.clock.monotonicMs() - beganMs);
      for (const watch of watches) watch.stop();
      const there = await settled(kit, files);
      if (!there) {
        const [file = to] = files;
        if (kit.disk === "shared") return fileFailed(to, "the engine has written nothing");
        return { kind: "recorded", file, files, where: "engine", durationMs };
      }
      try {
        for (const watch of watches) await watch.see();
        const tracks = watches.map(({ path, gaps }) => trackBlocks(path, gaps));
        const lengthMs = await mergeTracks(tracks, to, stereo);
        for (const file of files) await rm(file, { force: true });
        return { kind: "recorded", file: to, files: [to], where: "app", durationMs: lengthMs };
      } catch (error) {
        // The sides are kept, for whoever finds another place for them.
        return fileFailed(to, error, ` What was recorded is in ${files.join(", ")}.`);
      }
    },
  };
}

/** Waits until the files grow no more. False when they are not on this disk. */
async function settled(kit: CallKit, files: readonly string[]): Promise<boolean> {
  const sizes = (): Promise<(number | undefined)[]> => Promise.all(files.map(sizeOf));
  const deadlineMs = kit.clock.monotonicMs() + longestSettleMs;
  for (let last = await sizes(); ; ) {
    await sleep(settleMs, { clock: kit.clock });
    const now = await sizes();
    const same = now.every((size, i) => size === last[i]);
    if (same || kit.clock.monotonicMs() > deadlineMs) return now.some((size) => size !== undefined);
    last = now;
  }
}

function fileFailed(to: string, cause: unknown, kept = ""): Failed {
  const text = `${to} could not be recorded: ${errorText(cause)}${kept && "."}${kept}`;
  return { kind: "failed", error: new YaytsError("file-failed", text, { cause }) };
}
