import { crc32, deflateSync, inflateSync } from "node:zlib";

/**
 * The same picture in fewer bytes: with a palette of 256 colours. Takes 8-bit RGB or RGBA that is opaque and not interlaced, as browsers
 * make their screenshots.
 */
export function smallerPng(png: Uint8Array): Uint8Array {
  const { width, height, channels, data } = decode(png);
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const at = i * channels;
    pixels[i] = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
  }
  const { palette, indexOf } = choosePalette(pixels);
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(pixels[y * width + x] ?? 0);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits, palette.
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]));
  const body = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("PLTE", colours),
    chunk("IDAT", body),
    chunk("IEND"),
  ]);
}

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

function chunk(type: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const made = Buffer.alloc(12 + data.length);
  made.writeUInt32BE(data.length, 0);
  made.write(type, 4, "latin1");
  made.set(data, 8);
  made.writeUInt32BE(crc32(made.subarray(4, 8 + data.length)), 8 + data.length);
  return made;
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

function decode(png: Uint8Array): Decoded {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height, depth, colour] = [view.getUint32(16), view.getUint32(20), png[24], png[25]];
  if (depth !== 8 || (colour !== 2 && colour !== 6)) throw new Error("not a picture of 8-bit RGB");
  const channels = colour === 2 ? 3 : 4;
  const parts: Uint8Array[] = [];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    if (Buffer.from(png.subarray(at + 4, at + 8)).toString("latin1") === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const packed = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = packed[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? (data[at - channels] ?? 0) : 0;
      const up = y > 0 ? (data[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (data[at - stride - channels] ?? 0) : 0;
      data[at] = (packed[y * (stride + 1) + 1 + x] ?? 0) + predict(filter, left, up, corner);
    }
  }
  return { width, height, channels, data };
}

/** PNG's five filters (ISO 15948 §9). */
function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [byLeft, byUp, byCorner] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ];
  return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
}

/** At most 256 colours, the commonest first, none of them too near to another; each that is left out is drawn as the nearest of them. */
function choosePalette(pixels: Uint32Array): {
  readonly palette: readonly number[];
  readonly indexOf: (rgb: number) => number;
} {
  const counts = new Map<number, number>();
  for (const rgb of pixels) counts.set(rgb, (counts.get(rgb) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a).map(([rgb]) => rgb);
  let palette = byCount;
  for (let apart = 2; palette.length > 256; apart++) {
    palette = [];
    for (const rgb of byCount) {
      if (palette.every((other) => distance(rgb, other) >= apart ** 2)) palette.push(rgb);
      if (palette.length > 256) break;
    }
  }
  const known = new Map(palette.map((rgb, index) => [rgb, index]));
  const nearest = (rgb: number): number => {
    let best = 0;
    for (const [index, other] of palette.entries())
      if (distance(rgb, other) < distance(rgb, palette[best] ?? 0)) best = index;
    return best;
  };
  return {
    palette,
    indexOf(rgb) {
      const index = known.get(rgb) ?? nearest(rgb);
      known.set(rgb, index);
      return index;
    },
  };
}

/** Between two colours, squared. */
function distance(one: number, other: number): number {
  return (
    ((one >> 16) - (other >> 16)) ** 2 +
    (((one >> 8) & 255) - ((other >> 8) & 255)) ** 2 +
    ((one & 255) - (other & 255)) ** 2
  );
}
