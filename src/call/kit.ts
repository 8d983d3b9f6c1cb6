import { type Clock, type Logger, realClock } from "../base/index.ts";
import type { Yate } from "../bus/index.ts";
import type { CallCore } from "./call-core.ts";

/** What an app's calls have in common. */
export interface CallKitOptions {
  /** Folders of the app's own prompts, looked at before those of the package. Default: none. */
  readonly prompts?: string | URL | readonly (string | URL)[] | undefined;
  /** Language of prompts, numbers and speech, as in `en`, `pl`. Default `en`. */
  readonly language?: string | undefined;
  /** This machine's address as the engine reaches it, for sound over RTP. Default: YAYTS_AUDIO_HOST, else 127.0.0.1. */
  readonly audioHost?: string | undefined;
  /**
   * How prompts get to the engine: as files on a disk that it shares with the app, over RTP, or `auto`: as files until the
   * engine cannot open one. Default `auto`.
   */
  readonly sound?: "auto" | "disk" | "rtp" | undefined;
  /** Where converted prompts are kept. Default: the user's cache folder. */
  readonly cacheFolder?: string | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** One app's call kit on one engine. */
export interface CallKit {
  readonly yate: Yate;
  readonly options: CallKitOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** The calls that are on. */
  readonly calls: Set<CallCore>;
}

export function createKit(yate: Yate, options: CallKitOptions): CallKit {
  const kit: CallKit = {
    yate,
    options,
    clock: options.clock ?? realClock,
    log: yate.log,
    calls: new Set(),
  };
  /** Calls of which the engine still has the channels, but nobody the program. */
  let orphans: string[] = [];
  yate.onState((state) => {
    if (state.kind === "connected") {
      for (const id of orphans) yate.msg("call.drop", { id, reason: "the app lost the engine" }).enqueue();
      orphans = [];
      return;
    }
    for (const call of [...kit.calls]) {
      orphans.push(call.party || call.leg);
      call.finish({ kind: "hangup", by: "engine", reason: "the engine was lost" });
    }
  });
  return kit;
}
