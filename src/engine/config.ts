import { YaytsError } from "../base/index.ts";

/** One section: keys in the order of the file; a key may repeat. */
export interface ConfigSection {
  readonly name: string;
  readonly entries: readonly { readonly key: string; readonly value: string; readonly line: number }[];
  /** The last value of that key. */
  get(key: string): string | undefined;
}

/** A configuration file of the reference engine's kind: `[section]` headings and `key=value` lines. */
export interface ConfigFile {
  readonly sections: readonly ConfigSection[];
  section(name: string): ConfigSection | undefined;
}

export const emptyConfig: ConfigFile = { sections: [], section: () => undefined };

/**
 * Reads a configuration file. Lines that begin with `;` or `#` are comments, blanks around names and values go, a
 * backslash at the end joins the next line. A section that comes twice goes on where it was.
 * @param source names the file in errors
 * @throws YaytsError `config-invalid` with the line: an entry before any section, or a heading without its bracket
 */
export function parseConfig(text: string, source: string): ConfigFile {
  const sections = new Map<string, { key: string; value: string; line: number }[]>();
  let entries: { key: string; value: string; line: number }[] | undefined;
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const number = at + 1;
    let line = lines[at] ?? "";
    while (line.endsWith("\\") && at + 1 < lines.length)
      line = line.slice(0, -1) + (lines[++at] ?? "").trimStart();
    line = line.trim();
    if (line === "" || line.startsWith(";") || line.startsWith("#")) continue;
    const bad = (what: string): never => {
      throw new YaytsError("config-invalid", `${source}:${number}: ${what}: ${JSON.stringify(line)}`);
    };
    if (line.startsWith("[")) {
      if (!line.endsWith("]")) bad("a section heading needs its closing bracket");
      const name = line.slice(1, -1).trim();
      entries = sections.get(name) ?? [];
      sections.set(name, entries);
      continue;
    }
    if (!entries) return bad("this stands before any [section]");
    const equals = line.indexOf("=");
    const key = equals < 0 ? line : line.slice(0, equals).trim();
    entries.push({ key, value: equals < 0 ? "" : line.slice(equals + 1).trim(), line: number });
  }
  const list = [...sections].map(
    ([name, found]): ConfigSection => ({
      name,
      entries: found,
      get: (key) => found.findLast((entry) => entry.key === key)?.value,
    }),
  );
  return { sections: list, section: (name) => list.find((section) => section.name === name) };
}
