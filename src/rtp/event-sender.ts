import type { RtpSender } from "./sender.ts";

/** What an {@link EventSender} is made of. */
export interface EventSenderOptions {
  readonly sender: RtpSender;
  /** Of the events, as agreed; 101 for rtp/ attachments. */
  readonly payloadType: number;
  /** Of the timestamps, which are the sound's. Default 8000. */
  readonly clockRateHz?: number | undefined;
  /** Pause between two keys. Default 60 ms, never less than 40. */
  readonly gapMs?: number | undefined;
  /** Keys that may wait. Default 64. */
  readonly maxQueued?: number | undefined;
}

/**
 * Sends keys as telephone events (RFC 4733), each complete, one after the other, whether sound flows or not: marker on
 * the first packet, an update a tick, the end three times. While one is sent the sender's sound is held.
 */
export interface EventSender {
  /** Whether a key is being sent or waits. */
  readonly active: boolean;
  /** May be changed when another one was agreed on; keys that are being sent keep theirs. */
  payloadType: number;
  /**
   * Queues keys: `0`–`9` `*` `#` `A`–`D` `F` (flash), either case; other characters are skipped. The first one goes out at once if none
   * is being sent.
   * @param durationUnits of each, in timestamp units, 51…10000; anything else gives the default of 200 ms.
   * @returns how many were taken; fewer than given when the queue is full.
   */
  press(keys: string, nowMs: number, durationUnits?: number): number;
  /** To be called every 20 ms while `active`. */
  tick(nowMs: number): void;
  /** Ends the key that is being sent and forgets those that wait. */
  stop(nowMs: number): void;
}

export declare function createEventSender(options: EventSenderOptions): EventSender;
