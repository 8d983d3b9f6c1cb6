/**
 * Opus (RFC 6716) as far as media knows it: who encodes and decodes is handed in, since the codec is a package of its own; what a packet
 * lasts is read here. Inside the engine Opus is linear sound of 16 kHz, the bandwidth of speech.
 */

/** Rate of the samples that go in and come out. */
export const opusSampleRateHz = 16_000;
/** Frames that are encoded, in milliseconds. */
export const opusFrameMs = 20;
/** Samples of such a frame. */
export const opusFrameSamples: number = (opusSampleRateHz * opusFrameMs) / 1000;
/** RFC 7587 §4.1: RTP timestamps count 48000 in a second, whatever was encoded. */
export const opusClockRateHz = 48_000;

/** Encodes one stream. */
export interface OpusEncoder {
  /** Makes a packet of {@link opusFrameSamples} samples, one channel. */
  encode(samples: Int16Array): Uint8Array;
}

/** Decodes one stream; packets in their order. */
export interface OpusDecoder {
  /**
   * The samples of a packet, one channel whatever was sent; a new array.
   * @throws for what is no Opus
   */
  decode(packet: Uint8Array): Int16Array;
}

/** An implementation of Opus. */
export interface OpusCodec {
  createEncoder(): OpusEncoder;
  createDecoder(): OpusDecoder;
}

const maxFrameBytes = 1275;
const maxPacketMs = 120;
const maxFrames = 48;

/** What one frame lasts by the first byte of a packet (RFC 6716 §3.1, table 2). */
function frameMs(toc: number): number {
  const config = toc >> 3;
  if (config < 12) return [10, 20, 40, 60][config & 3] ?? 0;
  if (config < 16) return [10, 20][config & 1] ?? 0;
  return [2.5, 5, 10, 20][config & 3] ?? 0;
}

/** What a packet lasts in milliseconds, 2.5…120; undefined for what cannot be Opus (RFC 6716 §3.2 and §3.4). */
export function opusPacketMs(packet: Uint8Array): number | undefined {
  const [toc, second] = packet;
  if (toc === undefined) return undefined;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (second ?? 0) & 0x3f;
  if (frames === 0 || frames > maxFrames || packet.length > frames * (maxFrameBytes + 2) + 2 + maxFrameBytes)
    return undefined;
  const durationMs = frames * frameMs(toc);
  return durationMs <= maxPacketMs ? durationMs : undefined;
}

/**
 * Packets that make a decoder conceal what was lost after `last`, for at least `durationMs`: frames without data (RFC 6716 §3.2.1 and
 * §3.4: a length of 0 is a lost frame), each as long as the frames before.
 */
export function opusLossPackets(last: Uint8Array, durationMs: number): Uint8Array[] {
  const toc = last[0];
  if (toc === undefined) return [];
  const count = Math.ceil(durationMs / frameMs(toc));
  return Array.from({ length: count }, () => Uint8Array.of(toc & 0xfc));
}
