import type { RtpPacket } from "./packet.ts";

/** What an {@link RtpReceiver} is made of. */
export interface RtpReceiverOptions {
  /** Of the timestamps; for the jitter. Default 8000. */
  readonly clockRateHz?: number | undefined;
  /** Whether a payload type is one of the session's (sound, events, comfort noise). */
  readonly accepts: (payloadType: number) => boolean;
  /** Whether another source may take over (spec/rtp.md §2 `anyssrc`). Default true. */
  readonly anySsrc?: boolean | undefined;
}

/**
 * What became of a packet.
 * Good ones: `next` is newer than all before, `reordered` fills a hole, `restart` is the first one of a new source or of
 * a sequence that began anew.
 * Bad ones: `duplicate` was there before; `stray` is out of sequence and has nothing before it yet (RFC 3550 A.1);
 * `stranger` is of another source; `payload` has a payload type that is not the session's.
 */
export type RtpVerdict = "next" | "reordered" | "restart" | "duplicate" | "stray" | "stranger" | "payload";

/** Figures of what was received. */
export interface RtpReceiverFigures {
  /** Good packets. */
  readonly packets: number;
  /** Their payload bytes. */
  readonly octets: number;
  /** Expected but not received, so far (RFC 3550 §6.4.1); duplicates do not make up for it, and it is never below 0. */
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Times that the source or its sequence began anew. */
  readonly restarts: number;
  /** Packets dropped as `stray`, `stranger` or `payload`. */
  readonly strays: number;
  readonly strangers: number;
  readonly wrongPayload: number;
  /** Interarrival jitter (RFC 3550 A.8) in milliseconds. */
  readonly jitterMs: number;
}

/** What a report block says about a source (RFC 3550 §6.4.1), but for the times of its sender reports. */
export interface ReceptionReport {
  readonly ssrc: number;
  /** Share of packets lost since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Signed, 24 bits. */
  readonly cumulativeLost: number;
  /** Highest sequence number with its cycles, 32 bits. */
  readonly extendedSequence: number;
  /** In timestamp units. */
  readonly jitter: number;
}

/** Follows one stream by the rules of RFC 3550 A.1, A.3 and A.8. */
export interface RtpReceiver {
  /** The source that is being heard; undefined before the first packet. */
  readonly ssrc: number | undefined;
  readonly figures: RtpReceiverFigures;
  /**
   * Judges a packet. The first one ever is taken at once; another source takes over with its second packet in sequence
   * when the present one has been silent between them.
   * @param arrivalMs monotonic time.
   */
  receive(packet: RtpPacket, arrivalMs: number): RtpVerdict;
  /** Takes the next packet whatever its source and sequence are: the session was given another address. */
  resynchronize(): void;
  /** The next report block; undefined while there is no source. Each call begins the next interval of `fractionLost`. */
  report(): ReceptionReport | undefined;
}

/** Whether a packet is to be used. */
export function isGood(verdict: RtpVerdict): boolean {
  return verdict === "next" || verdict === "reordered" || verdict === "restart";
}

/** RFC 3550 A.1: a jump forward of less than this is loss, more is a new beginning. */
const maxDropout = 3000;
/** RFC 3550 A.1: a packet that is less than this behind is late or reordered, more is a new beginning. */
const maxMisorder = 100;
/** Sequence numbers remembered to tell a duplicate from a late packet: a power of 2 above `maxMisorder`. */
const remembered = 128;

