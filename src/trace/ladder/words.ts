import type { Pairs, RtpFigures, TracePlace } from "../records.ts";
import type { LadderTone } from "./ladder-item.ts";

/** A duration for people, as short as it can be: `0.4 ms`, `12 ms`, `3.2 s`, `4:05`. */
export function durationText(ms: number): string {
  if (ms < 0.095) return "<0.1 ms";
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Time since the beginning of a call: `0.012`, `1:04.250`. */
export function offsetText(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  const all = Math.round(Math.abs(ms));
  const minutes = Math.floor(all / 60_000);
  const seconds = ((all % 60_000) / 1000).toFixed(3);
  return `${sign}${minutes > 0 ? `${minutes}:${seconds.padStart(6, "0")}` : seconds}`;
}

/** The last part of a file's path, with the line: `keyecho.ts:12`. */
export function placeText(place: TracePlace): string {
  return `${place.file.slice(Math.max(place.file.lastIndexOf("/"), place.file.lastIndexOf("\\")) + 1)}:${place.line}`;
}

export function paramOf(params: Pairs, name: string): string | undefined {
  return params.find(([key]) => key === name)?.[1];
}

/** `1,203 packets, 0.2 % lost, jitter 4 ms, MOS 4.3`, as far as it is known. */
export function figuresText({ packets, lost, jitterMs, mos }: RtpFigures): string {
  const parts = [`${packets.toLocaleString("en")} packets`];
  if (packets + lost > 0) parts.push(`${Number(((100 * lost) / (packets + lost)).toFixed(1))} % lost`);
  if (jitterMs !== undefined) parts.push(`jitter ${Number(jitterMs.toFixed(1))} ms`);
  if (mos !== undefined) parts.push(`MOS ${mos.toFixed(1)}`);
  return parts.join(", ");
}

/** How it sounds, by the estimate (ITU-T G.107: 4 satisfies, under 3.6 many are not satisfied), or else by what was lost. */
export function soundTone(figures: RtpFigures | undefined, before?: RtpFigures): LadderTone {
  if (!figures) return "wire";
  if (figures.mos !== undefined) return figures.mos >= 4 ? "good" : figures.mos >= 3.6 ? "warn" : "bad";
  const packets = figures.packets - (before?.packets ?? 0);
  const lost = figures.lost - (before?.lost ?? 0);
  if (packets + lost <= 0) return before ? "dim" : "wire";
  const share = lost / (packets + lost);
  return share < 0.01 ? "good" : share < 0.05 ? "warn" : "bad";
}
