/** What a stream of SIP holds, in its order (RFC 3261 §18.3, RFC 5626 §4.4.1). */
export type StreamFrame =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** CRLF CRLF between messages: the server of the connection answers one CRLF. */
  | { readonly kind: "ping" }
  /** The framing is lost; nothing more comes out, and the connection is to be closed. `what` says why. */
  | { readonly kind: "error"; readonly what: string };

export interface StreamFramerOptions {
  /** Start line and header fields of one message with their empty line, in bytes. Default 65536. */
  readonly maxHeaderBytes?: number;
  /** Default 65536. */
  readonly maxBodyBytes?: number;
}

/** Finds the messages in a stream. What comes out does not depend on how the bytes were cut into chunks. */
export interface StreamFramer {
  /** Takes bytes, which are copied, and returns what they complete. */
  push(chunk: Uint8Array): StreamFrame[];
  /** A message has begun and is not complete. */
  readonly pending: boolean;
}

const CR = 13;
const LF = 10;

/** RFC 3261 §18.3: on a stream Content-Length says where a message ends, so one without it is an error. */
export function createStreamFramer(options: StreamFramerOptions = {}): StreamFramer {
  const { maxHeaderBytes = 65_536, maxBodyBytes = 65_536 } = options;
  let buffer: Uint8Array = new Uint8Array(2048);
  /** Bytes held are those from start to end; those before `scanned` were looked at already. */
  let start = 0;
  let end = 0;
  let scanned = 0;
  /** Where the line that is being read began. */
  let lineStart = 0;
  let lines = 0;
  /** CRs and LFs before a message: LFs seen since the last message or ping. */
  let blankLines = 0;
  let bodyBytes: number | undefined;
  /** The line before is a Content-Length that may be folded on. */
  let lengthText: string | undefined;
  /** Where the message ends; known once its header is complete. */
  let messageEnd: number | undefined;
  let broken = false;

  const append = (chunk: Uint8Array): void => {
    if (end + chunk.length > buffer.length) {
      const held = end - start;
      let size = buffer.length;
      while (size < held + chunk.length) size *= 2;
      const next = size > buffer.length ? new Uint8Array(size) : buffer;
      next.set(buffer.subarray(start, end));
      buffer = next;
      scanned -= start;
      lineStart -= start;
      if (messageEnd !== undefined) messageEnd -= start;
      start = 0;
      end = held;
    }
    buffer.set(chunk, end);
    end += chunk.length;
  };

  const settleLength = (): string | undefined => {
    if (lengthText === undefined) return undefined;
    const text = lengthText.trim();
    lengthText = undefined;
    if (!/^\d{1,10}$/.test(text)) return "Content-Length is not a number";
    const value = Number(text);
    if (bodyBytes !== undefined && bodyBytes !== value) return "two Content-Length fields that differ";
    if (value > maxBodyBytes) return `a body of ${value} bytes; the limit is ${maxBodyBytes}`;
    bodyBytes = value;
    return undefined;
  };

  /** Takes a line of the header without its end; returns what is wrong with it. */
  const takeLine = (from: number, to: number): string | undefined => {
    if (lines++ === 0) {
      // Other protocols (HTTP, a port scan) are found out here, without waiting for an empty line.
      return /SIP\/\d/i.test(text(from, to)) ? undefined : "the first line is not SIP";
    }
    const first = buffer[from];
    if (first === 0x20 || first === 0x09) {
      if (lengthText !== undefined) lengthText += text(from, Math.min(to, from + 64));
      return undefined;
    }
    const wrong = settleLength();
    if (wrong) return wrong;
    // Only C, c, L and l can begin it; the other lines are not made into text.
    const letter = (first ?? 0) | 0x20;
    if (letter !== 0x63 && letter !== 0x6c) return undefined;
    const match = /^(?:content-length|l)[ \t]*:(.*)$/i.exec(text(from, Math.min(to, from + 256)));
    if (match) lengthText = match[1] ?? "";
    return undefined;
  };

  const text = (from: number, to: number): string => {
    let out = "";
    for (let at = from; at < to; at += 4096)
      out += String.fromCharCode(...buffer.subarray(at, Math.min(to, at + 4096)));
    return out;
  };

  /** Reads on in the header. Returns what is wrong; `messageEnd` is set when it is complete. */
  const scanHeader = (): string | undefined => {
    while (scanned < end) {
      const newline = buffer.subarray(0, end).indexOf(LF, scanned);
      if (newline < 0) {
        scanned = end;
        break;
      }
      scanned = newline + 1;
      if (scanned - start > maxHeaderBytes) break;
      const to = newline > lineStart && buffer[newline - 1] === CR ? newline - 1 : newline;
      if (to === lineStart) {
        const wrong = settleLength();
        if (wrong) return wrong;
        if (bodyBytes === undefined) return "no Content-Length";
        messageEnd = scanned + bodyBytes;
        return undefined;
      }
      const wrong = takeLine(lineStart, to);
      if (wrong) return wrong;
      lineStart = scanned;
    }
    if (scanned - start > maxHeaderBytes) return `a header of more than ${maxHeaderBytes} bytes`;
    return undefined;
  };

  /** Passes CRs and LFs before a message (RFC 3261 §7.5). */
  const skipBlank = (frames: StreamFrame[]): void => {
    for (; start < end; start++) {
      const byte = buffer[start];
      if (byte === LF) {
        if (++blankLines === 2) {
          frames.push({ kind: "ping" });
          blankLines = 0;
        }
      } else if (byte !== CR) break;
    }
    scanned = start;
    lineStart = start;
  };

  const fail = (frames: StreamFrame[], what: string): void => {
    broken = true;
    frames.push({ kind: "error", what });
    buffer = new Uint8Array(0);
    start = 0;
    end = 0;
  };

  return {
    get pending() {
      return end > start;
    },
    push(chunk) {
      const frames: StreamFrame[] = [];
      if (broken) return frames;
      append(chunk);
      while (start < end) {
        if (messageEnd === undefined) {
          if (scanned === start) {
            skipBlank(frames);
            if (start === end) break;
            // A method or SIP-Version begins with a visible character; a TLS hello on a TCP port does not.
            const byte = buffer[start] ?? 0;
            if (byte <= 0x20 || byte >= 0x7f) {
              fail(frames, "the first line is not SIP");
              break;
            }
          }
          const wrong = scanHeader();
          if (wrong) {
            fail(frames, wrong);
            break;
          }
        }
        if (messageEnd === undefined || messageEnd > end) break;
        frames.push({ kind: "message", bytes: buffer.slice(start, messageEnd) });
        start = messageEnd;
        scanned = start;
        lineStart = start;
        lines = 0;
        blankLines = 0;
        bodyBytes = undefined;
        messageEnd = undefined;
      }
      if (start === end) {
        start = 0;
        end = 0;
        scanned = 0;
        lineStart = 0;
        // What one large message needed is not kept for all the life of the connection.
        if (buffer.length > 16_384) buffer = new Uint8Array(2048);
      }
      return frames;
    },
  };
}
