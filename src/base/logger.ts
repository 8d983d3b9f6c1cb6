/** Where the library reports what it noticed; nothing in `src` writes to the console but the command line. */
export interface Logger {
  debug(text: string, details?: Readonly<Record<string, unknown>>): void;
  info(text: string, details?: Readonly<Record<string, unknown>>): void;
  warn(text: string, details?: Readonly<Record<string, unknown>>): void;
  error(text: string, details?: Readonly<Record<string, unknown>>): void;
}

/** A logger that keeps silent: the default of the library. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
