import { type FilterProblem, type FilterWord, splitFilter } from "./filter-tokens.ts";
import { channelParams, paramOf } from "./message-words.ts";
import type { MessageRecord } from "./records.ts";

export type { FilterProblem } from "./filter-tokens.ts";

/** Tells whether a message is wanted. */
export type MessagePredicate = (record: MessageRecord) => boolean;

export type ParsedFilter =
  | { readonly ok: true; readonly fits: MessagePredicate; readonly all: boolean }
  | ({ readonly ok: false } & FilterProblem);

/**
 * Compiles a filter of messages. Words are separated by blanks; a message must fit all of them.
 *
 * | word | fits |
 * |---|---|
 * | `chan.dtmf`, `call.*` | messages of that name, or renamed to it; `*` stands for anything |
 * | `hello`, `"two words"` | messages with that text in name, sender, return value, a parameter or who handled it; case is not minded |
 * | `name:call.*`, `from:app-1`, `ret:tone/*` | by name, sender, return value |
 * | `by:regexroute` | messages that this module or app was asked to handle |
 * | `call:sip/1` | messages about that channel or billing id |
 * | `has:caller` | messages with that parameter |
 * | `handled:true`, `handled:false` | |
 * | `failed:true` | messages of which a handler threw or gave no answer in time |
 * | `took>10`, `queued>=5` | by time in milliseconds; engines that do not tell it have none that fit |
 * | `id=sip/1`, `called=12*` | by a parameter; `*` stands for anything |
 * | `reason!=busy` | parameter is another, or absent |
 * | `called~=^1[0-9]+$` | parameter fits a regular expression |
 * | `duration>30` | parameter is a number and more: `>`, `>=`, `<`, `<=` |
 * | `-word` | messages that the word does not fit |
 * | `a\|b` | one of both; binds closer than the blank. Not after `~=`, where it belongs to the expression |
 *
 * Quotes take the meaning from blanks and operators: `reason="no answer"`. The empty filter fits all.
 */
export function parseFilter(filter: string): ParsedFilter {
  const groups = splitFilter(filter);
  if ("position" in groups) return { ok: false, text: groups.text, position: groups.position };
  const all: MessagePredicate[] = [];
  for (const words of groups) {
    const some: MessagePredicate[] = [];
    for (const word of words) {
      const fits = compileWord(word);
      if (typeof fits !== "function") return { ok: false, ...fits };
      some.push(fits);
    }
    const [only] = some;
    all.push(some.length === 1 && only ? only : (record) => some.some((fits) => fits(record)));
  }
  return { ok: true, all: all.length === 0, fits: (record) => all.every((fits) => fits(record)) };
}

function compileWord(word: FilterWord): MessagePredicate | FilterProblem {
  if (word.text.startsWith("-") && word.quoted[0] === false) {
    if (word.text.length === 1) return { text: "a - needs a word after it", position: word.position };
    const fits = compilePositive({
      text: word.text.slice(1),
      quoted: word.quoted.slice(1),
      position: word.position + 1,
    });
    return typeof fits === "function" ? (record) => !fits(record) : fits;
  }
  return compilePositive(word);
}

/** The first operator outside quotes, after at least one character. */
function operatorOf({
  text,
  quoted,
}: FilterWord): { readonly at: number; readonly operator: string } | undefined {
  for (let at = 1; at < text.length; at++) {
    if (quoted[at]) continue;
    const operator = /^(?:!=|~=|>=|<=|=|>|<|:)/.exec(text.slice(at, at + 2))?.[0];
    if (operator !== undefined) return { at, operator };
  }
  return undefined;
}

function compilePositive(word: FilterWord): MessagePredicate | FilterProblem {
  const { text, position } = word;
  const found = operatorOf(word);
  if (found) {
    const name = text.slice(0, found.at);
    const value = text.slice(found.at + found.operator.length);
    const valuePosition = position + found.at + found.operator.length;
    if (found.operator === ":") return compileField(name, value, word, valuePosition);
    return compileParam(name, found.operator, value, valuePosition);
  }
  const quoted = word.quoted.some(Boolean);
  if (!quoted && (/^[a-z][\w-]*(?:\.[\w*-]+)+$/i.test(text) || /^[\w.*-]*\*[\w.*-]*$/.test(text))) {
    return byName(text);
  }
  return freeText(text);
}

