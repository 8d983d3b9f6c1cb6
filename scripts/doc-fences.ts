/** A TypeScript fence of a documentation page or of a TSDoc comment. */
export interface Fence {
  /** Line of its first line of code, counted from 1. */
  readonly line: number;
  readonly mode: "check" | "run" | "skip";
  readonly code: string;
}

/** The fences of a text and what is wrong with their marks, as `line: complaint`. */
export interface Fences {
  readonly fences: Fence[];
  readonly complaints: string[];
}

/**
 * Finds the ```ts fences of a Markdown text. The words after `ts` say what to do with one: nothing (type-check
 * it), `run` (and execute it), `no-check WHY` (leave it alone). Any other mark is a complaint, so that
 * a slip of the pen does not switch a check off.
 */
export function findFences(markdown: string): Fences {
  const fences: Fence[] = [];
  const complaints: string[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[at] ?? "");
    if (!opening) continue;
    const [, indent = "", ticks = "", info = ""] = opening;
    const body: string[] = [];
    const line = at + 2;
    const isEnd = (text: string): boolean => text.trim().startsWith(ticks) && /^[`~]+$/.test(text.trim());
    for (at++; at < lines.length && !isEnd(lines[at] ?? ""); at++) {
      const text = lines[at] ?? "";
      body.push(text.startsWith(indent) ? text.slice(indent.length) : text.trimStart());
    }
    if (at === lines.length) complaints.push(`${line - 1}: this fence has no end`);
    const [language, mark, ...why] = info.split(/\s+/);
    if (language !== "ts" && language !== "typescript") continue;
    const code = body.join("\n");
    if (mark === undefined) fences.push({ line, mode: "check", code });
    else if (mark === "run" && why.length === 0) fences.push({ line, mode: "run", code });
    else if (mark === "no-check" && why.length > 0) fences.push({ line, mode: "skip", code });
    else if (mark === "no-check") complaints.push(`${line - 1}: "no-check" needs a reason after it`);
    else complaints.push(`${line - 1}: unknown mark "${info}"; there are: ts, ts run, ts no-check WHY`);
  }
  return { fences, complaints };
}

/** The fences in the TSDoc comments of a TypeScript source; everything else in it counts as blank. */
export function findCommentFences(source: string): Fences {
  let inside = false;
  const kept = source.split(/\r?\n/).map((line) => {
    if (!inside && !/^\s*\/\*\*/.test(line)) return "";
    inside = !line.includes("*/");
    return line.replace(/^\s*(\/\*\*|\*(?!\/)) ?/, "").replace(/\s*\*\/.*$/, "");
  });
  return findFences(kept.join("\n"));
}
