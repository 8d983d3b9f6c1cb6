import { durationText } from "../../../src/trace/ladder/index.ts";

const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");

/** A length of a call: `0:07`, `12:34`, `1:02:03`. */
export function lengthWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The length of a sound: `1 s`, `2.5 s`. */
export function secondsWords(ms: number): string {
  return `${trim(ms / 1000, 1)} s`;
}

/** Milliseconds without their unit, for a column at the right: those with and without a fraction stand under one another. */
export function millisecondsInColumn(ms: number): string {
  if (ms < 9.95)
    return durationText(ms)
      .replace(/^(\d+)(?= ms)/, "$1.0")
      .slice(0, -3);
  // A blank as wide as a dot, and one as wide as a digit.
  return `${Math.round(ms)}\u2008\u2007`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** The time of day, in this browser's zone: `14:03:07`, with milliseconds `14:03:07.120`. */
export function clockWords(atMs: number, milliseconds = false): string {
  const at = new Date(atMs);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return milliseconds ? `${clock}.${String(at.getMilliseconds()).padStart(3, "0")}` : clock;
}

/** How long ago, roughly: `now`, `12 s`, `3 min`, `2 h`, `5 d`. */
export function agoWords(atMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - atMs) / 1000);
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** A count for narrow places: `950`, `1.2k`, `34k`, `1.5M`. */
export function countWords(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 9950) return `${trim(count / 1000, 1)}k`;
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${trim(count / 1e6, 1)}M`;
}

/** Bytes: `512 B`, `14 KiB`, `3.2 MiB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const kib = bytes / 1024;
  if (kib < 1024) return `${trim(kib, kib < 10 ? 1 : 0)} KiB`;
  const mib = kib / 1024;
  return mib < 1024 ? `${trim(mib, mib < 10 ? 1 : 0)} MiB` : `${trim(mib / 1024, 1)} GiB`;
}
