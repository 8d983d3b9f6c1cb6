import type { Clock } from "../../base/index.ts";
import { type EngineMessage, toBoolean, toInteger } from "../../engine/index.ts";
import {
  type MediaFormat,
  type OpusCodec,
  opusClockRateHz,
  opusSampleRateHz,
  parseFormat,
} from "../../media/index.ts";
import type { OpusLibrary } from "../opus.ts";

/** What the packets of a session carry. */
export interface StreamFormat {
  /** As the engine hears and gives it. */
  readonly format: MediaFormat;
  /** What is between that and the packets; undefined where packets carry the format itself. */
  readonly codec: OpusCodec | undefined;
  /** As messages call it: that of `format`, or `opus`. */
  readonly name: string;
  /** Of the timestamps, in Hz. */
  readonly clockRateHz: number;
  /** RTP payload type, 0 to 127. */
  readonly payload: number;
  /** That of keys (RFC 4733); undefined when the peer takes none. */
  readonly eventPayload: number | undefined;
  /**
   * Linear sound travels in network order, as RFC 3551 has it: with peers that negotiated it. Apps get it as the engine has it,
   * little endian, which is what they are used to (spec/rtp.md §2).
   */
  readonly networkOrder: boolean;
}

/** Payload types that stand for a format unless a message says otherwise (spec/rtp.md §2). */
const usualPayloads: ReadonlyMap<string, number> = new Map([
  ["mulaw", 0],
  ["alaw", 8],
  ["gsm", 3],
  ["slin", 11],
  ["2*slin", 10],
  ["2*mulaw", 117],
  ["2*alaw", 118],
  ["opus", 111],
]);
/** For formats that have no number of their own. */
const otherPayload = 96;
const usualEventPayload = 101;

/** Loads what the format of a message needs; undefined when that is there, or nothing is needed. */
export function loadingOf(
  message: EngineMessage,
  opus: OpusLibrary,
  clock: Clock,
): Promise<unknown> | undefined {
  if (message.get("format") !== "opus" || opus.loaded || opus.missing !== undefined) return undefined;
  const loading = opus.load();
  clock.hold?.(loading);
  return loading;
}

/**
 * Reads `format`, `payload` and `evpayload`; the text says why they cannot be used.
 * @param opus loaded, if the format is `opus` (`loadingOf`)
 */
export function readStreamFormat(
  message: EngineMessage,
  networkOrder: boolean,
  opus: OpusLibrary,
): StreamFormat | string {
  const asked = message.get("format");
  if (!asked) return "format is missing: alaw, mulaw, gsm, slin or opus";
  const codec = asked === "opus" ? opus.loaded : undefined;
  if (asked === "opus" && !codec) return opus.missing ?? "opus is not loaded";
  const format = parseFormat(codec ? `slin/${opusSampleRateHz}` : asked);
  if (!format) return `format ${asked} has no translator here`;
  const name = codec ? asked : format.name;
  const payload = readPayload(message.get("payload"), usualPayloads.get(name) ?? otherPayload);
  if (payload === undefined) return `payload ${message.get("payload")} is no payload type`;
  const events = message.get("evpayload");
  const eventPayload =
    events !== undefined && toBoolean(events) === false && toInteger(events) === undefined
      ? undefined
      : (readPayload(events, usualEventPayload) ?? undefined);
  if (eventPayload === payload) return `payload and evpayload are both ${payload}`;
  return {
    format,
    codec,
    name,
    clockRateHz: codec ? opusClockRateHz : format.sampleRateHz,
    payload,
    eventPayload,
    networkOrder: networkOrder && !codec && format.codec === "slin",
  };
}

/** A number or the name of a format. */
function readPayload(text: string | undefined, usual: number): number | undefined {
  if (!text) return usual;
  const number = toInteger(text) ?? usualPayloads.get(text);
  return number !== undefined && number >= 0 && number <= 127 ? number : undefined;
}

/** Whether packets of both are the same to the peer. */
export function sameStream(one: StreamFormat, other: StreamFormat): boolean {
  return (
    one.name === other.name &&
    one.payload === other.payload &&
    one.eventPayload === other.eventPayload &&
    one.networkOrder === other.networkOrder
  );
}
