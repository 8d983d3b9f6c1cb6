import type { Params } from "../../bus/index.ts";
import { maskParam, type Pairs, type ParamChange } from "../../trace/index.ts";

/** How parameters are told. */
export interface ParamsView {
  /** Written by the dispatcher itself, so that it says nothing about who was asked. */
  readonly trackParam: string | undefined;
  readonly shorten: (text: string) => string;
}

/** All of them in their order, without secrets. */
export function toldParams(params: Params, { shorten }: ParamsView): Pairs {
  const { flat } = params;
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? "";
    pairs.push([name, shorten(maskParam(name, flat[i + 1] ?? ""))]);
  }
  return pairs;
}

/** What differs, without secrets, in the order in which it stands afterwards; what was taken away is last. */
export function changesOf(before: Params, after: Params, view: ParamsView): ParamChange[] {
  if (before.flat === after.flat) return [];
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const changes: ParamChange[] = [];
  for (const name of new Set([...now.keys(), ...old.keys()])) {
    if (name === view.trackParam) continue;
    const [from, to] = [old.get(name) ?? [], now.get(name) ?? []];
    for (let i = 0; i < Math.max(from.length, to.length); i++) {
      if (from[i] === to[i]) continue;
      changes.push({ name, from: told(name, from[i], view), to: told(name, to[i], view) });
    }
  }
  return changes;
}

function valuesOf({ flat }: Params): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (let i = 0; i < flat.length; i += 2) {
    const [name = "", value = ""] = [flat[i], flat[i + 1]];
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function told(name: string, value: string | undefined, { shorten }: ParamsView): string | undefined {
  return value === undefined ? undefined : shorten(maskParam(name, value));
}

/** About how much memory they take. */
export function weightOf({ flat }: Params): number {
  let weight = 0;
  for (const text of flat) weight += text.length + 16;
  return weight;
}
