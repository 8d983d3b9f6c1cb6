import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { errorText } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import {
  type CallRecord,
  callRecords,
  formatRecordCsv,
  formatRecordLine,
  recordCsvHeader,
} from "../../call/index.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

/** How records are written. */
export interface RecordsFormat {
  readonly csv: boolean;
  /** Fields of apps' own that get a column. */
  readonly fields: readonly string[];
}

/** Where records go. */
export interface RecordsWriter {
  write(record: CallRecord): void;
}

/** Records on standard output; the header of a CSV comes at once. */
export function recordsToTerminal(terminal: Terminal, format: RecordsFormat): RecordsWriter {
  // The terminal ends its lines itself.
  if (format.csv) terminal.out(`${recordCsvHeader(format.fields)}\r`);
  return { write: (record) => terminal.out(lineOf(record, format).slice(0, -1)) };
}

/**
 * Appends records to a file, each as it comes, with the header of a CSV in a new one; the file may be moved away at any time
 * (logrotate). What cannot be written goes to standard output, and why is told once until it can be written again.
 * @throws UsageError when the file is there with other columns
 */
export function recordsToFile(path: string, terminal: Terminal, format: RecordsFormat): RecordsWriter {
  checkColumns(path, format);
  let failing = false;
  return {
    write(record) {
      const line = lineOf(record, format);
      try {
        append(path, line, format);
        if (failing) terminal.err(`${path} can be written again`);
        failing = false;
      } catch (error) {
        if (!failing) {
          const style = terminal.errStyle;
          terminal.err(
            `yayts: ${style.red("[records]")} ${path} cannot be written: ${errorText(error)}; records go to standard output until it can`,
          );
        }
        failing = true;
        terminal.out(line.replace(/\r?\n$/, ""));
      }
    },
  };
}

/**
 * What --records does beside the command's own work: keeps the engine's records in a file, CSV if its name ends so.
 * @returns to be awaited when the connection has ended: then all are written
 */
export function keepRecords(yate: Yate, path: string, terminal: Terminal): Promise<void> {
  const { write } = recordsToFile(path, terminal, { csv: /\.csv$/i.test(path), fields: [] });
  const records = callRecords(yate);
  const all = async (): Promise<void> => {
    for await (const record of records) write(record);
  };
  // That the engine was lost is told by who owns the connection.
  return all().catch(() => {});
}

function lineOf(record: CallRecord, { csv, fields }: RecordsFormat): string {
  return csv ? `${formatRecordCsv(record, fields)}\r\n` : `${formatRecordLine(record)}\n`;
}

/** All of the line or nothing. */
function append(path: string, line: string, { csv, fields }: RecordsFormat): void {
  const file = openSync(path, "a+");
  try {
    const { size } = fstatSync(file);
    const header = csv && size === 0 ? `${recordCsvHeader(fields)}\r\n` : "";
    const bytes = Buffer.from((endsInLine(file, size) ? "" : "\n") + header + line);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file, bytes, written);
    } catch (error) {
      // Half a line would spoil the next one. What is no file, as /dev/full, cannot be cut.
      if (written > 0) ftruncateSync(file, size);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

/** Whether the last line is whole: a program that was killed may have left half of one. */
function endsInLine(file: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  return readSync(file, last, 0, 1, size - 1) === 0 || last[0] === 0x0a;
}

function checkColumns(path: string, { csv, fields }: RecordsFormat): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!csv || !found?.isFile() || found.size === 0) return;
  const start = readStart(path);
  if (start === undefined || start.split(/\r?\n/, 1)[0] === recordCsvHeader(fields)) return;
  throw new UsageError(
    `${path} has other columns than these records`,
    "take another file, or the same --field options as before",
  );
}

/** The first 64 KiB; undefined when it cannot be read: that is told when it is written. */
function readStart(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const start = Buffer.alloc(65_536);
      return start.toString("utf8", 0, readSync(file, start, 0, start.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
