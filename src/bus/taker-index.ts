import { YaytsError } from "../base/index.ts";
import type { Observing } from "./observing.ts";
import type { ParamValue } from "./params.ts";

/** What a guard looks at. */
interface Guarded {
  get(name: string): string | undefined;
}

type AnyGuard<M> =
  | { readonly [name: string]: ParamValue | undefined }
  | ((message: M) => boolean)
  | undefined;

/** One who wants messages `M`, of the kind `T`; its places in the index are the index's business. */
export abstract class Taker<M, T> {
  /** Its place in time: the older of two takers has the smaller number. */
  order = 0;
  test: ((message: M) => boolean) | undefined = undefined;
  /** The list in which it stands; undefined while it is in none. */
  list: TakerList<M, T> | undefined = undefined;
  previous: T | undefined = undefined;
  next: T | undefined = undefined;
}

/** Takers in the order in which they came; linked, so that removing one costs nothing wherever it is. */
interface TakerList<M, T> {
  head: T | undefined;
  tail: T | undefined;
  /** Where the list stands; undefined for the list of predicates. */
  readonly group: KeyGroup<M, T> | undefined;
}

/** The takers whose guards name the same parameters, by the values they ask for. */
interface KeyGroup<M, T> {
  readonly signature: string;
  readonly keys: readonly string[];
  readonly byValues: Map<string, TakerList<M, T>>;
  /** How many of the lists are empty. */
  empty: number;
}

/**
 * Finds who wants a message. Takers with object guards are found by their values, whatever their number; those with
 * predicates are asked in the order in which they came.
 */
export interface TakerIndex<M, T extends Taker<M, T>> {
  /** Names the takers in errors, as in "onmsg chan.dtmf". */
  readonly what: string;
  readonly observing: Observing | undefined;
  readonly size: number;
  add(guard: AnyGuard<M>, taker: T): void;
  /** Harmless when it is out already. */
  remove(taker: T): void;
  /** The oldest taker whose guard fits. */
  first(message: M): T | undefined;
  /** All takers whose guards fit, oldest first. */
  all(message: M): T[];
  items(): T[];
  /** The same, with what each asks for: parameters by name, or a function. A taker that knew it would be larger. */
  guarded(): [taker: T, guard: unknown][];
}

/** Stands between values of a composite key; NUL cannot occur in a value on the wire. */
const separator = "\0";

/**
 * A list that becomes empty is kept, for the next wait is likely to ask for the same values; when more than half of the
 * lists and more than so many are empty, they are taken out.
 */
const keptEmpty = 64;

/**
 * @param what names the takers in errors
 * @param report told when a predicate throws; the predicate then counts as false
 * @param observing where the takers are observed
 */
