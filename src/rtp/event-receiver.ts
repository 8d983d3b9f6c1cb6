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
  sound(timestamp: number, nowMs: number): readonly TelephoneEvent[];
  /** To be called now and then (on each tick): gives the event whose end is overdue. */
  tick(nowMs: number): readonly TelephoneEvent[];
  /** Forgets what was told: timestamps of another source follow. Gives the event that this ends. */
  restart(): readonly TelephoneEvent[];
}

export declare function createEventReceiver(options?: EventReceiverOptions): EventReceiver;