/** Fields by their names: each makes a predicate of the value, undefined when it cannot be one. */
const fields: Readonly<Record<string, (value: string) => MessagePredicate | undefined>> = {
  name: byName,
  from(value) {
    const fits = glob(value);
    return (record) => fits(record.sender);
  },
  ret(value) {
    const fits = glob(value);
    return (record) => fits(record.retvalue);
  },
  by(value) {
    const fits = glob(value);
    return (record) => record.steps.some((step) => fits(step.name));
  },
  call: (value) => (record) => channelParams.some((name) => paramOf(record, name) === value),
  has: (value) => (record) => paramOf(record, value) !== undefined,
  handled: truth((record) => record.handled),
  failed: truth((record) => record.steps.some((step) => step.failed !== undefined)),
};

function compileField(
  name: string,
  value: string,
  word: FilterWord,
  valuePosition: number,
): MessagePredicate | FilterProblem {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  // `sip:100@host` and `127.0.0.1:5060` are searched for as they stand.
  if (!field) {
    if (/^[a-z]{2,}$/i.test(name) && !/^(?:sips?|tel|https?|tcp|tls|udp|unix|wss?)$/i.test(name))
      return {
        text: `there is no field ${name}; there are ${Object.keys(fields).join(", ")}. A parameter is written ${name}=${value}`,
        position: word.position,
      };
    return freeText(word.text);
  }
  if (value === "") return { text: `${name}: needs a value`, position: valuePosition };
  return field(value) ?? { text: `${name}: takes true or false`, position: valuePosition };
}

function compileParam(
  name: string,
  operator: string,
  value: string,
  position: number,
): MessagePredicate | FilterProblem {
  switch (operator) {
    case "=": {
      const fits = glob(value);
      return (record) => fits(paramOf(record, name) ?? "");
    }
    case "!=": {
      const fits = glob(value);
      return (record) => !fits(paramOf(record, name) ?? "");
    }
    case "~=": {
      let pattern: RegExp;
      try {
        pattern = new RegExp(value, "u");
      } catch (error) {
        return { text: error instanceof Error ? error.message : String(error), position };
      }
      return (record) => {
        const text = paramOf(record, name);
        return text !== undefined && pattern.test(text);
      };
    }
    default:
      return compileNumber(name, operator, value, position);
  }
}

const numbers: Readonly<Record<string, (record: MessageRecord) => number | undefined>> = {
  took: (record) => record.tookMs,
  queued: (record) => record.queuedMs,
};

function compileNumber(
  name: string,
  operator: string,
  value: string,
  position: number,
): MessagePredicate | FilterProblem {
  const limit = Number(value);
  if (value.trim() === "" || !Number.isFinite(limit))
    return { text: `${name}${operator} needs a number, not ${value === "" ? "nothing" : value}`, position };
  const own = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  const read =
    own ??
    ((record: MessageRecord): number | undefined => {
      const text = paramOf(record, name);
      const number = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
      return Number.isNaN(number) ? undefined : number;
    });
  const compare: (number: number) => boolean =
    operator === ">"
      ? (number) => number > limit
      : operator === ">="
        ? (number) => number >= limit
        : operator === "<"
          ? (number) => number < limit
          : (number) => number <= limit;
  return (record) => {
    const number = read(record);
    return number !== undefined && compare(number);
  };
}

/** The name that it was sent with, or one that a handler gave it. */
function byName(name: string): MessagePredicate {
  const fits = glob(name);
  return (record) =>
    fits(record.name) || record.steps.some(({ renamed }) => renamed !== undefined && fits(renamed));
}

function truth(read: MessagePredicate): (value: string) => MessagePredicate | undefined {
  return (value) => {
    if (/^(?:true|yes|1)$/i.test(value)) return read;
    if (/^(?:false|no|0)$/i.test(value)) return (record) => !read(record);
    return undefined;
  };
}

function freeText(text: string): MessagePredicate {
  const wanted = text.toLowerCase();
  const holds = (value: string): boolean => value.toLowerCase().includes(wanted);
  return (record) =>
    holds(record.name) ||
    holds(record.sender) ||
    holds(record.retvalue) ||
    record.params.some(([name, value]) => holds(value) || holds(name)) ||
    record.steps.some((step) => holds(step.name));
}

/** `*` stands for anything, all else for itself. */
function glob(text: string): (value: string) => boolean {
  if (!text.includes("*")) return (value) => value === text;
  const source = text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*");
  const pattern = new RegExp(`^${source}$`, "s");
  return (value) => pattern.test(value);
}
