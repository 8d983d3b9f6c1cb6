/** The packets of an Ogg file (RFC 3533): pages of up to 255 segments, packets laced over them. */

/** A packet, and where it was. */
export interface OggPacket {
  readonly bytes: Uint8Array;
  /** Position at the end of the page on which the packet ends, in the codec's units; −1 when none ends there. */
  readonly granule: bigint;
  /** Whether it is the last of its page. */
  readonly lastOfPage: boolean;
}

/** What is in a file: the packets of its first logical stream. */
export interface OggFile {
  readonly packets: readonly OggPacket[];
  /** Whether the file ends within a page or a packet. */
  readonly truncated: boolean;
}

const headerBytes = 27;
const maxSegmentBytes = 255;

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether a file begins with a page. */
export function looksLikeOgg(bytes: Uint8Array): boolean {
  return bytes[0] === 0x4f && bytes[1] === 0x67 && bytes[2] === 0x67 && bytes[3] === 0x53;
}

/** Reads all pages; stops at what is none, which counts as truncated. */
export function readOgg(bytes: Uint8Array): OggFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets: OggPacket[] = [];
  let parts: Uint8Array[] = [];
  let serial: number | undefined;
  let at = 0;
  while (at < bytes.length) {
    if (at + headerBytes > bytes.length || !looksLikeOgg(bytes.subarray(at)))
      return { packets, truncated: true };
    const segments = view.getUint8(at + 26);
    const table = bytes.subarray(at + headerBytes, at + headerBytes + segments);
    const body = at + headerBytes + segments;
    const end = body + table.reduce((sum, segment) => sum + segment, 0);
    if (table.length < segments || end > bytes.length) return { packets, truncated: true };
    const stream = view.getUint32(at + 14, true);
    serial ??= stream;
    const granule = view.getBigInt64(at + 6, true);
    at = end;
    if (stream !== serial) continue;
    const ends: Uint8Array[] = [];
    let from = body;
    let to = body;
    for (const segment of table) {
      to += segment;
      if (segment === maxSegmentBytes) continue;
      parts.push(bytes.subarray(from, to));
      ends.push(join(parts));
      parts = [];
      from = to;
    }
    if (from < to) parts.push(bytes.subarray(from, to));
    for (const [i, packet] of ends.entries()) {
      packets.push({ bytes: packet, granule, lastOfPage: i === ends.length - 1 });
    }
  }
  return { packets, truncated: parts.length > 0 };
}
