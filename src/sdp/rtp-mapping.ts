import type { MediaDescription } from "./description.ts";
import { codecOfFormat } from "./formats.ts";

/**
 * The value of the parameter `rtp_mapping` (spec/sip.md §3): `codec=number` for every codec with a name, unless an rtpmap line
 * gives it the number of spec/rtp.md §2. Joined by commas; undefined if there is none.
 */
export function rtpMapping(media: MediaDescription): string | undefined {
  const odd = media.codecs.flatMap(({ format, payload, mapped }) => {
    if (format === undefined) return [];
    const confirmed = mapped && payload === codecOfFormat(format)?.yatePayload;
    return confirmed ? [] : [`${format}=${payload}`];
  });
  return odd.length > 0 ? odd.join(",") : undefined;
}
