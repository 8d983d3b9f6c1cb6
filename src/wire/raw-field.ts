const lineEnds = /[\n\0]/g;
const lineEndsAtEnd = /[\n\0]|\r$/g;

/** Text that travels unescaped before a colon: what would end the line becomes a blank. */
export function rawField(text: string): string {
  return text.replace(lineEnds, " ");
}

/** The same for the last field of a line, where a CR would be taken for a part of the line's end. */
export function lastRawField(text: string): string {
  return text.replace(lineEndsAtEnd, " ");
}

/** Whether a literal name (of `install`, `watch` and their kin) can travel unchanged. */
export function isLiteral(name: string): boolean {
  return name.search(lineEndsAtEnd) < 0;
}
