import {
  createPlayoutBuffer,
  createRtpReceiver,
  isGood,
  type PlayoutBuffer,
  type PlayoutFigures,
  parseRtpPacket,
  type RtpReceiver,
  type RtpReceiverFigures,
} from "../../rtp/index.ts";
import { type AudioFrame, frameMs } from "./audio.ts";
import type { AudioCodec } from "./audio-codec.ts";

/** RFC 3389 comfort noise, and the events of RFC 4733 (spec/rtp.md §2): no sound, but not lost either. */
export const comfortNoise = 13;
export const telephoneEvent = 101;

/** From the engine's packets to frames of the party's sound. Bytes and the time in, frames out. */
export class IncomingSound {
  readonly #codec: AudioCodec;
  readonly #receiver: RtpReceiver;
  readonly #playout: PlayoutBuffer;
  #malformed = 0;
  #playedMs = 0;
  /** Told of each packet of sound as it comes. */
  onArrival: (payload: Uint8Array, timestamp: number) => void = () => {};

  /** @param playoutMs least delay of the playout buffer */
  constructor(codec: AudioCodec, playoutMs: number) {
    this.#codec = codec;
    this.#receiver = createRtpReceiver({
      accepts: (type) => type === codec.payloadType || type === comfortNoise || type === telephoneEvent,
    });
    this.#playout = createPlayoutBuffer({ format: codec.media, minMs: playoutMs });
  }

  get figures(): { readonly received: RtpReceiverFigures; readonly playout: PlayoutFigures } {
    return { received: this.#receiver.figures, playout: this.#playout.figures };
  }

  /** Datagrams that were no packet of this stream. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Takes a datagram of the engine. False when it is no packet of this stream. */
  receive(bytes: Uint8Array, nowMs: number): boolean {
    const packet = parseRtpPacket(bytes);
    const verdict = typeof packet === "string" ? "payload" : this.#receiver.receive(packet, nowMs);
    if (typeof packet === "string" || verdict === "payload") {
      this.#malformed++;
      return false;
    }
    if (!isGood(verdict)) return true;
    const restart = verdict === "restart";
    if (packet.payloadType === this.#codec.payloadType) {
      this.onArrival(packet.payload, packet.timestamp);
      this.#playout.put(packet, nowMs, restart);
    } else {
      if (restart) this.#playout.reset();
      this.#playout.skip(packet.sequence);
    }
    return true;
  }

  /**
   * The next frame; call it every 20 ms.
   * @param nowMs on the scale of `receive`
   * @param beatMs what the frame tells as its time
   */
  take(nowMs: number, beatMs: number): AudioFrame {
    const bytes = this.#playout.take(nowMs);
    if (!bytes) return absentFrame(beatMs, this.#codec.media.sampleRateHz);
    const before = this.#playedMs;
    this.#playedMs = this.#playout.figures.playedMs;
    const whole = this.#playedMs - before >= frameMs;
    return { samples: this.#codec.decode(bytes), kind: whole ? "heard" : "concealed", atMs: beatMs };
  }
}

export function absentFrame(atMs: number, rateHz = 8000): AudioFrame {
  return { samples: new Int16Array((frameMs * rateHz) / 1000), kind: "absent", atMs };
}
