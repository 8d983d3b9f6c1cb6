import { type Choice, fittingChoices } from "./completion.ts";
import type { MessageRow } from "./message-book.ts";

/** The words of a filter as they are written, quotes and all; blanks within quotes do not part them. */
export function wordsOf(filter: string): readonly string[] {
  return filter.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g) ?? [];
}

/** Adds a word to a filter, or takes it out where it is there. */
export function toggleWord(filter: string, word: string): string {
  const words = wordsOf(filter);
  return (words.includes(word) ? words.filter((other) => other !== word) : [...words, word]).join(" ");
}

/** A value as it must be written after `=`, with quotes where it needs them. */
export function quoted(value: string): string {
  return /[\s"|=:<>~!*\\]/.test(value) || value === "" ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

/** What was seen in messages lately: what a filter may be about. */
export interface Seen {
  /** Names of messages, the most frequent first. */
  readonly names: readonly string[];
  readonly senders: readonly string[];
  readonly handlers: readonly string[];
  /** Values by parameter, the latest first. */
  readonly params: ReadonlyMap<string, readonly string[]>;
}

/** What the latest messages hold. */
export function seenIn(rows: readonly MessageRow[], latest = 400): Seen {
  const names = new Map<string, number>();
  const senders = new Set<string>();
  const handlers = new Set<string>();
  const params = new Map<string, Set<string>>();
  for (const { record } of rows.slice(-latest).reverse()) {
    names.set(record.name, (names.get(record.name) ?? 0) + 1);
    if (record.sender) senders.add(record.sender);
    for (const { name } of record.steps) handlers.add(name);
    for (const [name, value] of record.params) {
      const values = params.get(name) ?? new Set();
      params.set(name, values);
      if (values.size < 30 && value.length <= 60) values.add(value);
    }
  }
  return {
    names: [...names].sort((a, b) => b[1] - a[1]).map(([name]) => name),
    senders: [...senders],
    handlers: [...handlers],
    params: new Map([...params].map(([name, values]) => [name, [...values]])),
  };
}

/** What may take the place of a part of a text. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly choices: readonly Choice[];
}

const fields: readonly Choice[] = [
  { value: "id=", about: "messages about that channel" },
  { value: "call:", about: "messages about that channel, or call by billing id" },
  { value: "from:", about: "sent by that app" },
  { value: "by:", about: "that this module or app was asked to handle" },
  { value: "has:", about: "with that parameter" },
  { value: "handled:true", about: "that somebody handled" },
  { value: "handled:false", about: "that nobody handled" },
  { value: "failed:true", about: "of which a handler threw or gave no answer in time" },
  { value: "took>10", about: "that took longer, in milliseconds" },
  { value: "queued>10", about: "that waited longer in the queue, in milliseconds" },
  { value: "ret:", about: "with that return value" },
  { value: "name:", about: "of that name" },
];

/**
 * What fits the word at the cursor: names of messages, fields, parameters, and after their operator what was seen as their value.
 *
 * @param names all names that the catalogue knows, with what they are
 */
export function filterCompletion(
  filter: string,
  cursor: number,
  seen: Seen,
  names: readonly Choice[],
): Completion {
  let from = cursor;
  while (from > 0 && !/[\s|]/.test(filter[from - 1] ?? "")) from--;
  let to = cursor;
  while (to < filter.length && !/[\s|]/.test(filter[to] ?? "")) to++;
  if (filter[from] === "-" && cursor > from) from++;
  const typed = filter.slice(from, cursor);
  const [, name = "", operator = ""] = /^([\w.-]+)(!=|~=|[=:])/.exec(typed) ?? [];
  if (!operator) {
    const about = new Map(names.map((choice) => [choice.value, choice]));
    const all = [
      ...seen.names.map((value) => about.get(value) ?? { value, about: "" }),
      ...names.filter(({ value }) => !seen.names.includes(value)),
      ...fields,
      ...[...seen.params.keys()]
        .filter((key) => key !== "id")
        .map((key) => ({ value: `${key}=`, about: "a parameter" })),
    ];
    // Before anything is typed, the fields tell what a filter can be at all.
    return {
      from,
      to,
      choices: fittingChoices(
        typed === "" ? [...fields, ...all.filter((choice) => !fields.includes(choice))] : all,
        typed,
        40,
      ),
    };
  }
  const start = from + name.length + operator.length;
  const values = valuesFor(name, operator, seen, names);
  return { from: start, to, choices: fittingChoices(values, filter.slice(start, cursor), 40) };
}

function valuesFor(name: string, operator: string, seen: Seen, names: readonly Choice[]): readonly Choice[] {
  const plain = (values: readonly string[]): readonly Choice[] =>
    values.map((value) => ({ value: quoted(value), about: "" }));
  if (operator !== ":") return plain(seen.params.get(name) ?? []);
  switch (name) {
    case "name":
      return [...plain(seen.names), ...names.filter(({ value }) => !seen.names.includes(value))];
    case "from":
      return plain(seen.senders);
    case "by":
      return plain(seen.handlers);
    case "has":
      return plain([...seen.params.keys()]);
    case "call":
      return plain([...(seen.params.get("billid") ?? []), ...(seen.params.get("id") ?? [])]);
    case "handled":
    case "failed":
      return plain(["true", "false"]);
    default:
      return [];
  }
}
