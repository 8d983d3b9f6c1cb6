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

/** Keys of the spellings that are usual, so that nothing is put into lower case for them. */
const usual: Map<string, string> = new Map(
  [
    "Accept Allow Allow-Events Authorization Call-ID Contact Content-Length Content-Type CSeq Event Expires From Max-Forwards",
    "Min-Expires Min-SE P-Asserted-Identity Proxy-Authenticate Proxy-Authorization RAck Record-Route Refer-To Referred-By",
    "Replaces Require Route RSeq Server Session-Expires Subject Subscription-State Supported To User-Agent Via Warning",
    "WWW-Authenticate",
  ].flatMap((line) =>
    line.split(" ").flatMap((name) => {
      const key = name.toLowerCase();
      return [[name, key] as const, [key, key] as const];
    }),
  ),
);
for (const [name, key] of Object.entries(compactNames)) usual.set(name, key);

/** The key of a name in a usual spelling, which is a token; undefined for others. */
export function usualKey(name: string): string | undefined {
  return usual.get(name);
}

/** Lower case, long form: how header names are compared (RFC 3261 §7.3.1). */
export function headerKey(name: string): string {
  const known = usual.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return lower.length === 1 ? (compactNames[lower] ?? lower) : lower;
}

/** The header fields of a message in their order; names are found in any case and in their compact form. */
export class SipHeaders implements Iterable<SipHeader> {
  #keys: string[] = [];
  #fields: SipHeader[] = [];
  /**
   * Each as it stood on the wire, with its line end; empty when it stood there as `Name: value`, undefined when it did not
   * come from there.
   */
  #raw: (string | undefined)[] = [];
  /** Nothing was added, set or taken away since it came from the wire. */
  #asItCame = false;

  static from(fields: Iterable<readonly [name: string, value: string]>): SipHeaders {
    const headers = new SipHeaders();
    for (const [name, value] of fields) headers.add(name, value);
    return headers;
  }

  get size(): number {
    return this.#keys.length;
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
    const values: string[] = [];
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1))
      values.push(this.#fields[at]?.value ?? "");
    return values;
  }

  /** The key of the field at a place, from 0; empty behind the last. */
  keyAt(at: number): string {
    return this.#keys[at] ?? "";
  }

  /** The value of the field at a place, from 0; empty behind the last. */
  valueAt(at: number): string {
    return this.#fields[at]?.value ?? "";
  }

  add(name: string, value: string): this {
    this.#asItCame = false;
    this.#keys.push(headerKey(name));
    this.#fields.push({ name, value });
    this.#raw.push(undefined);
    return this;
  }

  /**
   * Adds a field that came from the wire; it goes out again as `raw`, its text there with the line end. An empty `raw` says
   * that it stood there as `Name: value`.
   */
  addFromWire(name: string, value: string, raw: string, key: string = headerKey(name)): this {
    if (this.#keys.length === 0) this.#asItCame = true;
    this.#keys.push(key);
    this.#fields.push({ name, value });
    this.#raw.push(raw);
    return this;
  }

  /** Puts a field before all others. */
  prepend(name: string, value: string): this {
    this.#asItCame = false;
    this.#keys.unshift(headerKey(name));
    this.#fields.unshift({ name, value });
    this.#raw.unshift(undefined);
    return this;
  }

  /** Leaves one field of that name, at the place of the first. */
  set(name: string, value: string): this {
    const key = headerKey(name);
    const at = this.#keys.indexOf(key);
    if (at < 0) return this.add(name, value);
    this.#asItCame = false;
    this.#fields[at] = { name, value };
    this.#raw[at] = undefined;
    for (let other = this.#keys.length - 1; other > at; other--)
      if (this.#keys[other] === key) this.#remove(other);
    return this;
  }

  /** Gives the first field of that name another value; the others stay. */
  replaceFirst(name: string, value: string): this {
    const at = this.#keys.indexOf(headerKey(name));
    const field = this.#fields[at];
    if (!field) return this.add(name, value);
    this.#asItCame = false;
    this.#fields[at] = { name: field.name, value };
    this.#raw[at] = undefined;
    return this;
  }

  delete(name: string): void {
    const key = headerKey(name);
    for (let at = this.#keys.length - 1; at >= 0; at--) if (this.#keys[at] === key) this.#remove(at);
  }

  clone(): SipHeaders {
    const copy = new SipHeaders();
    copy.#keys = this.#keys.slice();
    copy.#fields = this.#fields.slice();
    copy.#raw = this.#raw.slice();
    copy.#asItCame = this.#asItCame;
    return copy;
  }

  [Symbol.iterator](): Iterator<SipHeader> {
    return this.#fields[Symbol.iterator]();
  }

  /**
   * The fields as text for the wire, with the empty line. Content-Length says `bodyLength`, and is added where it is missing;
   * a message from UDP that had none and was not changed stays without (RFC 3261 §18.3).
   */
  toWire(bodyLength: number): string {
    let text = "";
    let lengthStands = false;
    for (const [at, { name, value }] of this.#fields.entries()) {
      if (this.#keys[at] === "content-length") {
        if (lengthStands && !this.#asItCame) continue;
        lengthStands = true;
        if (Number(value) !== bodyLength || value === "") {
          text += `${oneLine(name)}: ${bodyLength}\r\n`;
          continue;
        }
      }
      const raw = this.#raw[at];
      text += raw === undefined ? `${oneLine(name)}: ${oneLine(value)}\r\n` : raw || `${name}: ${value}\r\n`;
    }
    if (!lengthStands && !this.#asItCame) text += `Content-Length: ${bodyLength}\r\n`;
    return `${text}\r\n`;
  }

  #remove(at: number): void {
    this.#asItCame = false;
    this.#keys.splice(at, 1);
    this.#fields.splice(at, 1);
    this.#raw.splice(at, 1);
  }
}

/** Line ends in what is to be one line would begin a header field of somebody's choice. */
export function oneLine(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]+/g, " ") : text;
}
