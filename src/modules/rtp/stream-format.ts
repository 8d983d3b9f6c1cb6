import { type EngineMessage, toBoolean, toInteger } from "../../engine/index.ts";
import { type MediaFormat, parseFormat } from "../../media/index.ts";

/** What the packets of a session carry. */
export interface StreamFormat {
  readonly format: MediaFormat;
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
]);
/** For formats that have no number of their own. */
const otherPayload = 96;
const usualEventPayload = 101;

/** Reads `format`, `payload` and `evpayload`; the text says why they cannot be used. */
export function readStreamFormat(message: EngineMessage, networkOrder: boolean): StreamFormat | string {
  const name = message.get("format");
  if (!name) return "format is missing: alaw, mulaw, gsm or slin";
  const format = parseFormat(name);
  if (!format) return `format ${name} has no translator here`;
  const payload = readPayload(message.get("payload"), usualPayloads.get(format.name) ?? otherPayload);
  if (payload === undefined) return `payload ${message.get("payload")} is no payload type`;
  const events = message.get("evpayload");
  const eventPayload =
    events !== undefined && toBoolean(events) === false && toInteger(events) === undefined
      ? undefined
      : (readPayload(events, usualEventPayload) ?? undefined);
  if (eventPayload === payload) return `payload and evpayload are both ${payload}`;
  return { format, payload, eventPayload, networkOrder: networkOrder && format.codec === "slin" };
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
    one.format === other.format &&
    one.payload === other.payload &&
    one.eventPayload === other.eventPayload &&
    one.networkOrder === other.networkOrder
  );
}
