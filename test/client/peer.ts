import { type AppLine, createLineSplitter, formatEngineLine, parseAppLine } from "../../src/wire/index.ts";

/** The far side of a connection: reads an app's lines and answers what a test does not want to answer itself. */
export interface Peer {
  /** Every line that came. */
  readonly lines: string[];
  /** Empty lines that came: kicks. */
  readonly kicks: number;
  /** Takes bytes of the app. */
  take(chunk: Uint8Array): void;
  /** Resolves with the first line, past or to come, that fits. */
  line(test: (line: string) => boolean): Promise<string>;
}

export interface PeerOptions {
  /** Sends text to the app. */
  readonly write: (text: string) => void;
  /** Ends the connection, as an engine does at a line that is too long. */
  readonly close: () => void;
  /** Says what to answer to a line; undefined: what an engine would, `[]`: nothing. */
  readonly answer?: (line: AppLine, text: string) => readonly string[] | undefined;
}

/** Speaks the protocol of an engine on real lines, without an engine behind it. */
export function createPeer({ write, close, answer }: PeerOptions): Peer {
  const lines: string[] = [];
  const waiting: { test: (line: string) => boolean; resolve: (line: string) => void }[] = [];
  let kicks = 0;
  let last = 10;

  const usual = (line: AppLine): string[] => {
    switch (line.kind) {
      case "setlocal":
        if (line.name === "bufsize") splitter.limitBytes = Number(line.value) - 2;
        return [
          formatEngineLine({
            kind: "local",
            name: line.name,
            value: line.value || "6.4.1",
            ok: line.value !== "" || line.name.startsWith("engine."),
          }),
        ];
      case "install":
        return [formatEngineLine({ kind: "installed", priority: line.priority, name: line.name, ok: true })];
      case "watch":
        return [formatEngineLine({ kind: "watched", name: line.name, ok: true })];
      case "connect":
        return [`Error in: %%>connect:${line.role}`];
      case "bad":
        return [`Error in: ${line.line}`];
      case "message":
      case "answer":
      case "uninstall":
      case "unwatch":
      case "output":
      case "debug":
      case "quit":
        return [];
    }
  };

  const splitter = createLineSplitter((text) => {
    lines.push(text);
    const line = parseAppLine(text);
    for (const reply of answer?.(line, text) ?? usual(line)) write(`${reply}\n`);
    for (const one of waiting.splice(0)) {
      if (one.test(text)) one.resolve(text);
      else waiting.push(one);
    }
  });

  return {
    lines,
    get kicks() {
      return kicks;
    },
    take(chunk) {
      for (const byte of chunk) {
        if (byte === 10 && last === 10) kicks++;
        last = byte;
      }
      if (!splitter.push(chunk)) close();
    },
    line(test) {
      const found = lines.find(test);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => waiting.push({ test, resolve }));
    },
  };
}
