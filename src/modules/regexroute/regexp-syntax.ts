/** A POSIX regular expression as a tree. */
export type RegexpNode =
  | {
      readonly kind: "set";
      readonly ranges: readonly (readonly [from: number, to: number])[];
      readonly negated: boolean;
    }
  | { readonly kind: "sequence"; readonly nodes: readonly RegexpNode[] }
  | { readonly kind: "choice"; readonly nodes: readonly RegexpNode[] }
  | { readonly kind: "repeat"; readonly node: RegexpNode; readonly min: number; readonly max: number }
  | { readonly kind: "group"; readonly index: number; readonly node: RegexpNode }
  | {
      readonly kind: "at";
      readonly place: "start" | "end" | "word-start" | "word-end" | "boundary" | "inside";
    };

/** An expression that cannot be read; the text says why, without naming the expression. */
export class RegexpError extends Error {}

type Range = readonly [number, number];

const code = (text: string): number => text.codePointAt(0) ?? 0;
const span = (from: string, to: string): Range => [code(from), code(to)];
const digits = [span("0", "9")];
const upper = [span("A", "Z")];
const lower = [span("a", "z")];
const alnum = [...digits, ...upper, ...lower];
const word = [...alnum, span("_", "_")];
const space = [span("\t", "\r"), span(" ", " ")];
const punct = [span("!", "/"), span(":", "@"), span("[", "`"), span("{", "~")];

const classes: Readonly<Record<string, readonly Range[]>> = {
  alnum,
  alpha: [...upper, ...lower],
  blank: [span(" ", " "), span("\t", "\t")],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: digits,
  graph: [span("!", "~")],
  lower,
  print: [span(" ", "~")],
  punct,
  space,
  upper,
  xdigit: [...digits, span("A", "F"), span("a", "f")],
};

/** Escapes that GNU's library adds to both kinds of expression. */
const gnuSets: Readonly<Record<string, { ranges: readonly Range[]; negated: boolean }>> = {
  w: { ranges: word, negated: false },
  W: { ranges: word, negated: true },
  s: { ranges: space, negated: false },
  S: { ranges: space, negated: true },
};
const gnuPlaces: Readonly<Record<string, (RegexpNode & { kind: "at" })["place"]>> = {
  "`": "start",
  "'": "end",
  "<": "word-start",
  ">": "word-end",
  b: "boundary",
  B: "inside",
};

/** Largest count in an interval: RE_DUP_MAX of the C library. */
const maxInterval = 32_767;

/**
 * Reads a POSIX expression, basic or extended, with GNU's additions (`\+ \? \|` in basic ones, `\w \s \b \<`…).
 * Characters are Unicode's, classes are those of the C locale. Back-references inside an expression are refused: they
 * cannot be matched in linear time.
 * @throws RegexpError
 */
