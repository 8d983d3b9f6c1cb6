import { type MessagePoint, type MessageRecord, type Pairs, shortSound } from "../../../src/trace/index.ts";

/** Parameters that say what a message is about, the most telling first. */
const telling: readonly string[] = [
  "text",
  "source",
  "consumer",
  "called",
  "caller",
  "callto",
  "reason",
  "error",
  "message",
  "operation",
  "username",
  "account",
  "registrar",
  "line",
];

/** Parameters that say whom it is about. */
const naming: readonly string[] = ["id", "targetid", "peerid"];

/** Parameters that say something, too. */
const describing: readonly string[] = [
  "status",
  "module",
  "direction",
  "address",
  "format",
  "event",
  "component",
  "time",
];

const ranked = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, i) => [name, i]));
const rankToShow = ranked([...telling, ...naming, ...describing]);
const rankToSend = ranked([...naming, ...telling, ...describing]);

/** A value as a row has room for it. */
const valueLength = 48;

/**
 * The few parameters that tell one message from another beside its point, the most telling first; values are cut. What the point says
 * is not said again.
 */
export function mainParams(params: Pairs, point: Pick<MessagePoint, "text" | "masquerade">, most = 5): Pairs {
  const said = (name: string, value: string): boolean =>
    (name === "message" && point.masquerade) || point.text.includes(shortSound(value));
  return params
    .map((pair, i) => ({ pair, order: rankToShow.get(pair[0]) ?? rankToShow.size + i }))
    .filter(({ pair: [name, value] }) => value !== "" && name !== "handlers" && !said(name, value))
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
    .map((param, i) => ({ param, order: rankToSend.get(param.name) ?? rankToSend.size + i }))
    .filter(
      ({ param: { name, about } }) => name !== "handlers" && name !== "PARAM" && !about.startsWith("Result"),
    )
    .sort((a, b) => a.order - b.order)
    .map(({ param }) => param);
}
