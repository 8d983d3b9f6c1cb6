import { createStyle, type Style, wantsColour } from "./style.ts";

/** Where the command line writes. Results go to `out`; reports, logs and errors to `err`. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** Whether results are coloured. */
  readonly colour: boolean;
  readonly verbose: boolean;
}

/**
 * The terminal of this process. A reader that has gone (`yayts trace | head`) ends the process quietly.
 * @param onlyErr standard output belongs to somebody else: results go to standard error as well
 */
export function createTerminal(
  options: { readonly verbose?: boolean; readonly onlyErr?: boolean } = {},
): Terminal {
  const { verbose = false, onlyErr = false } = options;
  const target = onlyErr ? process.stderr : process.stdout;
  const colour = wantsColour(target, process.env);
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount("error") === 0)
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EPIPE") process.exit(0);
        throw error;
      });
  }
  return {
    out: (line) => void target.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    outStyle: createStyle(colour),
    errStyle: createStyle(wantsColour(process.stderr, process.env)),
    colour,
    verbose,
  };
}
