import type { Pairs } from "../../../src/trace/index.ts";

/** A message as somebody composed it, to be sent. */
export interface ComposedMessage {
  readonly name: string;
  readonly params: Pairs;
  readonly retvalue: string;
  /** Not dispatched but enqueued: nobody waits for its result. */
  readonly enqueue: boolean;
}

const plainName = /^[A-Za-z_$][\w$]*$/;
/** JavaScript moves such names to the front of an object. */
const wholeNumber = /^\d+$/;

/** The line of an app that sends the same message. */
export function yaytsCode({ name, params, retvalue, enqueue }: ComposedMessage): string {
  const pairs = params.filter(([key]) => key !== "");
  const args = [JSON.stringify(name)];
  if (pairs.length > 0) args.push(fitsObject(pairs) ? objectOf(pairs) : listOf(pairs));
  else if (retvalue) args.push("{}");
  if (retvalue) args.push(JSON.stringify(retvalue));
  const message = `yate.msg(${args.join(", ")})`;
  return enqueue ? `${message}.enqueue();` : `await ${message}.dispatch();`;
}

/** An object has each name once, and `__proto__` in a literal would set its prototype. */
function fitsObject(pairs: Pairs): boolean {
  const names = pairs.map(([key]) => key);
  return (
    new Set(names).size === names.length && !names.some((key) => key === "__proto__" || wholeNumber.test(key))
  );
}

function objectOf(pairs: Pairs): string {
  const properties = pairs.map(
    ([key, value]) => `${plainName.test(key) ? key : JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return broken("{ ", properties, " }");
}

function listOf(pairs: Pairs): string {
  return broken(
    "[",
    pairs.map(([key, value]) => `[${JSON.stringify(key)}, ${JSON.stringify(value)}]`),
    "]",
  );
}

/** On one line where it fits, else an item a line. */
function broken(open: string, items: readonly string[], close: string): string {
  const line = `${open}${items.join(", ")}${close}`;
  return line.length <= 72
    ? line
    : `${open.trim()}\n${items.map((item) => `  ${item},\n`).join("")}${close.trim()}`;
}
