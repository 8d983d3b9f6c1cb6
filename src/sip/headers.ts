/** One header field as it came, or as it is to be sent. */
export interface SipHeader {
  readonly name: string;
  /** Unfolded, without white space at its ends. */
  readonly value: string;
}

/** RFC 3261 §7.3.3 and the registry of compact forms. */
const compactNames: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  n: "identity-info",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** Lower case, long form: how header names are compared (RFC 3261 §7.3.1). */
export function headerKey(name: string): string {
  const lower = name.toLowerCase();
  return lower.length === 1 ? (compactNames[lower] ?? lower) : lower;
}

/** The header fields of a message in their order; names are found in any case and in their compact form. */
export class SipHeaders implements Iterable<SipHeader> {
  readonly #keys: string[] = [];
  readonly #fields: SipHeader[] = [];

  static from(fields: Iterable<readonly [name: string, value: string]>): SipHeaders {
    const headers = new SipHeaders();
    for (const [name, value] of fields) headers.add(name, value);
    return headers;
  }

  /** The first field of that name, whole. */
  get(name: string): string | undefined {
    return this.#fields[this.#keys.indexOf(headerKey(name))]?.value;
  }

  has(name: string): boolean {
    return this.#keys.includes(headerKey(name));
  }

  /** Every field of that name, whole. */
  all(name: string): string[] {
    const key = headerKey(name);
    return this.#fields.filter((_, at) => this.#keys[at] === key).map(({ value }) => value);
  }

  add(name: string, value: string): this {
    this.#keys.push(headerKey(name));
    this.#fields.push({ name, value });
    return this;
  }

  /** Puts a field before all others. */
  prepend(name: string, value: string): this {
    this.#keys.unshift(headerKey(name));
    this.#fields.unshift({ name, value });
    return this;
  }

  /** Leaves one field of that name, at the place of the first. */
  set(name: string, value: string): this {
    const key = headerKey(name);
    const at = this.#keys.indexOf(key);
    if (at < 0) return this.add(name, value);
    this.#fields[at] = { name, value };
    for (let other = this.#keys.length - 1; other > at; other--)
      if (this.#keys[other] === key) this.#remove(other);
    return this;
  }

  delete(name: string): void {
    const key = headerKey(name);
    for (let at = this.#keys.length - 1; at >= 0; at--) if (this.#keys[at] === key) this.#remove(at);
  }

  clone(): SipHeaders {
    return SipHeaders.from(Array.from(this, ({ name, value }) => [name, value] as const));
  }

  [Symbol.iterator](): Iterator<SipHeader> {
    return this.#fields[Symbol.iterator]();
  }

  #remove(at: number): void {
    this.#keys.splice(at, 1);
    this.#fields.splice(at, 1);
  }
}
