import type { RtpPacket } from "./packet.ts";

/** A telephone event that has ended. */
export interface TelephoneEvent {
  /** 0…255 (RFC 4733 §3.2). */
  readonly event: number;
  /** `0`–`9` `*` `#` `A`–`D`, `F` for flash (16); undefined for others, as 36, the fax tone. */
  readonly key: string | undefined;
  /** RTP timestamp of its beginning. */
  readonly timestamp: number;
  /** In timestamp units, as far as it was seen. */
  readonly durationUnits: number;
  /** Whether its end was missed and told by time, or by another event. */
  readonly endLost: boolean;
}

/** What an {@link EventReceiver} is made of. */
export interface EventReceiverOptions {
  /** An event without end and without packets for so long has ended. Default 300 ms. */
  readonly lostMs?: number | undefined;
  /** … or when sound is so much later, in timestamp units. Default 10000. */
  readonly lostUnits?: number | undefined;
}

/**
 * Reads telephone events (RFC 4733, spec/rtp.md §5): each is told once, at its first end packet, else when another one
 * begins or when nothing more of it came. Repeated and reordered packets tell nothing anew.
 */
export interface EventReceiver {
  /** Takes a good packet of the event payload type; gives the events that ended with it, in order. */
  receive(packet: RtpPacket, nowMs: number): readonly TelephoneEvent[];
  /** Takes the timestamp of a sound packet: gives the event that must have ended before it. */
  sound(timestamp: number): readonly TelephoneEvent[];
  /** To be called now and then (on each tick): gives the event whose end is overdue. */
  tick(nowMs: number): readonly TelephoneEvent[];
  /** Forgets what was told: timestamps of another source follow. Gives the event that this ends. */
  restart(): readonly TelephoneEvent[];
}

/** Keys by event number (RFC 4733 §3.2): 16 is the flash of a hook. */
export const eventKeys = "0123456789*#ABCDF";

/**
 * One event as it travels (RFC 4733 §2.3).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |     event     |E|R| volume    |          duration             |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const eventBytes = 4;
/** A segment of a long event that is full ends at about here (§2.5.1.3); its next one begins where it ended. */
const fullSegmentUnits = 0xff00;
const none: readonly TelephoneEvent[] = [];

interface Running {
  readonly event: number;
  readonly timestamp: number;
  /** Of the segment that runs, and units of those before. */
  segment: number;
  segmentUnits: number;
  unitsBefore: number;
  lastMs: number;
}

/** Makes the receiver of one stream's events. */
export function createEventReceiver(options: EventReceiverOptions = {}): EventReceiver {
  const { lostMs = 300, lostUnits = 10_000 } = options;
  let running: Running | undefined;
  /** The event told last: packets of it, or from before it, tell nothing. */
  let told: { readonly event: number; readonly timestamp: number } | undefined;

  const end = (endLost: boolean): TelephoneEvent[] => {
    if (!running) return [];
    const { event, timestamp, segment, segmentUnits, unitsBefore } = running;
    told = { event, timestamp: segment };
    running = undefined;
    return [{ event, key: eventKeys[event], timestamp, durationUnits: unitsBefore + segmentUnits, endLost }];
  };

  /** Takes one event of a packet. */
  const take = (
    event: number,
    ended: boolean,
    units: number,
    timestamp: number,
    marker: boolean,
    nowMs: number,
  ): TelephoneEvent[] => {
    const over: TelephoneEvent[] = [];
    if (told) {
      const since = (timestamp - told.timestamp) | 0;
      if (since < 0 || (since === 0 && event === told.event)) return over;
    }
    if (running) {
      const since = (timestamp - running.segment) | 0;
      if (since < 0) return over;
      if (since > 0 || event !== running.event) {
        const goesOn =
          !marker && event === running.event && running.segmentUnits >= fullSegmentUnits && since <= 0xffff;
        if (goesOn) {
          running.segment = timestamp;
          running.unitsBefore += running.segmentUnits;
          running.segmentUnits = 0;
        } else over.push(...end(true));
      }
    }
    running ??= { event, timestamp, segment: timestamp, segmentUnits: 0, unitsBefore: 0, lastMs: nowMs };
    running.segmentUnits = Math.max(running.segmentUnits, units);
    running.lastMs = nowMs;
    if (ended) over.push(...end(false));
    return over;
  };

  return {
    receive({ payload, timestamp, marker }, nowMs) {
      const events: TelephoneEvent[] = [];
      let at = timestamp;
      for (let i = 0; i + eventBytes <= payload.length; i += eventBytes) {
        const units = ((payload[i + 2] ?? 0) << 8) | (payload[i + 3] ?? 0);
        const ended = ((payload[i + 1] ?? 0) & 0x80) !== 0;
        events.push(...take(payload[i] ?? 0, ended, units, at, marker && i === 0, nowMs));
        // §2.5.1.5: events of one packet follow each other without a gap.
        at = (at + units) >>> 0;
      }
      return events;
    },
    sound(timestamp) {
      if (!running) return none;
      const since = (timestamp - running.segment - running.segmentUnits) | 0;
      return since >= lostUnits ? end(true) : none;
    },
    tick(nowMs) {
      return running && nowMs - running.lastMs >= lostMs ? end(true) : none;
    },
    restart() {
      const ended = end(true);
      told = undefined;
      return ended;
    },
  };
}
