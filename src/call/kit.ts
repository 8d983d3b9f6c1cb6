import { fileURLToPath } from "node:url";
import { type Clock, type Logger, realClock } from "../base/index.ts";
import { observingOf, type Yate } from "../bus/index.ts";
import type { Network } from "./audio/index.ts";
import type { CallCore } from "./call-core.ts";
import { runningOperation } from "./operations/index.ts";
import { createPrompts, type Prompts } from "./prompts/index.ts";
import {
  createSoundCache,
  espeak,
  type SoundCache,
  type SoundSource,
  spokenText,
  type Voice,
} from "./speech/index.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What an app's calls have in common. */
export interface CallKitOptions {
  /** Folders of the app's own prompts, looked at before those of the package. Default: none. */
  readonly prompts?: string | URL | readonly (string | URL)[] | undefined;
  /** Language of prompts, numbers and speech, as in `en`, `pl`. Default `en`. */
  readonly language?: string | undefined;
  /** This machine's address as the engine reaches it, for sound over RTP. Default: YAYTS_AUDIO_HOST, else 127.0.0.1. */
  readonly audioHost?: string | undefined;
  /**
   * Least delay of sound over RTP at both ends, at most 800: for an app that is far from its engine, or has other work to do.
   * Default: as little as there can be.
   */
  readonly audioDelayMs?: number | undefined;
  /**
   * How prompts get to the engine: as files on a disk that it shares with the app, over RTP, or `auto`: as files until the
   * engine cannot open one. Default `auto`.
   */
  readonly sound?: "auto" | "disk" | "rtp" | undefined;
  /** Where converted prompts are kept. Default: the user's cache folder. */
  readonly cacheFolder?: string | undefined;
  /** Speaks texts. Default: espeak-ng, when it is installed. */
  readonly voice?: Voice | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** The way between a phone's leg and the engine. */
export interface PhoneWay {
  /** Makes it worse. */
  readonly network: Network;
  /** Sound travels at 16 kHz. */
  readonly wide: boolean;
}

/**
 * What the calls of a phone have besides. A phone *is* its leg: whoever that is connected to is the party, hanging up ends the leg and
 * leaves the party to others, and a call goes on when somebody connects the leg to somebody else. An app's call is its party's.
 */
export interface PhoneKit {
  /** How the sound of a leg is attached. Default: as an app's. */
  readonly wayOf?: ((leg: string) => PhoneWay | undefined) | undefined;
  /** Least delay of the playout buffer for what the party says. Default 20. */
  readonly playoutMs?: number | undefined;
}

/** One app's call kit on one engine. */
export interface CallKit {
  readonly yate: Yate;
  readonly options: CallKitOptions;
  /** The calls are those of a phone. */
  readonly phone: PhoneKit | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** The calls that are on. */
  readonly calls: Set<CallCore>;
  /** Those of them whose party is with somebody else, by the party's channel. */
  readonly away: Map<string, Whereabouts>;
  readonly prompts: Prompts;
  readonly sounds: SoundCache;
  readonly language: string;
  readonly audioHost: string;
  /** Whether the engine can open the files of this machine. */
  disk: "unknown" | "shared" | "apart";
  /** A text as a sound to make. */
  speech(text: string, how: { readonly voice: string | undefined; readonly language: string }): SoundSource;
}

export function createKit(yate: Yate, options: CallKitOptions, phone?: PhoneKit): CallKit {
  const { clock = realClock, language = "en", voice = espeak({ clock }) } = options;
  const kit: CallKit = {
    yate,
    options,
    phone,
    clock,
    log: yate.log,
    calls: new Set(),
    away: new Map(),
    prompts: createPrompts({ folders: foldersOf(options.prompts), language, clock }),
    sounds: createSoundCache({ folder: options.cacheFolder, clock }),
    language,
    audioHost: audioHostOf(options.audioHost),
    disk: options.sound === "rtp" ? "apart" : "unknown",
    speech: (text, how) => spokenText(text, { ...how, speaker: voice }),
  };
  const observing = observingOf(yate);
  if (observing) observing.running = runningOperation;
  /** Calls of which the engine still has the channels, but nobody the program. */
  let orphans: string[] = [];
  yate.onState((state) => {
    if (state.kind === "connected") {
      for (const id of orphans) yate.msg("call.drop", { id, reason: "the app lost the engine" }).enqueue();
      orphans = [];
      return;
    }
    if (state.kind === "closing") {
      const reason = "the app was stopped";
      for (const call of [...kit.calls]) {
        yate
          .msg("call.drop", { id: call.dropped, reason })
          .dispatch()
          .catch(() => {});
        call.finish({ kind: "hangup", by: "app", reason });
      }
      return;
    }
    for (const call of [...kit.calls]) {
      orphans.push(call.dropped);
      call.finish({ kind: "hangup", by: "engine", reason: "the engine was lost" });
    }
  });
  return kit;
}

function foldersOf(prompts: CallKitOptions["prompts"]): string[] {
  const list =
    prompts === undefined ? [] : prompts instanceof URL || typeof prompts === "string" ? [prompts] : prompts;
  return list.map((folder) => (folder instanceof URL ? fileURLToPath(folder) : folder));
}

/** This machine as the engine reaches it, for the sound of calls. */
export function audioHostOf(given: string | undefined): string {
  return given ?? process.env.YAYTS_AUDIO_HOST ?? "127.0.0.1";
}
