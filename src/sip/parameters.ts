/** `;name=value` as it stands in header fields and URIs: names in lower case, values as written, undefined without `=`. */
export type SipParameters = ReadonlyMap<string, string | undefined>;

const noParameters: SipParameters = new Map();

/** RFC 3261 §25.1 `token`. */
export function isToken(text: string): boolean {
  return /^[\w!%'*+.`~-]+$/.test(text);
}

/** What a quoted string means; of anything else, the text itself. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== 34 || text.charCodeAt(text.length - 1) !== 34) return text;
  const inner = text.slice(1, -1);
  return inner.includes("\\") ? inner.replace(/\\(.)/gs, "$1") : inner;
}

/** `text` as a quoted string (RFC 3261 §25.1). */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The place after the quoted string that opens at `at`; -1 when nothing closes it. */
export function afterQuoted(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === 34) return end + 1;
    if (unit === 92) end++;
  }
  return -1;
}

/**
 * The parameters of a header field value from `at`, where nothing, white space or `;` stands. Of one that comes twice the
 * first counts. Undefined when something else than parameters stands there: `;;`, text without `;`, an open quote.
 */
export function parseParameters(text: string, at = 0): SipParameters | undefined {
  if (at >= text.length) return noParameters;
  const found = new Map<string, string | undefined>();
  return readParameters(text, at, found) ? found : undefined;
}

/** Whether parameters stand from `at` on, as `parseParameters` wants them; into `found` they go. */
export function readParameters(text: string, at: number, found?: Map<string, string | undefined>): boolean {
  let from = skipSpace(text, at);
  while (from < text.length) {
    if (text.charCodeAt(from) !== 59) return false;
    from = skipSpace(text, from + 1);
    const nameAt = from;
    while (from < text.length && !endsName(text.charCodeAt(from))) from++;
    const nameEnd = from;
    if (nameEnd === nameAt) return false;
    from = skipSpace(text, nameEnd);
    let valueAt = -1;
    let valueEnd = -1;
    if (text.charCodeAt(from) === 61) {
      valueAt = skipSpace(text, from + 1);
      valueEnd = text.charCodeAt(valueAt) === 34 ? afterQuoted(text, valueAt) : afterValue(text, valueAt);
      if (valueEnd < 0) return false;
      from = skipSpace(text, valueEnd);
    }
    if (!found) continue;
    const name = text.slice(nameAt, nameEnd).toLowerCase();
    if (!found.has(name)) found.set(name, valueAt < 0 ? undefined : text.slice(valueAt, valueEnd));
  }
  return true;
}

/** `;name=value` of each, values as they are: what is not a token was quoted by the caller. */
export function formatParameters(parameters: Iterable<readonly [string, string | undefined]>): string {
  let text = "";
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Values are unfolded, so that white space is SP and HT. */
export function isSpace(unit: number): boolean {
  return unit === 32 || unit === 9;
}

function endsName(unit: number): boolean {
  return unit === 59 || unit === 61 || unit === 44 || unit === 34 || isSpace(unit);
}

function afterValue(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 59 || unit === 44 || unit === 34 || isSpace(unit)) break;
  }
  return at;
}
