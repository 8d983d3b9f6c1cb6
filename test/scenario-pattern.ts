/** Names that patterns have bound so far, and what they met. */
export type Bindings = ReadonlyMap<string, string>;

/**
 * Compares a line with a pattern of the scenario language (test/scenarios/README.md).
 * @returns the names that this line binds; undefined when it does not fit
 */
export function matchLine(pattern: string, line: string, known: Bindings): Map<string, string> | undefined {
  const wanted = splitPattern(pattern);
  const fields = line.split(":");
  const isMessage = /^%%[<>]message$/.test(wanted[0] ?? "");
  if (!isMessage) return matchFields(wanted, fields, known) ?? matchText(pattern, line, known);
  if (fields.length < 5) return undefined;
  const bound = matchFields(wanted.slice(0, 5), fields.slice(0, Math.min(5, wanted.length)), known);
  return bound && matchParams(wanted.slice(5), fields.slice(5), known, bound);
}

/** Fills in `{name}`. Throws on a name that no step has bound. */
export function fillIn(text: string, known: Bindings): string {
  return text.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`{${name}} is not bound yet`);
    return value;
  });
}

function matchFields(
  wanted: readonly string[],
  fields: readonly string[],
  known: Bindings,
): Map<string, string> | undefined {
  if (wanted.length !== fields.length) return undefined;
  let bound = new Map<string, string>();
  for (const [at, pattern] of wanted.entries()) {
    const found = matchText(pattern, fields[at] ?? "", new Map([...known, ...bound]));
    if (!found) return undefined;
    bound = new Map([...bound, ...found]);
  }
  return bound;
}

/** Parameters in any order: `key=pattern` is there, `-key` is not, `...` allows others. */
function matchParams(
  wanted: readonly string[],
  params: readonly string[],
  known: Bindings,
  head: ReadonlyMap<string, string>,
): Map<string, string> | undefined {
  const bound = new Map(head);
  const left = params.filter((param) => param !== "");
  let othersAllowed = false;
  for (const pattern of wanted) {
    if (pattern === "") continue;
    if (pattern === "...") {
      othersAllowed = true;
      continue;
    }
    if (pattern.startsWith("-")) {
      const name = pattern.slice(1);
      if (params.some((param) => param === name || param.startsWith(`${name}=`))) return undefined;
      continue;
    }
    const at = left.findIndex((param) => {
      const found = matchText(pattern, param, new Map([...known, ...bound]));
      for (const [name, value] of found ?? []) bound.set(name, value);
      return found !== undefined;
    });
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return othersAllowed || left.length === 0 ? bound : undefined;
}

/** One field: `{name}` binds or must repeat, `{name:regexp}` restricts, `*` is anything. */
function matchText(pattern: string, actual: string, known: Bindings): Map<string, string> | undefined {
  const names: string[] = [];
  let source = "";
  let last = 0;
  for (const part of pattern.matchAll(/\{([A-Za-z_][A-Za-z0-9_]*)(?::((?:[^{}]|\{[^{}]*\})*))?\}|\*/g)) {
    source += literally(pattern.slice(last, part.index));
    last = part.index + part[0].length;
    const name = part[1];
    const value = name === undefined ? undefined : known.get(name);
    if (name === undefined) source += ".*";
    else if (value !== undefined) source += literally(value);
    else {
      names.push(name);
      source += `(${part[2] ?? ".+?"})`;
    }
  }
  source += literally(pattern.slice(last));
  const hit = new RegExp(`^${source}$`, "s").exec(actual);
  return hit ? new Map(names.map((name, at) => [name, hit[at + 1] ?? ""])) : undefined;
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Splits at `:` outside of braces, so that `{id:[0-9]+}` stays whole. */
function splitPattern(pattern: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at];
    if (c === "{") depth++;
    else if (c === "}") depth--;
    else if (c === ":" && depth === 0) {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, pattern.slice(start)];
}
