import { onAbort, type Signal } from "../../base/index.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { addToCallRecord } from "../records/index.ts";
import { type EngineRecording, type RecordedSound, recordOnEngine } from "./engine-recording.ts";

/** How to record a whole call. */
export interface RecordCallOptions {
  /** The file; its ending tells the format: `.wav`, `.au`, `.slin`, … */
  readonly to: string;
  /** The party left, what it hears right; for `.wav` and `.au`. Default false: both mixed. */
  readonly stereo?: boolean | undefined;
  /** Ends it. */
  readonly signal?: Signal | undefined;
}

/** What became of recording a call. */
export type RecordCallEnd =
  | (RecordedSound & { readonly by: "stopped" | "hangup" })
  /** The call was over before. */
  | HangUp
  | Failed;

/** A call that is being recorded: a promise of how that ends. Never rejects. */
export interface CallRecording extends Promise<RecordCallEnd> {
  /** Ends it; resolves when the file is whole. */
  stop(): Promise<RecordCallEnd>;
}

/** Recording of whole calls. */
export interface CallRecordings {
  /**
   * Records the call, both sides, until it ends or `stop` is called, whoever the party is connected to meanwhile: a bridge, a
   * conference, this app. One recording at a time: a new one ends the one before. An engine on another machine keeps the
   * sides in files of its own. The record of the call says where (`callRecords`, `recording`).
   */
  recordCall(options: RecordCallOptions): CallRecording;
}

export function callRecordings(core: CallCore): CallRecordings {
  let current: CallRecording | undefined;
  return {
    recordCall({ to, stereo = false, signal }) {
      const stopping = Promise.withResolvers<"stopped">();
      const forget = signal ? onAbort(signal, () => stopping.resolve("stopped")) : () => {};
      const former = current;
      const end = (async (): Promise<RecordCallEnd> => {
        await former?.stop();
        return await record(core, to, stereo, stopping.promise);
      })().finally(forget);
      const recording: CallRecording = Object.assign(end, {
        stop: () => {
          stopping.resolve("stopped");
          return end;
        },
      });
      current = recording;
      return recording;
    },
  };
}

async function record(
  core: CallCore,
  to: string,
  stereo: boolean,
  stopped: Promise<"stopped">,
): Promise<RecordCallEnd> {
  const over = await core.begin();
  if (over) return over;
  // The recorders stay with the party's channel, whoever it is connected to.
  const begun: EngineRecording | Failed = await recordOnEngine(core.kit, {
    to,
    stereo,
    sides: ["party", "heard"],
    start: async ([party, heard]) => {
      const params = { call: `wave/record/${party}`, peer: `wave/record/${heard}` };
      return (await core.masquerade(core.party, "chan.record", params))?.handled ?? false;
    },
  });
  if (begun.kind === "failed") return (await core.check()) ?? begun;
  addToCallRecord(core.yate, core.party, { recording: begun.to });
  const how = await Promise.race([stopped, core.ended]);
  if (how === "stopped") await core.masquerade(core.party, "chan.record", { call: "-", peer: "-" });
  const end = await begun.finish();
  return end.kind === "failed" ? end : { ...end, by: how === "stopped" ? "stopped" : "hangup" };
}
