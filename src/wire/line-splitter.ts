import { decodeText, encodedLength } from "../base/index.ts";

/** Longest line that an engine takes by default, without its end: its buffer of 8192 bytes less two. */
export const defaultLineLimitBytes = 8190;

/** A pattern, because V8 moves a call of `includes` into the loop that uses it, and searches the whole text each round. */
const nul = /\0/;

/** Cuts a stream of bytes into lines (spec/protocol.md §2). */
export interface LineSplitter {
  /**
   * Takes the next bytes, in any pieces, and hands out the lines that they complete. False when a line was longer than
   * the limit: everything from it on is dropped, and so is what comes later.
   */
  push(chunk: Uint8Array): boolean;
  /** Longest line taken, in bytes without its LF; may be changed at any time, also while lines are handed out. */
  limitBytes: number;
  /** Bytes of a line that has no end yet; they are discarded if none comes. */
  readonly pendingBytes: number;
  /** Drops what is left, also of the chunk that is being taken. */
  stop(): void;
}

/**
 * Lines end with LF or NUL; one CR directly before that is removed (but counts for the limit); empty lines are skipped.
 * What is kept of an unfinished line never exceeds the limit by more than one chunk.
 * @param onLine called for each line, decoded by {@link decodeText}
 * @param limitBytes default 8190
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  limitBytes: number = defaultLineLimitBytes,
): LineSplitter {
  let carry = new Uint8Array(256);
  let carried = 0;
  let stopped = false;

  const keep = (chunk: Uint8Array, from: number): void => {
    const added = chunk.length - from;
    if (carried + added > carry.length) {
      const grown = new Uint8Array(Math.max(carry.length * 2, carried + added));
      grown.set(carry.subarray(0, carried));
      carry = grown;
    }
    carry.set(from === 0 ? chunk : chunk.subarray(from), carried);
    carried += added;
  };

  const takeCarried = (): string => {
    const text = decodeText(carry, 0, carried);
    carried = 0;
    if (carry.length > 65_536) carry = new Uint8Array(256);
    return text;
  };

  const stop = (): void => {
    stopped = true;
    carried = 0;
    carry = new Uint8Array(0);
  };

  /** Hands out the line from `start` to `end`, where its terminator stands; false when it is too long. */
  const hand = (text: string, start: number, end: number): boolean => {
    const length = end - start;
    const { limitBytes: limit } = splitter;
    if (length * 3 > limit && (length > limit || encodedLength(text.slice(start, end)) > limit)) {
      stop();
      return false;
    }
    const lineEnd = length > 0 && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (lineEnd > start) onLine(text.slice(start, lineEnd));
    return true;
  };

  /** Hands out all lines of a text that ends with a terminator. */
  const handAll = (text: string): boolean => {
    const hasNul = nul.test(text);
    // Each is looked for again only when it lies behind, so that the text is searched once for each, not once a line.
    let lineFeedAt = -1;
    let nulAt = hasNul ? -1 : text.length;
    let start = 0;
    while (start < text.length && !stopped) {
      if (lineFeedAt < start) lineFeedAt = positionOf("\n", text, start);
      if (nulAt < start) nulAt = positionOf("\0", text, start);
      const end = Math.min(lineFeedAt, nulAt);
      if (!hand(text, start, end)) return false;
      start = end + 1;
    }
    return true;
  };

  const splitter: LineSplitter = {
    limitBytes,
    get pendingBytes() {
      return carried;
    },
    stop,
    push(chunk) {
      if (stopped) return false;
      const last = lastTerminator(chunk);
      if (last >= 0) {
        let text: string;
        if (carried === 0) text = decodeText(chunk, 0, last + 1);
        else {
          keep(chunk.subarray(0, last + 1), 0);
          text = takeCarried();
        }
        if (!handAll(text)) return false;
      }
      if (stopped) return true;
      if (last + 1 < chunk.length) keep(chunk, last + 1);
      if (carried <= splitter.limitBytes) return true;
      stop();
      return false;
    },
  };
  return splitter;
}

/** Where `terminator` stands next; the text's length when it does not. */
function positionOf(terminator: string, text: string, start: number): number {
  const at = text.indexOf(terminator, start);
  return at < 0 ? text.length : at;
}

/** Where the last LF or NUL stands; -1 when there is none. */
function lastTerminator(chunk: Uint8Array): number {
  const lineFeed = chunk.lastIndexOf(10);
  if (lineFeed === chunk.length - 1) return lineFeed;
  const nul = (lineFeed < 0 ? chunk : chunk.subarray(lineFeed + 1)).lastIndexOf(0);
  return nul < 0 ? lineFeed : lineFeed + 1 + nul;
}
