import { shapeProblem } from "./record-shape.ts";
import type { TraceRecord } from "./records.ts";

/** What a batch held. */
export interface ParsedBatch {
  readonly records: readonly TraceRecord[];
  /** What was wrong with the batch, or with the first of its records that was passed over; undefined when all was good. */
  readonly problem?: string | undefined;
}

/**
 * Reads `data` of a `yayts.trace.data` message. It may come from any app, so nothing in it is believed: what is no record is
 * passed over and told as `problem`; records of unknown kinds, which a newer program makes, are passed over in silence. Never throws.
 */
export function parseTraceData(text: string): ParsedBatch {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { records: [], problem: `no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!Array.isArray(value)) return { records: [], problem: "no list of records" };
  return checkRecords(value);
}

/** The records among values of any kind, as {@link parseTraceData}. */
export function checkRecords(values: readonly unknown[]): ParsedBatch {
  const records: TraceRecord[] = [];
  let first: string | undefined;
  for (const value of values) {
    const problem = shapeProblem(value);
    if (problem === undefined) records.push(value as TraceRecord);
    else if (problem.kind === "bad") first ??= problem.text;
  }
  return first === undefined ? { records } : { records, problem: first };
}
