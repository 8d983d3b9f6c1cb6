import type { Codec, MediaDescription } from "./description.ts";

/**
 * Whether two descriptions of a stream mean the same session of RTP: same address, port, transport, formats and keys. What may
 * differ is the direction, the packet time and other attributes (spec/sip.md §4: "other address, port or codec list").
 */
export function sameMedia(a: MediaDescription, b: MediaDescription): boolean {
  return identity(a) === identity(b);
}

function identity(media: MediaDescription): string {
  return JSON.stringify([
    media.kind.toLowerCase(),
    media.port,
    media.transport.toUpperCase(),
    media.isNullAddress ? "" : media.address.toLowerCase(),
    media.codecs.length > 0 ? media.codecs.map(codecIdentity) : media.payloads,
    media.events.map(({ payload, clockRateHz }) => [payload, clockRateHz]),
    media.crypto.map(({ tag, suite, keyAndSalt }) => [tag, suite, ...keyAndSalt]),
  ]);
}

function codecIdentity(codec: Codec): unknown {
  return [codec.payload, codec.encoding.toLowerCase(), codec.clockRateHz, codec.channels, codec.fmtp ?? ""];
}
