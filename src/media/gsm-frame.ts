/**
 * The 76 parameters of a GSM 06.10 frame (260 bits) and their two packings: the plain 33-byte frame of RTP (RFC 3551
 * §4.5.8) and .gsm files, signature 0xd then fields with the high bit first; and WAV49, two frames in 65 bytes without
 * signature, fields with the low bit first.
 */

/** Bytes of a plain frame. */
export const GSM_FRAME_BYTES = 33;
/** Bytes of a WAV49 block, which holds two frames. */
export const WAV49_BLOCK_BYTES = 65;

/** Parameters of a frame: 8 log area ratios, then for each sub-segment lag, gain, grid, block maximum and 13 pulses. */
export const PARAMETERS = 76;

/** Where the parameters of sub-segment 0…3 begin. */
export function segmentStart(segment: number): number {
  return 8 + segment * 17;
}

const SEGMENT_BITS = [7, 2, 2, 6, ...new Array<number>(13).fill(3)];
const BITS: readonly number[] = [
  ...[6, 6, 5, 5, 4, 4, 3, 3],
  ...SEGMENT_BITS,
  ...SEGMENT_BITS,
  ...SEGMENT_BITS,
  ...SEGMENT_BITS,
];
const SIGNATURE = 0xd;
const SIGNATURE_BITS = 4;
const FRAME_BITS = 260;

function bitAt(bytes: Uint8Array, at: number, bit: number): number {
  return ((bytes[at] ?? 0) >> bit) & 1;
}

function setBit(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) | (1 << bit);
}

/** Unpacks the plain frame at `offset`. @returns false if the signature is missing; `parameters` is then untouched. */
export function unpackFrame(bytes: Uint8Array, offset: number, parameters: Uint8Array): boolean {
  if ((bytes[offset] ?? 0) >> 4 !== SIGNATURE || offset + GSM_FRAME_BYTES > bytes.length) return false;
  let position = SIGNATURE_BITS;
  for (let i = 0; i < PARAMETERS; i++) {
    let value = 0;
    for (let bits = BITS[i] ?? 0; bits > 0; bits--, position++) {
      value = (value << 1) | bitAt(bytes, offset + (position >> 3), 7 - (position & 7));
    }
    parameters[i] = value;
  }
  return true;
}

/** Packs parameters as a plain frame at `offset`, where 33 bytes must be free. */
export function packFrame(parameters: Uint8Array, bytes: Uint8Array, offset: number): void {
  bytes.fill(0, offset, offset + GSM_FRAME_BYTES);
  bytes[offset] = SIGNATURE << 4;
  let position = SIGNATURE_BITS;
  for (let i = 0; i < PARAMETERS; i++) {
    const value = parameters[i] ?? 0;
    for (let bits = BITS[i] ?? 0; bits > 0; bits--, position++) {
      if ((value >> (bits - 1)) & 1) setBit(bytes, offset + (position >> 3), 7 - (position & 7));
    }
  }
}

/** Unpacks frame 0 or 1 of the WAV49 block at `offset`. */
export function unpackWav49(bytes: Uint8Array, offset: number, frame: 0 | 1, parameters: Uint8Array): void {
  let position = frame * FRAME_BITS;
  for (let i = 0; i < PARAMETERS; i++) {
    let value = 0;
    const bits = BITS[i] ?? 0;
    for (let bit = 0; bit < bits; bit++, position++) {
      value |= bitAt(bytes, offset + (position >> 3), position & 7) << bit;
    }
    parameters[i] = value;
  }
}

/** Packs parameters as frame 0 or 1 of the WAV49 block at `offset`, whose bits of that frame must be 0. */
export function packWav49(parameters: Uint8Array, bytes: Uint8Array, offset: number, frame: 0 | 1): void {
  let position = frame * FRAME_BITS;
  for (let i = 0; i < PARAMETERS; i++) {
    const value = parameters[i] ?? 0;
    const bits = BITS[i] ?? 0;
    for (let bit = 0; bit < bits; bit++, position++) {
      if ((value >> bit) & 1) setBit(bytes, offset + (position >> 3), position & 7);
    }
  }
}

/** Repacks whole WAV49 blocks (65 bytes) as plain frames (66 bytes each pair), without loss. A cut block is left out. */
export function wav49ToGsm(blocks: Uint8Array): Uint8Array {
  const count = Math.floor(blocks.length / WAV49_BLOCK_BYTES);
  const frames = new Uint8Array(count * 2 * GSM_FRAME_BYTES);
  const parameters = new Uint8Array(PARAMETERS);
  for (let i = 0; i < count; i++) {
    for (const frame of [0, 1] as const) {
      unpackWav49(blocks, i * WAV49_BLOCK_BYTES, frame, parameters);
      packFrame(parameters, frames, (i * 2 + frame) * GSM_FRAME_BYTES);
    }
  }
  return frames;
}

/** Repacks plain frames as WAV49 blocks. An odd last frame is left out, one without signature becomes all zeros. */
export function gsmToWav49(frames: Uint8Array): Uint8Array {
  const count = Math.floor(frames.length / (2 * GSM_FRAME_BYTES));
  const blocks = new Uint8Array(count * WAV49_BLOCK_BYTES);
  const parameters = new Uint8Array(PARAMETERS);
  for (let i = 0; i < count; i++) {
    for (const frame of [0, 1] as const) {
      if (!unpackFrame(frames, (i * 2 + frame) * GSM_FRAME_BYTES, parameters)) continue;
      packWav49(parameters, blocks, i * WAV49_BLOCK_BYTES, frame);
    }
  }
  return blocks;
}
