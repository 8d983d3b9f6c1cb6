import type { Logger } from "../base/index.ts";
import { formatReport, reportOf } from "./errors/error-report.ts";
import type { Terminal } from "./terminal.ts";

/**
 * A logger for people: one line each on standard error; errors come with their source line. Warnings and errors always,
 * the rest when verbose.
 * @param source who speaks, as in `engine`
 */
export function createLog(terminal: Terminal, source: string): Logger {
  const { errStyle: style, verbose } = terminal;
  const line = (text: string): void => terminal.err(`${style.dim(`${source}:`)} ${text}`);
  const write = (text: string, details: Readonly<Record<string, unknown>> | undefined): void => {
    line(text);
    const error = details?.error ?? details?.cause;
    if (error !== undefined)
      for (const part of formatReport(reportOf(error), style, verbose, `  ${source}`)) terminal.err(part);
    const { error: _, cause: __, ...rest } = details ?? {};
    if (verbose && Object.keys(rest).length > 0) line(style.dim(JSON.stringify(rest)));
  };
  return {
    debug: (text, details) => verbose && write(style.dim(text), details),
    info: (text, details) => verbose && write(text, details),
    warn: (text, details) => write(style.yellow(text), details),
    error: (text, details) => write(style.red(text), details),
  };
}
