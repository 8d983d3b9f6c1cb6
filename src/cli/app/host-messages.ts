import type { ErrorReport } from "../errors/error-report.ts";
import type { SourcePlace } from "../errors/source-place.ts";

/** What `yayts dev` tells the process of an app. */
export type ToHost =
  /** Take no new calls; these are the channels there are. */
  | { readonly kind: "retire"; readonly channels: readonly string[] }
  /** Let what is under way end, then exit. */
  | { readonly kind: "close" };

/** What the process of an app tells. */
export type FromHost =
  /** It reads this file, or wanted to. */
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "started" }
  /** It could not be read or started; the process ends. */
  | { readonly kind: "failed"; readonly report: ErrorReport }
  /** It ran, and something in it was not caught; the process ends. */
  | { readonly kind: "crashed"; readonly report: ErrorReport };

/** What the watchdog of that process tells on its own pipe, a JSON object a line. */
export type FromWatchdog =
  /** Its thread has not been free for {@link stuckAfterMs}; `place` is where it is, when it could be told. */
  | { readonly kind: "stuck"; readonly place: SourcePlace | undefined; readonly within: string }
  | { readonly kind: "free" };

/** How long an app may be busy without a break. */
export const stuckAfterMs = 3000;

/** Descriptor of the watchdog's pipe. */
export const watchdogFd = 4;

export function isFromHost(value: unknown): value is FromHost {
  return hasKind(value, ["file", "started", "failed", "crashed"]);
}

export function isToHost(value: unknown): value is ToHost {
  return hasKind(value, ["retire", "close"]);
}

export function isFromWatchdog(value: unknown): value is FromWatchdog {
  return hasKind(value, ["stuck", "free"]);
}

function hasKind(value: unknown, kinds: readonly string[]): boolean {
  return typeof value === "object" && value !== null && "kind" in value && kinds.includes(String(value.kind));
}
