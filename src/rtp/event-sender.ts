import { eventKeys } from "./event-receiver.ts";
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
  /** Ends the key that is being sent, its end packets at once, and forgets those that wait. */
  stop(): void;
}

/** Time between two packets of an event: a tick of the media clock. */
const updateMs = 20;
/** RFC 4733 §2.5.1.4: the end is sent three times. */
const endPackets = 3;
const minGapMs = 40;
const defaultMs = 200;
const minUnits = 51;
const maxUnits = 10_000;

interface Key {
  readonly event: number;
  readonly units: number;
}

interface SentKey extends Key {
  readonly payloadType: number;
  readonly timestamp: number;
  /** Duration of the last packet. */
  sentUnits: number;
  /** End packets sent. */
  ends: number;
}

/** Makes the sender of one stream's keys. */
export function createEventSender(options: EventSenderOptions): EventSender {
  const { sender, clockRateHz = 8000, maxQueued = 64 } = options;
  const gapTicks = Math.ceil(Math.max(minGapMs, options.gapMs ?? 60) / updateMs);
  const updateUnits = (updateMs * clockRateHz) / 1000;
  const queue: Key[] = [];
  let payloadType = options.payloadType;
  let current: SentKey | undefined;
  /** Ticks to wait before the next key. */
  let gap = 0;
  let lastTimestamp: number | undefined;

  const send = (key: SentKey, marker: boolean): void => {
    const ended = key.sentUnits >= key.units;
    const duration = Math.min(key.sentUnits, key.units);
    // Volume 0: the reference's, and the loudest; receivers make no use of it.
    const payload = Uint8Array.of(key.event, ended ? 0x80 : 0, duration >> 8, duration);
    sender.sendEvent(payload, key.payloadType, key.timestamp, marker);
    if (ended) key.ends++;
  };

  const begin = (nowMs: number): void => {
    const key = queue.shift();
    if (!key) return;
    let timestamp = sender.timestampAt(nowMs);
    // Receivers tell keys apart by it.
    if (timestamp === lastTimestamp) timestamp = (timestamp + updateUnits) >>> 0;
    lastTimestamp = timestamp;
    current = { ...key, payloadType, timestamp, sentUnits: Math.min(updateUnits, key.units), ends: 0 };
    sender.held = true;
    send(current, true);
  };

  const finish = (): void => {
    current = undefined;
    gap = gapTicks;
    sender.held = false;
  };

  return {
    get active() {
      return current !== undefined || queue.length > 0 || gap > 0;
    },
    get payloadType() {
      return payloadType;
    },
    set payloadType(value) {
      payloadType = value;
    },
    press(keys, nowMs, durationUnits) {
      const fits = durationUnits !== undefined && durationUnits >= minUnits && durationUnits <= maxUnits;
      const units = fits ? Math.round(durationUnits) : (defaultMs * clockRateHz) / 1000;
      let taken = 0;
      for (const char of keys.toUpperCase()) {
        const event = eventKeys.indexOf(char);
        if (event < 0 || queue.length >= maxQueued) continue;
        queue.push({ event, units });
        taken++;
      }
      if (!current && gap === 0) begin(nowMs);
      return taken;
    },
    tick(nowMs) {
      if (current) {
        current.sentUnits += updateUnits;
        if (current.ends < endPackets) send(current, false);
        if (current.ends >= endPackets) finish();
        return;
      }
      if (gap > 0) gap--;
      if (gap === 0) begin(nowMs);
    },
    stop() {
      queue.length = 0;
      if (!current) return;
      // Its end packets at once: nothing will tick any more.
      const ended: SentKey = { ...current, units: Math.min(current.units, current.sentUnits) };
      for (let i = current.ends; i < endPackets; i++) send(ended, false);
      finish();
    },
  };
}
