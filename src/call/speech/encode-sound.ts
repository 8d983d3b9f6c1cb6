import { setImmediate as turn } from "node:timers/promises";
import { bytesOf, createTranslator } from "../../media/index.ts";
import type { CachedFormat } from "./sound-outcome.ts";

const samplesPerMs = 8;
/** Samples that are encoded before other work has its turn: two seconds, about 5 ms of GSM. */
const pieceSamples = 16_000;

/** Leaves out the beginning and changes the volume; the samples themselves when nothing is to be changed. */
export function adjust(samples: Int16Array, volumeDb: number, offsetMs: number): Int16Array {
  if (volumeDb === 0 && offsetMs === 0) return samples;
  const from = samples.subarray(Math.min(samples.length, Math.round(offsetMs * samplesPerMs)));
  if (volumeDb === 0) return from;
  const gain = 10 ** (volumeDb / 20);
  return from.map((sample) => Math.max(-32768, Math.min(32767, Math.round(sample * gain))));
}

/** The bytes of samples in a format; the last GSM frame is filled with silence. */
export async function encodeSound(samples: Int16Array, format: CachedFormat): Promise<Uint8Array> {
  if (format === "slin") return bytesOf(samples);
  const translator = createTranslator("slin", format);
  if (!translator) throw new Error(`no way from slin to ${format}`);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += pieceSamples) {
    if (at > 0) await turn();
    parts.push(Uint8Array.from(translator.translate(bytesOf(samples.slice(at, at + pieceSamples)))));
  }
  const missing = format === "gsm" ? (160 - (samples.length % 160)) % 160 : 0;
  parts.push(translator.translate(new Uint8Array(2 * missing)));
  return Buffer.concat(parts);
}
