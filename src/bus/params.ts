/** What a parameter may be set to; it travels as text: `true`/`false` for booleans, decimal for numbers. */
export type ParamValue = string | number | boolean;

/** What parameters can be made from. Undefined and null values are left out. */
export type ParamsInit =
  | Params
  | Iterable<readonly [name: string, value: ParamValue]>
  | { readonly [name: string]: ParamValue | undefined | null };

const none: readonly string[] = [];

/** After so many names were noted as touched, the repeats among them are taken out. */
const repeats = 1024;

/** Turns text from the wire into names and values, alternating. */
export type ParamsParser = (raw: string) => string[];

/**
 * The parameters of a message: an ordered list of names and values (spec/kernel.md §1). Names may repeat; reading gives
 * the first, setting replaces the first in place and removes the others, or appends.
 *
 * Parameters that came over a wire are parsed when first looked at. Copies share their list until one of them writes.
 */
export class Params implements Iterable<[name: string, value: string]> {
  /** Names at even places, values at odd ones. */
  #flat: string[] | undefined;
  #shared = false;
  #raw: string;
  #parse: ParamsParser | undefined;
  /** In order, with repeats: few ever ask, and a set for each message costs more than all else here. */
  #touched: string[] | undefined;

  private constructor(flat: string[] | undefined, raw: string, parse: ParamsParser | undefined) {
    this.#flat = flat;
    this.#raw = raw;
    this.#parse = parse;
  }

  /** New parameters with the content of `init`; an iterable keeps repeated names. */
  static from(init?: ParamsInit): Params {
    if (init === undefined) return new Params([], "", undefined);
    if (init instanceof Params) return init.clone();
    const flat: string[] = [];
    if (Symbol.iterator in init) {
      for (const [name, value] of init as Iterable<readonly [string, ParamValue]>)
        flat.push(name, String(value));
    } else {
      for (const name in init) {
        const value = (init as Record<string, ParamValue | undefined | null>)[name];
        if (value !== undefined && value !== null) flat.push(name, String(value));
      }
    }
    return new Params(flat, "", undefined);
  }

  /** Parameters that `parse` reads out of `raw` when they are first needed; it must not throw. */
  static lazy(raw: string, parse: ParamsParser): Params {
    return new Params(undefined, raw, parse);
  }

  /** How many there are, repeats counted. */
  get size(): number {
    return this.#list().length / 2;
  }

  get(name: string): string | undefined {
    const flat = this.#list();
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
    return undefined;
  }

  getAll(name: string): string[] {
    const found: string[] = [];
    for (const [key, value] of this) if (key === name) found.push(value);
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Replaces the first of that name in place and removes the others, or appends. */
  set(name: string, value: ParamValue): this {
    const flat = this.#own();
    this.#touch(name);
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue;
      flat[i + 1] = String(value);
      removeFrom(flat, i + 2, name);
      return this;
    }
    flat.push(name, String(value));
    return this;
  }

  /** Adds one at the end, also when the name is there already. */
  append(name: string, value: ParamValue): this {
    const flat = this.#own();
    this.#touch(name);
    flat.push(name, String(value));
    return this;
  }

  /** Removes all of that name; tells whether there was one. */
  delete(name: string): boolean {
    if (!this.has(name)) return false;
    this.#touch(name);
    return removeFrom(this.#own(), 0, name);
  }

  clear(): void {
    for (const [name] of this) this.#touch(name);
    this.#flat = [];
    this.#shared = false;
  }

  /** A copy that changes apart from this one, with nothing touched. */
  clone(): Params {
    const flat = this.#list();
    const copy = new Params(flat, "", undefined);
    this.#shared = true;
    copy.#shared = true;
    return copy;
  }

  /** The names set, appended or deleted since these parameters were made, in order; what an answer has to tell. */
  get touched(): Iterable<string> {
    return this.#touched ? new Set(this.#touched) : none;
  }

  /** The first value of each name, as a plain object without a prototype. */
  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null);
    for (const [name, value] of this) if (!(name in object)) object[name] = value;
    return object;
  }

  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    const flat = this.#list();
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] ?? "", flat[i + 1] ?? ""];
  }

  /** Names at even places and values at odd ones, for loops that must be fast. Do not change it. */
  get flat(): readonly string[] {
    return this.#list();
  }

  #touch(name: string): void {
    this.#touched ??= [];
    this.#touched.push(name);
    // Those that live long and change often do not grow by it.
    if (this.#touched.length % repeats === 0) this.#touched = [...new Set(this.#touched)];
  }

  #list(): string[] {
    if (this.#flat === undefined) {
      this.#flat = this.#parse ? this.#parse(this.#raw) : [];
      this.#raw = "";
      this.#parse = undefined;
    }
    return this.#flat;
  }

  #own(): string[] {
    const flat = this.#list();
    if (!this.#shared) return flat;
    this.#shared = false;
    this.#flat = flat.slice();
    return this.#flat;
  }
}

function removeFrom(flat: string[], start: number, name: string): boolean {
  let kept = start;
  for (let i = start; i < flat.length; i += 2) {
    if (flat[i] === name) continue;
    flat[kept] = flat[i] ?? "";
    flat[kept + 1] = flat[i + 1] ?? "";
    kept += 2;
  }
  const removed = kept < flat.length;
  flat.length = kept;
  return removed;
}
