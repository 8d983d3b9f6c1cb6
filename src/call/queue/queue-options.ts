import { YaytsError } from "../../base/index.ts";
import type { Playable } from "../sound/playable.ts";
import type { CallQueue } from "./call-queue.ts";
import type { QueueStrategy } from "./queue-state.ts";
import type { QueueStore } from "./queue-store.ts";

/** What an announcement tells a caller in line. */
export interface PlaceInLine {
  readonly queue: string;
  /** 1 is next. */
  readonly position: number;
  readonly waitedMs: number;
  /** Of the call. */
  readonly language: string;
}

/** How a queue works. All times are in milliseconds. */
export interface QueueOptions {
  /** How it chooses whom to call. Default `longest-idle`. */
  readonly strategy?: QueueStrategy | undefined;
  /** What callers hear while they wait, again and again. Default: the ringing tone. */
  readonly music?: Playable | undefined;
  /** From announcement to announcement; 0 for none. Default 30,000. */
  readonly announceEveryMs?: number | undefined;
  /** What is announced; undefined for nothing this time. Default: the position, as prompts. */
  readonly announce?: ((place: PlaceInLine) => Playable | undefined) | undefined;
  /** What an agent hears before it is connected, while the caller waits on; undefined for nothing. Default: nothing. */
  readonly whisper?: ((place: PlaceInLine & { readonly from: string }) => Playable | undefined) | undefined;
  /** Longest wait in this queue; the outcome then is `timeout`. Default: no limit. */
  readonly maxWaitMs?: number | undefined;
  /** Most callers that wait; the outcome then is `full`. Default 100. */
  readonly maxLength?: number | undefined;
  /** How long it rings at one agent. Default 20,000. */
  readonly ringMs?: number | undefined;
  /** An agent's time for the work after a call. Default 0. */
  readonly wrapUpMs?: number | undefined;
  /** So long an agent is left alone who missed a call. Default 10,000. */
  readonly backOffMs?: number | undefined;
  /** A call answered within this time is counted for the service level. Default 20,000. */
  readonly serviceLevelMs?: number | undefined;
  /** Where callers go for whom this queue is full or closed, or whose time is over, with the time they have waited. Default: nowhere. */
  readonly overflow?: CallQueue | undefined;
  /** Default: in this process, one for all queues of the app. */
  readonly store?: QueueStore | undefined;
}

type WithDefault =
  | "strategy"
  | "announceEveryMs"
  | "maxWaitMs"
  | "maxLength"
  | "ringMs"
  | "wrapUpMs"
  | "backOffMs"
  | "serviceLevelMs";

/** Options with their defaults filled in. */
export type QueueSettings = { readonly [K in WithDefault]: NonNullable<QueueOptions[K]> } & Pick<
  QueueOptions,
  "overflow" | "music" | "whisper" | "announce"
>;

const strategies: readonly QueueStrategy[] = ["longest-idle", "round-robin", "ring-all", "priority"];

/** Fills in defaults. Throws `bad-argument`. */
export function queueSettings(options: QueueOptions): QueueSettings {
  const settings: QueueSettings = {
    strategy: options.strategy ?? "longest-idle",
    music: options.music,
    announceEveryMs: options.announceEveryMs ?? 30_000,
    announce: options.announce,
    whisper: options.whisper,
    maxWaitMs: options.maxWaitMs ?? Number.POSITIVE_INFINITY,
    maxLength: options.maxLength ?? 100,
    ringMs: options.ringMs ?? 20_000,
    wrapUpMs: options.wrapUpMs ?? 0,
    backOffMs: options.backOffMs ?? 10_000,
    serviceLevelMs: options.serviceLevelMs ?? 20_000,
    overflow: options.overflow,
  };
  if (!strategies.includes(settings.strategy))
    throw new YaytsError(
      "bad-argument",
      `strategy must be one of ${strategies.join(", ")}, not ${settings.strategy}`,
    );
  for (const name of ["announceEveryMs", "maxWaitMs", "wrapUpMs", "backOffMs", "serviceLevelMs"] as const)
    if (!(settings[name] >= 0))
      throw new YaytsError("bad-argument", `${name} must be 0 or more, not ${settings[name]}`);
  for (const name of ["maxLength", "ringMs"] as const)
    if (!(settings[name] >= 1))
      throw new YaytsError("bad-argument", `${name} must be 1 or more, not ${settings[name]}`);
  return settings;
}
