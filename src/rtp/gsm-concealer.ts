import { GSM_FRAME_BYTES } from "../media/index.ts";
import type { Concealer } from "./concealer.ts";

/** Frames until nothing is given any more: as long as with samples. */
const concealedFrames = 3;
/** How much the block amplitudes sink with each frame after the first (GSM 06.11 §6: by 4). */
const sinkPerFrame = 4;
/** Block amplitudes under which a frame counts as silent, on the decoder's scale of 0…63 (3 steps are about 6 dB). */
const amplitudeBits = 6;

/** Bit of the frame where the block amplitude of a sub-frame begins: signature and LARs, then lag, gain, grid before it. */
function amplitudeBit(subframe: number): number {
  return 40 + subframe * 56 + 11;
}

function amplitude(frame: Uint8Array, subframe: number): number {
  const bit = amplitudeBit(subframe);
  const at = bit >> 3;
  const two = ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  return (two >> (16 - amplitudeBits - (bit & 7))) & 63;
}

function setAmplitude(frame: Uint8Array, subframe: number, value: number): void {
  const bit = amplitudeBit(subframe);
  const at = bit >> 3;
  const shift = 16 - amplitudeBits - (bit & 7);
  const two = ((((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0)) & ~(63 << shift)) | (value << shift);
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
          setAmplitude(into, subframe, Math.max(0, amplitude(last, subframe) - made * sinkPerFrame));
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
        loudest = Math.max(loudest, amplitude(frame, subframe));
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
