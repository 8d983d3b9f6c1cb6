import type { ParamValue } from "./params.ts";

/** What a guard looks at. */
interface Guarded {
  get(name: string): string | undefined;
}

type AnyGuard<M> =
  | { readonly [name: string]: ParamValue | undefined }
  | ((message: M) => boolean)
  | undefined;

/** One who wants messages; `T` is what its owner knows it by. */
export interface Taker<M, T> {
  readonly item: T;
  /** Its place in time: the older of two takers has the smaller number. */
  readonly order: number;
  readonly test: ((message: M) => boolean) | undefined;
  list: TakerList<M, T> | undefined;
  previous: Taker<M, T> | undefined;
  next: Taker<M, T> | undefined;
}

/** Takers in the order in which they came; linked, so that removing one costs nothing wherever it is. */
interface TakerList<M, T> {
  head: Taker<M, T> | undefined;
  tail: Taker<M, T> | undefined;
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
export interface TakerIndex<M, T> {
  readonly size: number;
  add(guard: AnyGuard<M>, item: T): Taker<M, T>;
  /** Harmless when it is out already. */
  remove(taker: Taker<M, T>): void;
  /** The oldest taker whose guard fits. */
  first(message: M): T | undefined;
  /** All takers whose guards fit, oldest first. */
  all(message: M): T[];
  items(): T[];
}

/** Stands between values of a composite key; NUL cannot occur in a value on the wire. */
const separator = "\0";

/**
 * A list that becomes empty is kept, for the next wait is likely to ask for the same values; when more than half of the
 * lists and more than so many are empty, they are taken out.
 */
const keptEmpty = 64;

/** @param report told when a predicate throws; the predicate then counts as false */
export function createTakerIndex<M extends Guarded, T>(report: (error: unknown) => void): TakerIndex<M, T> {
  const groups = new Map<string, KeyGroup<M, T>>();
  const predicates: TakerList<M, T> = { head: undefined, tail: undefined, group: undefined };
  let order = 0;
  let size = 0;

  const passes = (taker: Taker<M, T>, message: M): boolean => {
    try {
      return taker.test?.(message) === true;
    } catch (error) {
      report(error);
      return false;
    }
  };

  const listFor = (guard: { readonly [name: string]: ParamValue | undefined }): TakerList<M, T> => {
    const keys = Object.keys(guard)
      .filter((key) => guard[key] !== undefined)
      .sort();
    const signature = keys.join(separator);
    let group = groups.get(signature);
    if (!group) {
      group = { signature, keys, byValues: new Map(), empty: 0 };
      groups.set(signature, group);
    }
    const { byValues } = group;
    const values = keys.map((key) => String(guard[key])).join(separator);
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

  const listsFor = function* (message: M): Generator<TakerList<M, T>> {
    for (const { keys, byValues } of groups.values()) {
      let values: string | undefined = "";
      for (let i = 0; i < keys.length; i++) {
        const value = message.get(keys[i] ?? "");
        values = value === undefined ? undefined : i === 0 ? value : values + separator + value;
        if (values === undefined) break;
      }
      const list = values === undefined ? undefined : byValues.get(values);
      if (list) yield list;
    }
  };

  const each = function* (list: TakerList<M, T>): Generator<Taker<M, T>> {
    let taker = list.head;
    while (taker) {
      const next: Taker<M, T> | undefined = taker.next;
      yield taker;
      taker = next;
    }
  };

  return {
    get size() {
      return size;
    },

    add(guard, item) {
      const test = typeof guard === "function" ? guard : undefined;
      const list = typeof guard === "function" ? predicates : listFor(guard ?? {});
      const taker: Taker<M, T> = { item, order: order++, test, list, previous: list.tail, next: undefined };
      if (list.tail) list.tail.next = taker;
      else list.head = taker;
      list.tail = taker;
      size++;
      return taker;
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
      let best: Taker<M, T> | undefined;
      for (const { head } of listsFor(message)) if (head && (!best || head.order < best.order)) best = head;
      for (let taker = predicates.head; taker && (!best || taker.order < best.order); taker = taker.next) {
        if (passes(taker, message)) return taker.item;
      }
      return best?.item;
    },

    all(message) {
      if (size === 0) return [];
      const found: Taker<M, T>[] = [];
      for (const list of listsFor(message)) found.push(...each(list));
      for (const taker of each(predicates)) if (passes(taker, message)) found.push(taker);
      if (found.length > 1) found.sort((a, b) => a.order - b.order);
      return found.map((taker) => taker.item);
    },

    items() {
      const found: Taker<M, T>[] = [...each(predicates)];
      for (const { byValues } of groups.values())
        for (const list of byValues.values()) found.push(...each(list));
      return found.sort((a, b) => a.order - b.order).map((taker) => taker.item);
    },
  };
}
