import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Name of an export → what it is: "function", "interface", or "const + type" for a name that is both. */
export type Exports = Record<string, string>;

/**
 * Reads the exports of a declaration file that tsc has written, with those it passes on from others.
 * It knows the forms that tsc emits, no more: the compiler's own API is not stable yet in TypeScript 7.
 */
export function readExports(file: string): Exports {
  const found: Exports = {};
  for (const [name, kinds] of [...collect(file, new Set())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    found[name] = [...kinds].sort().join(" + ");
  }
  return found;
}

type Kinds = Map<string, Set<string>>;

function collect(file: string, visited: Set<string>): Kinds {
  if (visited.has(file)) return new Map();
  visited.add(file);
  if (!existsSync(file)) throw new Error(`${file} is not there: build first`);
  const text = withoutComments(readFileSync(file, "utf8"));
  const declared = declarations(text);
  const exported: Kinds = new Map();
  const add = (name: string, kinds: Iterable<string>): void => {
    exported.set(name, new Set([...(exported.get(name) ?? []), ...kinds]));
  };
  const follow = (specifier: string): Kinds =>
    // A new set for each: two files may pass on the same third one.
    specifier.startsWith(".") ? collect(declarationFile(file, specifier), new Set(visited)) : new Map();

  for (const [name, { kinds, isExported }] of declared) if (isExported) add(name, kinds);
  if (/^export default /m.test(text)) add("default", ["value"]);
  for (const [, namespace, specifier = ""] of text.matchAll(
    /^export \*(?: as (\w+))? from ["']([^"']+)["']/gm,
  )) {
    if (namespace) add(namespace, ["namespace"]);
    else for (const [name, kinds] of follow(specifier)) if (name !== "default") add(name, kinds);
  }
  const lists = text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from ["']([^"']+)["'])?/gm);
  for (const [, list = "", specifier] of lists) {
    const there = specifier === undefined ? undefined : follow(specifier);
    for (const { local, name } of parseList(list)) {
      const imported = there ? undefined : importOf(text, local);
      const kinds =
        there?.get(local) ??
        declared.get(local)?.kinds ??
        (imported && follow(imported.specifier).get(imported.name)) ??
        new Set([specifier ? `from ${specifier}` : "unknown"]);
      add(name, kinds);
    }
  }
  return exported;
}

interface Declared {
  readonly kinds: Set<string>;
  readonly isExported: boolean;
}

function declarations(text: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  const form =
    /^(export )?(?:default )?(?:declare )?(?:abstract )?(const|let|var|function\*?|class|interface|type|enum|namespace) ([\w$]+)/gm;
  for (const [, exported, kind = "", name = ""] of text.matchAll(form)) {
    const kinds = found.get(name)?.kinds ?? new Set();
    found.set(name, { kinds: kinds.add(kind), isExported: exported !== undefined });
  }
  return found;
}

function importOf(text: string, local: string): { name: string; specifier: string } | undefined {
  for (const [, list = "", specifier = ""] of text.matchAll(
    /^import (?:type )?\{([^}]*)\} from ["']([^"']+)["']/gm,
  )) {
    const entry = parseList(list).find(({ name }) => name === local);
    if (entry) return { name: entry.local, specifier };
  }
  return undefined;
}

function parseList(list: string): { local: string; name: string }[] {
  return list
    .split(",")
    .map((entry) => entry.trim().replace(/^type /, ""))
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [local = "", name = local] = entry.split(" as ");
      return { local, name };
    });
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "");
}

function declarationFile(from: string, specifier: string): string {
  return resolve(dirname(from), specifier.replace(/\.(js|ts)$/, ".d.ts"));
}
