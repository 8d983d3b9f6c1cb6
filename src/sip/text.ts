import { decodeText } from "../base/index.ts";

/** The text of bytes that are all ASCII; undefined when they are not. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decodeText(bytes, start, end);
  return text.length === end - start && isAscii(text) ? text : undefined;
}

/** Of a text as long as its bytes: whether no byte was escaped. */
export function isAscii(text: string): boolean {
  return !/[\udc80-\udcff]/.test(text);
}