/** Makes the receiver of one stream. */
export function createRtpReceiver(options: RtpReceiverOptions): RtpReceiver {
  const { accepts, anySsrc = true, clockRateHz = 8000 } = options;
  let ssrc: number | undefined;
  /** The next packet is taken whatever it is. */
  let open = true;
  /** A source that would take over, and the sequence number that it must come with. */
  let candidate = -1;
  let candidateNext = -1;
  /** Extended sequence numbers: cycles × 65536 + number. */
  let base = 0;
  let highest = 0;
  /** RFC 3550 A.1 `bad_seq`: what must follow a jump to make it a new beginning. */
  let afterJump = -1;
  /** Extended sequence numbers seen, by their low bits; with one added, so that 0 means none. */
  const seen = new Float64Array(remembered);
  let sinceStart = 0;
  let expectedBefore = 0;
  let sinceStartBefore = 0;
  /** Lost before the present source or sequence began. */
  let lostBefore = 0;
  let transit = Number.NaN;
  let transitTimestamp = 0;
  let jitter = 0;
  const figures = {
    packets: 0,
    octets: 0,
    duplicates: 0,
    reordered: 0,
    restarts: 0,
    strays: 0,
    strangers: 0,
    wrongPayload: 0,
  };

  const expected = (): number => (sinceStart === 0 ? 0 : highest - base + 1);

  const begin = (packet: RtpPacket): void => {
    lostBefore += Math.max(0, expected() - sinceStart);
    ssrc = packet.ssrc;
    open = false;
    candidate = -1;
    afterJump = -1;
    // From 1 on, so that a packet from just before the first one is not below 0.
    base = packet.sequence + 65536;
    highest = base;
    seen.fill(0);
    sinceStart = 0;
    expectedBefore = 0;
    sinceStartBefore = 0;
    transit = Number.NaN;
    jitter = 0;
  };

  const judge = (packet: RtpPacket): Exclude<RtpVerdict, "payload"> => {
    if (ssrc === undefined || open) {
      const first = ssrc === undefined;
      begin(packet);
      return first ? "next" : "restart";
    }
    if (packet.ssrc !== ssrc) {
      if (!anySsrc) return "stranger";
      const follows = packet.ssrc === candidate && packet.sequence === candidateNext;
      candidate = packet.ssrc;
      candidateNext = (packet.sequence + 1) & 0xffff;
      if (!follows) return "stranger";
      begin(packet);
      return "restart";
    }
    const ahead = (packet.sequence - highest) & 0xffff;
    if (ahead !== 0 && ahead < maxDropout) {
      highest += ahead;
      afterJump = -1;
      candidate = -1;
      return "next";
    }
    if (ahead !== 0 && ahead <= 65536 - maxMisorder) {
      if (packet.sequence === afterJump) {
        begin(packet);
        return "restart";
      }
      afterJump = (packet.sequence + 1) & 0xffff;
      return "stray";
    }
    candidate = -1;
    const extended = highest - ((65536 - ahead) & 0xffff);
    if (seen[extended & (remembered - 1)] === extended + 1) return "duplicate";
    return "reordered";
  };

  /** RFC 3550 A.8, in timestamp units but not rounded; packets of one timestamp (events) tell nothing. */
  const measure = (timestamp: number, arrivalMs: number): void => {
    if (Number.isNaN(transit)) {
      transit = arrivalMs;
      transitTimestamp = timestamp;
      return;
    }
    const units = (timestamp - transitTimestamp) | 0;
    if (units === 0) return;
    const difference = Math.abs(((arrivalMs - transit) * clockRateHz) / 1000 - units);
    transit = arrivalMs;
    transitTimestamp = timestamp;
    // A timestamp that began anew is no jitter.
    if (difference < 4 * clockRateHz) jitter += (difference - jitter) / 16;
  };

  return {
    get ssrc() {
      return ssrc;
    },
    get figures() {
      const lost = Math.max(0, lostBefore + expected() - sinceStart);
      return { ...figures, lost, jitterMs: (jitter * 1000) / clockRateHz };
    },
    receive(packet, arrivalMs) {
      // Before anything else: a datagram of another kind must not become the source (RFC 3550 A.1).
      const wrong = !accepts(packet.payloadType);
      if (wrong && packet.ssrc !== ssrc) {
        figures.wrongPayload++;
        return "payload";
      }
      const verdict = judge(packet);
      switch (verdict) {
        case "stray":
          figures.strays++;
          return verdict;
        case "stranger":
          figures.strangers++;
          return verdict;
        case "duplicate":
          figures.duplicates++;
          return verdict;
        case "reordered":
          figures.reordered++;
          break;
        case "restart":
          figures.restarts++;
          break;
        case "next":
          break;
      }
      const extended = verdict === "reordered" ? highest - ((highest - packet.sequence) & 0xffff) : highest;
      seen[extended & (remembered - 1)] = extended + 1;
      sinceStart++;
      if (wrong) {
        // It was not lost, though nobody asked for it.
        figures.wrongPayload++;
        return "payload";
      }
      figures.packets++;
      figures.octets += packet.payload.length;
      measure(packet.timestamp, arrivalMs);
      return verdict;
    },
    resynchronize() {
      open = true;
    },
    report() {
      if (ssrc === undefined) return undefined;
      // RFC 3550 A.3.
      const expectedInterval = expected() - expectedBefore;
      const lostInterval = expectedInterval - (sinceStart - sinceStartBefore);
      expectedBefore = expected();
      sinceStartBefore = sinceStart;
      const fraction = expectedInterval > 0 ? Math.floor((lostInterval * 256) / expectedInterval) : 0;
      const cumulative = expected() - sinceStart;
      return {
        ssrc,
        fractionLost: Math.min(255, Math.max(0, fraction)),
        cumulativeLost: Math.min(0x7fffff, Math.max(-0x800000, cumulative)),
        extendedSequence: (highest - 65536) >>> 0,
        jitter: Math.floor(jitter),
      };
    },
  };
}
