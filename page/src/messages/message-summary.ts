import type { MessageRecord, Pairs } from "../../../src/trace/index.ts";

/** Parameters that say most about a message, the most telling first. */
const telling: readonly string[] = [
  "id",
  "targetid",
  "peerid",
  "caller",
  "called",
  "callto",
  "text",
  "operation",
  "status",
  "reason",
  "error",
  "username",
  "account",
  "registrar",
  "module",
  "source",
  "line",
  "direction",
  "address",
  "format",
  "event",
  "component",
  "time",
];

const rank = new Map(telling.map((name, i) => [name, i]));

/** A value as a row has room for it. */
const valueLength = 48;

/** The few parameters that tell one message from another, the most telling first; values are cut. */
export function mainParams(params: Pairs, most = 6): Pairs {
  return params
    .map((pair, i) => ({ pair, order: rank.get(pair[0]) ?? telling.length + i }))
    .filter(({ pair: [name, value] }) => value !== "" && name !== "handlers")
    .sort((a, b) => a.order - b.order)
    .slice(0, most)
    .map(({ pair: [name, value] }) => [name, shorten(value, valueLength)] as const);
}

function shorten(value: string, length: number): string {
  const line = value.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Who handled it; "" when nobody did, `?` when the engine does not tell. */
export function takenBy(record: MessageRecord): string {
  const step = record.steps.findLast(({ handled }) => handled === true);
  if (step) return step.name;
  if (!record.handled) return "";
  const last = record.steps.at(-1);
  return last && last.handled === undefined ? last.name : "?";
}

/** Who sent it, in words. */
export function sentBy(record: MessageRecord): string {
  return record.sender || "engine";
}

/** A step that threw or gave no answer in time; undefined when all went well. */
export function failure(record: MessageRecord): string | undefined {
  const step = record.steps.find(({ failed }) => failed !== undefined);
  return step && `${step.name}: ${step.failed}`;
}

/** Known parameters that one may want to send, the most telling first: without results, and what stands for others. */
export function sendableParams<T extends { readonly name: string; readonly about: string }>(
  known: readonly T[],
): readonly T[] {
  return known
    .map((param, i) => ({ param, order: rank.get(param.name) ?? telling.length + i }))
    .filter(
      ({ param: { name, about } }) => name !== "handlers" && name !== "PARAM" && !about.startsWith("Result"),
    )
    .sort((a, b) => a.order - b.order)
    .map(({ param }) => param);
}