export function parseRegexp(
  source: string,
  extended: boolean,
): { readonly node: RegexpNode; readonly groups: number } {
  const chars = [...source];
  let at = 0;
  let groups = 0;
  let depth = 0;

  const fail = (what: string): never => {
    throw new RegexpError(what);
  };
  /** True, and past it, when the next thing is the operator: bare in extended expressions, escaped in basic ones. */
  const isOperator = (operator: string): boolean =>
    extended ? chars[at] === operator : chars[at] === "\\" && chars[at + 1] === operator;
  const takeOperator = (operator: string): boolean => {
    if (!isOperator(operator)) return false;
    at += extended ? 1 : 2;
    return true;
  };

  const choice = (): RegexpNode => {
    const nodes = [sequence()];
    while (takeOperator("|")) nodes.push(sequence());
    return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: "choice", nodes };
  };

  const sequence = (): RegexpNode => {
    const nodes: RegexpNode[] = [];
    while (at < chars.length && !isOperator("|")) {
      if (isOperator(")") && (depth > 0 || !extended)) {
        if (depth === 0) fail("unmatched \\)");
        break;
      }
      const node = atom(nodes.length === 0);
      // A place cannot be repeated: what follows it is read as if it stood first.
      nodes.push(node.kind === "at" ? node : repeated(node));
    }
    return { kind: "sequence", nodes };
  };

  const repeated = (first: RegexpNode): RegexpNode => {
    let node = first;
    for (;;) {
      const again = node !== first && !extended && (chars[at] === "*" || isOperator("{"));
      if (again) fail("what is repeated already cannot be repeated again");
      if (chars[at] === "*") {
        at++;
        node = { kind: "repeat", node, min: 0, max: Number.POSITIVE_INFINITY };
      } else if (takeOperator("+")) node = { kind: "repeat", node, min: 1, max: Number.POSITIVE_INFINITY };
      else if (takeOperator("?")) node = { kind: "repeat", node, min: 0, max: 1 };
      else if (takeOperator("{")) node = { kind: "repeat", node, ...interval() };
      else return node;
    }
  };

  const interval = (): { min: number; max: number } => {
    const end = chars.indexOf(extended ? "}" : "\\", at);
    if (end < 0) fail("unmatched { of an interval");
    const [, from, comma, to] =
      /^(\d*)(,?)(\d*)$/.exec(chars.slice(at, end).join("")) ?? fail("invalid interval");
    at = end;
    if (!takeOperator("}")) fail("invalid interval");
    if (!from && !comma) fail("invalid interval");
    const min = Number(from || 0);
    const max = to ? Number(to) : comma ? Number.POSITIVE_INFINITY : min;
    if (min > max || min > maxInterval || (max !== Number.POSITIVE_INFINITY && max > maxInterval))
      fail("invalid interval");
    return { min, max };
  };

  const atom = (first: boolean): RegexpNode => {
    const char = chars[at++] ?? "";
    switch (char) {
      case ".":
        return { kind: "set", ranges: [], negated: true };
      case "[":
        return bracket();
      case "^":
        if (extended || first) return { kind: "at", place: "start" };
        return literal(char);
      case "$":
        if (extended || at === chars.length || isOperator(")") || isOperator("|"))
          return { kind: "at", place: "end" };
        return literal(char);
      case "*":
        if (extended) fail("nothing stands before * that could be repeated");
        return literal(char);
      case "\\":
        return escaped();
      default:
        if (extended && "+?{".includes(char)) fail(`nothing stands before ${char} that could be repeated`);
        if (extended && char === "(") return group();
        return literal(char);
    }
  };

  const group = (): RegexpNode => {
    const index = ++groups;
    if (++depth > 100) fail("groups are nested too deeply");
    const node = choice();
    if (!takeOperator(")")) fail("unmatched ( of a group");
    depth--;
    return { kind: "group", index, node };
  };

  const escaped = (): RegexpNode => {
    const char = chars[at++] ?? fail("a backslash at the end");
    if (!extended && char === "(") return group();
    if (!extended && char === "{") fail("nothing stands before \\{ that could be repeated");
    if (/[1-9]/.test(char)) fail(`back-references such as \\${char} are not supported inside an expression`);
    const set = gnuSets[char];
    if (set) return { kind: "set", ...set };
    const place = gnuPlaces[char];
    return place ? { kind: "at", place } : literal(char);
  };

  const bracket = (): RegexpNode => {
    const negated = chars[at] === "^";
    if (negated) at++;
    const ranges: Range[] = [];
    for (let first = true; ; first = false) {
      if (at >= chars.length) fail("unmatched [");
      if (chars[at] === "]" && !first) break;
      const name = named(":");
      if (name !== undefined) {
        ranges.push(...(classes[name] ?? fail(`there is no class [:${name}:]`)));
        continue;
      }
      const equivalent = named("=");
      if (equivalent !== undefined) {
        const only = single(equivalent);
        ranges.push([only, only]);
        continue;
      }
      const from = element();
      if (chars[at] !== "-" || chars[at + 1] === "]" || at + 1 >= chars.length) {
        ranges.push([from, from]);
        continue;
      }
      at++;
      if (chars[at] === "[" && (chars[at + 1] === ":" || chars[at + 1] === "="))
        fail("a class cannot end a range");
      const to = element();
      if (to < from) fail("a range goes backwards");
      ranges.push([from, to]);
      if (chars[at] === "-" && chars[at + 1] !== "]") fail("a range cannot begin where another ends");
    }
    at++;
    return { kind: "set", ranges, negated };
  };

  /** One character of a bracket, plain or as `[.x.]`. */
  const element = (): number => {
    const collating = named(".");
    return collating === undefined ? code(chars[at++] ?? "") : single(collating);
  };

  const named = (mark: string): string | undefined => {
    if (chars[at] !== "[" || chars[at + 1] !== mark) return undefined;
    let end = at + 3;
    while (end < chars.length && !(chars[end] === mark && chars[end + 1] === "]")) end++;
    if (end >= chars.length) fail(`unmatched [${mark}`);
    const name = chars.slice(at + 2, end).join("");
    at = end + 2;
    return name;
  };

  const single = (text: string): number => {
    if ([...text].length !== 1) fail(`there is no character named ${text}`);
    return code(text);
  };

  const literal = (char: string): RegexpNode => ({
    kind: "set",
    ranges: [[code(char), code(char)]],
    negated: false,
  });

  const node = choice();
  if (at < chars.length) fail("unmatched )");
  return { node, groups };
}
