import { type Logger, YaytsError } from "../base/index.ts";
import {
  createLineSplitter,
  defaultLineLimitBytes,
  type EngineLine,
  encodedLength,
  encodeText,
  parseEngineLine,
} from "../wire/index.ts";
import type { Transport } from "./transport.ts";

/** Who gets what a session reads. */
export interface SessionReceiver {
  line(line: EngineLine): void;
  /** Once, at the end, whoever ended it. */
  ended(error: Error | undefined): void;
  /** True: read no more until `resume`. Asked after each piece that was read. */
  readonly busy: boolean;
}

export interface SessionOptions {
  readonly log: Logger;
  /** Answer half a line at once with an empty one. */
  readonly kick: boolean;
  /** Longest line taken from the engine, in bytes. */
  readonly maxLineBytes: number;
  /** Most bytes held for an engine that does not read. */
  readonly maxBufferedBytes: number;
}

/** One connection in terms of lines: writes gathered, limits kept, kicks given. */
export interface Session {
  readonly transport: Transport;
  receiver: SessionReceiver;
  /** What came of a line that has no end yet. */
  readonly pendingBytes: number;
  /**
   * Sends a line, making the engine's input buffer larger first if the line needs that. Returns why it could not
   * (`line-too-long`, or `overflow` when the engine does not read).
   */
  send(line: string): YaytsError | undefined;
  /** A reply to a setting that was made with `own` goes no further than here. */
  setlocal(name: string, value: string, own: boolean): void;
  resume(): void;
  close(): Promise<void>;
  /** Ends at once; the receiver is told the cause. */
  abort(cause?: Error): void;
}

/** Written out at once when so much has been gathered. */
const flushFrom = 65_536;
/** The engine's largest input buffer, and what fits into it. */
const largestBuffer = 65_536;
const longestLine = largestBuffer - 2;

/** Takes over a transport that nobody has started yet. */
export function createSession(
  transport: Transport,
  options: SessionOptions,
  receiver: SessionReceiver,
): Session {
  const { log } = options;
  let gathered = "";
  let scheduled = false;
  /** How often lines have gone out. */
  let written = 0;
  let over = false;
  let cause: Error | undefined;
  let paused = false;
  /** Longest line that the engine takes now. */
  let engineLimit = defaultLineLimitBytes;
  /** Settings whose replies are awaited, in their order. */
  const asked: { readonly name: string; readonly own: boolean }[] = [];
  let lines = 0;
  let kicks = 0;

  const flush = (): void => {
    scheduled = false;
    if (gathered === "" || over) return;
    const text = gathered;
    gathered = "";
    written++;
    transport.write(text.isWellFormed() ? text : encodeText(text));
  };

  const put = (line: string): void => {
    gathered += line;
    gathered += "\n";
    if (gathered.length > flushFrom) flush();
    else if (!scheduled) {
      scheduled = true;
      setImmediate(flush);
    }
  };

  const setlocal = (name: string, value: string, own: boolean): void => {
    asked.push({ name, own });
    put(`%%>setlocal:${name}:${value}`);
  };

  const tooLong = (line: string): YaytsError | undefined => {
    const bytes = encodedLength(line);
    if (bytes <= engineLimit) return undefined;
    if (bytes > longestLine) {
      return new YaytsError(
        "line-too-long",
        `a line of ${bytes} bytes; an engine takes ${longestLine} at most: ${line.slice(0, 60)}…`,
      );
    }
    // Lines are processed in their order: the buffer has grown when this line arrives.
    setlocal("bufsize", String(largestBuffer), true);
    engineLimit = longestLine;
    return undefined;
  };

  /** True when the reply was for this session alone. */
  const replied = (name: string, value: string): boolean => {
    if (name === "bufsize" && Number(value) > 2) engineLimit = Number(value) - 2;
    const at = asked.findIndex((question) => question.name === name);
    return at >= 0 && asked.splice(at, 1)[0]?.own === true;
  };

  const splitter = createLineSplitter((text) => {
    lines++;
    const line = parseEngineLine(text);
    if (line.kind === "local" && replied(line.name, line.value)) return;
    session.receiver.line(line);
  }, options.maxLineBytes);

  let linesAtKick = -1;
  let acknowledging = false;
  /**
   * A YATE writes a line and its end apart, with Nagle's algorithm on: the end waits until the line is acknowledged, which
   * a receiver with nothing to say delays by some 40 ms. An empty line, which the engine skips, carries it at once.
   */
  const kick = (): void => {
    if (linesAtKick === lines) return;
    linesAtKick = lines;
    kicks++;
    if (gathered === "") transport.write("\n");
    else flush();
  };
  /** The next line would wait for the acknowledgement of this one's end in the same way, unless the app has an answer. */
  const acknowledge = (): void => {
    if (acknowledging) return;
    acknowledging = true;
    const before = written;
    setImmediate(() => {
      acknowledging = false;
      if (over || written !== before) return;
      if (gathered !== "") {
        flush();
        return;
      }
      kicks++;
      transport.write("\n");
    });
  };

  const session: Session = {
    transport,
    receiver,
    get pendingBytes() {
      return splitter.pendingBytes;
    },
    setlocal,
    send(line) {
      if (over) return undefined;
      if (line.length * 3 > engineLimit) {
        const error = tooLong(line);
        if (error) return error;
      }
      if (gathered.length + transport.bufferedBytes > options.maxBufferedBytes) {
        return new YaytsError(
          "overflow",
          `the engine does not read: ${transport.bufferedBytes + gathered.length} bytes wait to be sent`,
        );
      }
      put(line);
      return undefined;
    },
    resume() {
      if (!paused) return;
      paused = false;
      transport.resume();
    },
    async close() {
      flush();
      await transport.close();
    },
    abort(reason) {
      cause ??= reason;
      transport.abort();
    },
  };

  transport.start({
    data(bytes) {
      if (!splitter.push(bytes)) {
        session.abort(
          new YaytsError("line-too-long", `the engine sent a line of more than ${splitter.limitBytes} bytes`),
        );
        return;
      }
      if (options.kick) {
        if (splitter.pendingBytes > 0) kick();
        else acknowledge();
      }
      if (!session.receiver.busy || paused) return;
      paused = true;
      transport.pause();
    },
    closed(error) {
      over = true;
      log.debug("connection ended", { lines, kicks });
      session.receiver.ended(cause ?? error);
    },
  });
  return session;
}
