/**
 * Numbers and booleans as a YATE reads them: by the rules of C's `strtol` with base 0 (spec/protocol.md §4 to §8).
 */

const integerPrefix = /^[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))/;
const wholeInteger = new RegExp(`${integerPrefix.source}$`);

/** Priority of a handler that names none. */
export const defaultPriority = 100;

/** Highest time that fits the engine's 32 bits. */
const maxTimeSec = 0xffff_ffff;

function integerOf(match: RegExpExecArray): number {
  const [, sign, hexadecimal, octal, decimal] = match;
  let value: number;
  if (hexadecimal !== undefined) value = Number.parseInt(hexadecimal, 16);
  else if (decimal !== undefined) value = Number.parseInt(decimal, 10);
  else value = octal ? Number.parseInt(octal, 8) : 0;
  return sign === "-" ? -value : value;
}

/**
 * A handler's priority: the integer that the text begins with (`0x20` is 32, `010` is 8, `08` is 0, `1e2` is 1).
 * Missing, not a number or beyond 32 bits: 100.
 */
export function parsePriority(text: string): number {
  const match = integerPrefix.exec(text);
  if (!match) return defaultPriority;
  const value = integerOf(match);
  return value > 0x7fff_ffff || value < -0x8000_0000 ? defaultPriority : value;
}

/** A whole text as an integer of 32 bits; undefined when it is none. */
export function parseInteger(text: string): number | undefined {
  const match = wholeInteger.exec(text);
  if (!match) return undefined;
  const value = integerOf(match);
  return value > 0x7fff_ffff || value < -0x8000_0000 ? undefined : value;
}

/**
 * The time of an app's message in seconds since the epoch; 0 (or nothing) means now. Undefined when it is negative,
 * fractional, not a number or beyond 32 bits.
 */
export function parseTime(text: string): number | undefined {
  if (text === "") return 0;
  const match = wholeInteger.exec(text);
  if (!match) return undefined;
  const value = integerOf(match);
  return value > maxTimeSec || value < 0 ? undefined : value;
}

/** A boolean in the words that the engine takes, lower case only; undefined for any other text. */
export function parseBoolean(text: string): boolean | undefined {
  switch (text) {
    case "true":
    case "yes":
    case "on":
    case "enable":
    case "t":
      return true;
    case "false":
    case "no":
    case "off":
    case "disable":
    case "f":
      return false;
    default:
      return undefined;
  }
}

const leadingBlanks = /^[ \t\n\v\f\r]+/;

/** The `processed` field of an answer: leading blanks are allowed, nothing at all means false. */
export function parseProcessed(text: string): boolean | undefined {
  return text === "" ? false : parseBoolean(text.replace(leadingBlanks, ""));
}
