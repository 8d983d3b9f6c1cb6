import { GSM_FRAME_BYTES } from "../media/index.ts";
import type { Concealer } from "./concealer.ts";

/** Frames until nothing is given any more: as long as with samples. */
const concealedFrames = 3;
/** How much the block amplitudes sink with each frame after the first: 12 dB. GSM 06.11 takes 320 ms to silence, we 60. */
const sinkPerFrame = 16;
/** Bits before the first sub-frame: signature and log area ratios; of a sub-frame; and before a field in it. */
const headBits = 40;
const subframeBits = 56;
const gainAt = { offset: 7, bits: 2 } as const;
const amplitudeAt = { offset: 11, bits: 6 } as const;

interface Field {
  readonly offset: number;
  readonly bits: number;
}

/** Two bytes hold any of the fields; `shift` is what is below it there. */
function whereIs(subframe: number, { offset, bits }: Field): { at: number; shift: number } {
  const bit = headBits + subframe * subframeBits + offset;
  return { at: bit >> 3, shift: 16 - bits - (bit & 7) };
}

function read(frame: Uint8Array, subframe: number, field: Field): number {
  const { at, shift } = whereIs(subframe, field);
  return ((((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0)) >> shift) & ((1 << field.bits) - 1);
}

function write(frame: Uint8Array, subframe: number, field: Field, value: number): void {
  const { at, shift } = whereIs(subframe, field);
  const mask = ((1 << field.bits) - 1) << shift;
  const two = ((((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0)) & ~mask) | (value << shift);
  frame[at] = two >> 8;
  frame[at + 1] = two;
}

/** Repeats the last frame, its block amplitudes sinking: substitution and muting as in GSM 06.11. The decoder smooths the rest. */
export function createGsmConcealer(): Concealer {
  const last = new Uint8Array(GSM_FRAME_BYTES);
  let made = 0;
  let live = false;
  return {
    get live() {
      return live && made < concealedFrames;
    },
    begin(history) {
      live = history.length >= GSM_FRAME_BYTES;
      made = 0;
      if (live) last.set(history.subarray(history.length - GSM_FRAME_BYTES));
    },
    fill(frame, at, units) {
      for (let i = at; i < at + units; i++) {
        const into = frame.subarray(i * GSM_FRAME_BYTES, (i + 1) * GSM_FRAME_BYTES);
        if (!live || made >= concealedFrames) {
          // Zero bytes are no frame; decoders give silence for it.
          into.fill(0);
          continue;
        }
        into.set(last);
        for (let subframe = 0; subframe < 4; subframe++) {
          const amplitude = read(last, subframe, amplitudeAt) - made * sinkPerFrame;
          write(into, subframe, amplitudeAt, Math.max(0, amplitude));
          // A steady tone lives on in the long-term predictor: its gain, 3 for all of it, sinks too.
          write(into, subframe, gainAt, Math.min(3 - made, read(last, subframe, gainAt)));
        }
        made++;
      }
    },
    recover() {
      live = false;
    },
    stop() {
      live = false;
    },
    level(frame) {
      let loudest = 0;
      for (let subframe = 0; subframe < 4; subframe++) {
        loudest = Math.max(loudest, read(frame, subframe, amplitudeAt));
      }
      // Amplitudes are of the decoder's 13-bit excitation, about 32 × 2^(step / 8).
      return 32 * 2 ** (loudest / 8) - 32;
    },
    likeness: () => 0,
    join(first, second) {
      first.set(second);
    },
  };
}
