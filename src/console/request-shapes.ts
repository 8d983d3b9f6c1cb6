import type { Requests } from "./protocol.ts";

/** What a value is found to be wrong in; undefined when it fits. */
type Shape = (value: unknown) => boolean;

const text: Shape = (value) => typeof value === "string" && value.length <= 4096;
const long: Shape = (value) => typeof value === "string";
const flag: Shape = (value) => typeof value === "boolean";
const number: Shape = (value) => typeof value === "number" && Number.isFinite(value);
const whole: Shape = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const maybe =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));
const one =
  (...values: readonly string[]): Shape =>
  (value) =>
    values.some((known) => known === value);
const list =
  (shape: Shape, most: number): Shape =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(shape);
const object =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, shape]) => shape(value[name]));

const pair: Shape = (value) => Array.isArray(value) && value.length === 2 && value.every(long);
const pairs = list(pair, 1000);
const session: Shape = (value) => typeof value === "string" && /^[\w-]{8,64}$/.test(value);
const share: Shape = (value) => number(value) && Number(value) >= 0 && Number(value) <= 1;
const ms: Shape = (value) => number(value) && Number(value) >= 0 && Number(value) <= 600_000;
const weather = object({
  seed: number,
  loss: share,
  burst: (value) => number(value) && Number(value) >= 1,
  delayMs: ms,
  jitterMs: ms,
  mute: one("none", "in", "out"),
  keys: one("message", "rfc4733", "inband"),
});
const rate: Shape = (value) => value === 8000 || value === 16_000;
const topic = either(
  object({ topic: one("phone", "calls", "engine", "app") }),
  object({ topic: one("messages"), filter: text, backlog: whole }),
  object({ topic: one("call"), call: text }),
);

/** What a page may send with each request: what comes over a wire is no type yet. */
const shapes: { readonly [D in keyof Requests]: { readonly [K in keyof Requests[D]["params"]]-?: Shape } } = {
  hello: { session, viewOnly: maybe(flag) },
  follow: { topics: list(topic, 64) },
  "phone.number": { number: text },
  "phone.dial": { to: text, as: maybe(text), rateHz: maybe(rate) },
  "phone.answer": { line: whole, rateHz: maybe(rate) },
  "phone.hangup": { line: whole, reason: maybe(text) },
  "phone.select": { line: whole },
  "phone.hold": { line: whole, on: flag },
  "phone.key": { line: whole, key: text, ms: maybe(ms) },
  "phone.transfer": { line: whole, to: either(text, whole) },
  "phone.weather": { line: maybe(whole), weather },
  "phone.say": { line: whole, name: text, sound: long },
  "phone.cut": { what: text, ms },
  "calls.past": { search: maybe(text), before: maybe(number), limit: maybe(whole) },
  "call.records": { call: text },
  "call.export": { call: text },
  "sound.keep": { call: maybe(text), on: flag },
  "sound.get": { call: text, channel: text },
  "messages.clear": {},
  "message.send": { name: text, params: pairs, retvalue: maybe(long), enqueue: maybe(flag) },
  "route.try": { called: text, caller: maybe(text), more: maybe(pairs) },
};

/** A request as it may be answered. */
export type CheckedRequest = {
  readonly [D in keyof Requests]: {
    readonly id: number;
    readonly do: D;
    readonly with: Requests[D]["params"];
  };
}[keyof Requests];

/** A frame that cannot be answered as asked; with the `id` of the request, if it has one. */
export interface Unfit {
  readonly id: number | undefined;
  readonly fault: string;
}

/** Reads a text frame of a page. */
export function readRequest(frame: string): CheckedRequest | Unfit {
  let asked: unknown;
  try {
    asked = JSON.parse(frame);
  } catch {
    return { id: undefined, fault: "a text frame must be JSON" };
  }
  if (!isObject(asked) || !Number.isSafeInteger(asked.id))
    return { id: undefined, fault: "a request must be an object with a whole number as its id" };
  const { id, do: name, with: params } = asked;
  const unfit = (fault: string): Unfit => ({ id: Number(id), fault });
  if (typeof name !== "string" || !Object.hasOwn(shapes, name))
    return unfit(`there is no request ${typeof name === "string" ? name.slice(0, 64) : ""}`.trimEnd());
  if (!isObject(params)) return unfit(`${name} needs an object in "with"`);
  const wanted: Readonly<Record<string, Shape>> = shapes[name as keyof Requests];
  const wrong = Object.entries(wanted).find(([field, shape]) => !shape(params[field]));
  if (wrong) return unfit(`${name} cannot use its ${wrong[0]}`);
  return { id: Number(id), do: name, with: params } as unknown as CheckedRequest;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
