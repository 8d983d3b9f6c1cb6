import { type ConfigFile, toBoolean, toInteger } from "../../engine/index.ts";

/** What the configuration file `cdrbuild` says. */
export interface CdrSettings {
  /** Decimals of times and durations: 0, 3 or 6. */
  readonly decimals: number;
  /** How long the id of a channel that is gone is remembered. */
  readonly guardMs: number;
  /** Whether changes are told at all. */
  readonly updates: boolean;
  /** Whether answered calls are told every so often; undefined: not. */
  readonly status: { readonly intervalMs: number; readonly atAnswer: boolean } | undefined;
  /** Whether `call.progress` counts as ringing when it does not say so itself. */
  readonly ringOnProgress: boolean;
  /** Parameters that are carried into the record; true: the last value wins, false: the first one stays. */
  readonly parameters: ReadonlyMap<string, boolean>;
}

const usualParameters: readonly (readonly [string, boolean])[] = [
  ["billid", true],
  ["reason", true],
  ["address", false],
  ["caller", false],
  ["called", false],
  ["calledfull", false],
  ["username", false],
];

/** What the record tells by itself. */
const own = new Set([
  "time",
  "chan",
  "operation",
  "cdrwrite",
  "cdrtrack",
  "cdrcreate",
  "cdrid",
  "runid",
  "direction",
  "status",
  "duration",
  "billtime",
  "ringtime",
  "external",
  "trace_id",
]);

/** Sections `general` and `parameters`, as in the reference engine; what cannot be read has its default. */
export function readCdrSettings(config: ConfigFile): CdrSettings {
  const general = config.section("general");
  const flag = (key: string, usual: boolean): boolean => toBoolean(general?.get(key)) ?? usual;
  const parameters = new Map(usualParameters);
  for (const { key, value } of config.section("parameters")?.entries ?? []) {
    if (key !== "" && !own.has(key)) parameters.set(key, toBoolean(value) ?? false);
  }
  const intervalSec = toInteger(general?.get("status_interval")) ?? 60;
  return {
    decimals: { sec: 0, usec: 6 }[general?.get("resolution") ?? ""] ?? 3,
    guardMs: Math.max(0, toInteger(general?.get("guardtime")) ?? 5000),
    updates: flag("updates", true),
    status: flag("status", false)
      ? {
          intervalMs: intervalSec === 0 ? Number.POSITIVE_INFINITY : clamp(intervalSec, 60, 600) * 1000,
          atAnswer: intervalSec === 0 || flag("status_answer", true),
        }
      : undefined,
    ringOnProgress: flag("ring_on_progress", false),
    parameters,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
