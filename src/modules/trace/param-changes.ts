import type { Params } from "../../bus/index.ts";
import { maskParam } from "../../trace/index.ts";
import { quoted, textMember } from "./json-text.ts";

/** How parameters are told. */
export interface ParamsView {
  /** Written by the dispatcher itself, so that it says nothing about who was asked. */
  readonly trackParam: string | undefined;
  readonly shorten: (text: string) => string;
}

/** All of them in their order, without secrets: `Pairs` as JSON. */
export function paramsText({ flat }: Params, view: ParamsView): string {
  let text = "";
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? "";
    text += `${text && ","}[${quoted(name)},${quoted(told(name, flat[i + 1] ?? "", view))}]`;
  }
  return `[${text}]`;
}

/** Whether anything differs but what the dispatcher wrote. */
export function differs(before: Params, after: Params, trackParam: string | undefined): boolean {
  const [old, now] = [before.flat, after.flat];
  if (old === now) return false;
  let i = 0;
  for (let j = 0; i < old.length || j < now.length; ) {
    if (i < old.length && old[i] === trackParam) i += 2;
    else if (j < now.length && now[j] === trackParam) j += 2;
    else if (old[i] !== now[j] || old[i + 1] !== now[j + 1]) return true;
    else {
      i += 2;
      j += 2;
    }
  }
  return false;
}

/**
 * What differs, without secrets, in the order in which it stands afterwards; what was taken away is last: a list of `ParamChange`
 * as JSON, without its brackets.
 */
export function changesText(before: Params, after: Params, view: ParamsView): string {
  const [old, now] = [before.flat, after.flat];
  if (old === now) return "";
  let text = "";
  const change = (name: string, from: string | undefined, to: string | undefined): void => {
    if (from !== to && name !== view.trackParam) text += `${text && ","}${changeText(name, from, to, view)}`;
  };
  // Most handlers leave the names as they are, and add some at the end.
  let same = 0;
  for (; same < old.length && old[same] === now[same]; same += 2)
    change(old[same] ?? "", old[same + 1], now[same + 1]);
  if (same === old.length) {
    for (let i = same; i < now.length; i += 2) change(now[i] ?? "", undefined, now[i + 1]);
    return text;
  }
  const [were, are] = [valuesOf(old, same), valuesOf(now, same)];
  for (const name of new Set([...are.keys(), ...were.keys()])) {
    const [from, to] = [were.get(name) ?? [], are.get(name) ?? []];
    for (let i = 0; i < Math.max(from.length, to.length); i++) change(name, from[i], to[i]);
  }
  return text;
}

function changeText(
  name: string,
  from: string | undefined,
  to: string | undefined,
  view: ParamsView,
): string {
  const [was, is] = [from, to].map((value) => (value === undefined ? undefined : told(name, value, view)));
  return `{"name":${quoted(name)}${textMember("from", was)}${textMember("to", is)}}`;
}

/** The values of each name, from a place on. */
function valuesOf(flat: readonly string[], start: number): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (let i = start; i < flat.length; i += 2) {
    const [name = "", value = ""] = [flat[i], flat[i + 1]];
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function told(name: string, value: string, { shorten }: ParamsView): string {
  return shorten(maskParam(name, value));
}

/** About how much memory they take. */
export function weightOf({ flat }: Params): number {
  let weight = 0;
  for (const text of flat) weight += text.length + 16;
  return weight;
}
