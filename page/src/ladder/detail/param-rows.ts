import type { Pairs } from "../../../../src/trace/index.ts";

export interface ParamRow {
  readonly name: string;
  readonly value: string;
  /** Of a changed one: before. */
  readonly was?: string | undefined;
  readonly what: "same" | "added" | "changed" | "removed";
}

/** Parameters as they were in the end, in that order; those that were taken away come last. Of a name that repeats, the first belongs to the first. */
export function paramRows(before: Pairs, after: Pairs): readonly ParamRow[] {
  const left = new Map<string, string[]>();
  for (const [name, value] of before) left.set(name, [...(left.get(name) ?? []), value]);
  const rows: ParamRow[] = after.map(([name, value]) => {
    const was = left.get(name)?.shift();
    if (was === undefined) return { name, value, what: "added" };
    return was === value ? { name, value, what: "same" } : { name, value, was, what: "changed" };
  });
  for (const [name, values] of left)
    for (const value of values) rows.push({ name, value, was: value, what: "removed" });
  return rows;
}