export function createTakerIndex<M extends Guarded, T extends Taker<M, T>>(
  what: string,
  report: (error: unknown) => void,
  observing?: Observing,
): TakerIndex<M, T> {
  const groups = new Map<string, KeyGroup<M, T>>();
  const predicates: TakerList<M, T> = { head: undefined, tail: undefined, group: undefined };
  let order = 0;
  let size = 0;

  const passes = (taker: T, message: M): boolean => {
    try {
      return taker.test?.(message) === true;
    } catch (error) {
      report(error);
      return false;
    }
  };

  const listFor = (guard: { readonly [name: string]: ParamValue | undefined }): TakerList<M, T> => {
    const keys = Object.keys(guard);
    for (const key of keys) {
      if (guard[key] !== undefined) continue;
      // Taken as no condition it would fit every message; taken as one, none.
      throw new YaytsError(
        "bad-argument",
        `${what}: ${key} is undefined in the guard; give it a value or leave it out`,
      );
    }
    if (keys.length > 1) keys.sort();
    const signature = keys.join(separator);
    let group = groups.get(signature);
    if (!group) {
      group = { signature, keys, byValues: new Map(), empty: 0 };
      groups.set(signature, group);
    }
    const { byValues } = group;
    const values = joined(keys, (key) => String(guard[key])) ?? "";
    let list = byValues.get(values);
    if (!list) {
      list = { head: undefined, tail: undefined, group };
      byValues.set(values, list);
    } else if (!list.head) group.empty--;
    return list;
  };

  /** One more list of the group is empty. */
  const tidy = (group: KeyGroup<M, T>): void => {
    const { byValues, signature } = group;
    group.empty++;
    if (group.empty <= keptEmpty || group.empty * 2 < byValues.size) return;
    for (const [values, { head }] of byValues) if (!head) byValues.delete(values);
    group.empty = 0;
    if (byValues.size === 0) groups.delete(signature);
  };

  /** The oldest of those in the group whose values the message has. */
  const headIn = ({ keys, byValues }: KeyGroup<M, T>, message: M): T | undefined => {
    const values = joined(keys, (key) => message.get(key));
    return values === undefined ? undefined : byValues.get(values)?.head;
  };

  const sorted = (found: T[]): T[] => found.sort((a, b) => a.order - b.order);

  return {
    what,
    observing,
    get size() {
      return size;
    },

    add(guard, taker) {
      const byTest = typeof guard === "function";
      const list = byTest ? predicates : listFor(guard ?? {});
      taker.test = byTest ? guard : undefined;
      taker.order = order++;
      taker.list = list;
      taker.previous = list.tail;
      if (list.tail) list.tail.next = taker;
      else list.head = taker;
      list.tail = taker;
      size++;
    },

    remove(taker) {
      const { list } = taker;
      if (!list) return;
      if (taker.previous) taker.previous.next = taker.next;
      else list.head = taker.next;
      if (taker.next) taker.next.previous = taker.previous;
      else list.tail = taker.previous;
      taker.list = undefined;
      size--;
      if (list.group && !list.head) tidy(list.group);
    },

    first(message) {
      if (size === 0) return undefined;
      let best: T | undefined;
      for (const group of groups.values()) {
        const head = headIn(group, message);
        if (head && (!best || head.order < best.order)) best = head;
      }
      for (let taker = predicates.head; taker && (!best || taker.order < best.order); taker = taker.next) {
        if (passes(taker, message)) return taker;
      }
      return best;
    },

    all(message) {
      if (size === 0) return [];
      const found: T[] = [];
      for (const group of groups.values())
        for (let taker = headIn(group, message); taker; taker = taker.next) found.push(taker);
      for (let taker = predicates.head; taker; taker = taker.next)
        if (passes(taker, message)) found.push(taker);
      return sorted(found);
    },

    items() {
      const found: T[] = [];
      for (let taker = predicates.head; taker; taker = taker.next) found.push(taker);
      for (const { byValues } of groups.values())
        for (const { head } of byValues.values())
          for (let taker = head; taker; taker = taker.next) found.push(taker);
      return sorted(found);
    },

    guarded() {
      const found: [T, unknown][] = [];
      for (let taker = predicates.head; taker; taker = taker.next) found.push([taker, taker.test]);
      for (const { keys, byValues } of groups.values())
        for (const [values, { head }] of byValues) {
          if (!head) continue;
          const each = values.split(separator);
          const guard = Object.fromEntries(keys.map((key, i) => [key, each[i] ?? ""]));
          for (let taker: T | undefined = head; taker; taker = taker.next) found.push([taker, guard]);
        }
      return found.sort(([a], [b]) => a.order - b.order);
    },
  };
}

/** The composite key of the values under `keys`; undefined when one of them is absent. */
function joined(
  keys: readonly string[],
  valueUnder: (key: string) => string | undefined,
): string | undefined {
  let values: string | undefined = "";
  for (let i = 0; i < keys.length; i++) {
    const value = valueUnder(keys[i] ?? "");
    if (value === undefined) return undefined;
    values = i === 0 ? value : values + separator + value;
  }
  return values;
}
