import type { CallRecord } from "./call-record.ts";

/** A record as a line of JSON, without the end of the line: for files that programs read. */
export function formatRecordLine(record: CallRecord): string {
  return JSON.stringify(record);
}

const columns = [
  "callId",
  "id",
  "peerId",
  "direction",
  "from",
  "to",
  "startedAt",
  "answeredAt",
  "endedAt",
  "ringMs",
  "talkMs",
  "durationMs",
  "outcome",
  "reason",
  "sipStatus",
  "username",
  "address",
  "recording",
] as const satisfies readonly (keyof CallRecord)[];

/**
 * The first line of a CSV file of records (RFC 4180), without the end of the line, which is CR LF there.
 * @param fields names of fields of apps' own that get a column, after the others
 */
export function recordCsvHeader(fields: readonly string[] = []): string {
  return [...columns, ...fields].map(csvField).join(",");
}

/**
 * A record as a line of CSV (RFC 4180), without the end of the line. A text that a spreadsheet would take for a formula, since it
 * begins with `=`, `+`, `-`, `@` or a control character, gets an apostrophe before it: so do numbers with a `+`.
 */
export function formatRecordCsv(record: CallRecord, fields: readonly string[] = []): string {
  const values = [
    ...columns.map((name) => record[name]),
    ...fields.map((name) =>
      record.fields && Object.hasOwn(record.fields, name) ? record.fields[name] : undefined,
    ),
  ];
  return values.map((value) => csvField(String(value ?? ""))).join(",");
}

function csvField(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  const safe = /^[=+\-@\u0000-\u001f]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
