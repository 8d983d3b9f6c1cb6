import type { Pairs, ParamChange } from "../../../src/trace/index.ts";

/** What became of parameters; of repeated names each counts for itself, in their order. */
export function paramChanges(before: Pairs, after: Pairs): ParamChange[] {
  const had = grouped(before);
  const has = grouped(after);
  const changes: ParamChange[] = [];
  for (const name of new Set([...had.keys(), ...has.keys()])) {
    const from = had.get(name) ?? [];
    const to = has.get(name) ?? [];
    for (let i = 0; i < Math.max(from.length, to.length); i++)
      if (from[i] !== to[i]) changes.push({ name, from: from[i], to: to[i] });
  }
  return changes;
}

function grouped(pairs: Pairs): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const found = groups.get(name);
    if (found) found.push(value);
    else groups.set(name, [value]);
  }
  return groups;
}
