/** A host and the port behind it. An IPv6 address stands without its brackets. */
export interface HostPort {
  readonly host: string;
  readonly port?: number | undefined;
}

/** Reads `host[:port]`: a name, an IPv4 address or `[IPv6]`. Undefined when it is none, or the port is none. */
export function parseHostPort(text: string): HostPort | undefined {
  let host: string;
  let rest: string;
  if (text.charCodeAt(0) === 91) {
    const close = text.indexOf("]");
    if (close < 0) return undefined;
    // the grammar of RFC 3261 wrote three colons there: RFC 5118 §4.10
    host = text.slice(1, close).replace(/:::(?=\d+\.)/, "::");
    if (!isIpv6(host)) return undefined;
    rest = text.slice(close + 1).trimStart();
  } else {
    const colon = text.indexOf(":");
    host = colon < 0 ? text : text.slice(0, colon).trimEnd();
    // "_" is not in the grammar, but in names of machines
    if (!/^[\w.-]+$/.test(host)) return undefined;
    rest = colon < 0 ? "" : text.slice(colon);
  }
  if (rest === "") return { host };
  const port = rest.charCodeAt(0) === 58 ? parsePort(rest.slice(1).trim()) : undefined;
  return port === undefined ? undefined : { host, port };
}

/** `host[:port]`, an IPv6 address in brackets. */
export function formatHostPort(host: string, port?: number): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port}`;
}

/** {@link formatHostPort} of an address. */
export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return formatHostPort(host, port);
}

/** Whether it is an IPv6 address without brackets (RFC 4291 §2.2; RFC 5954 §4.1). */
export function isIpv6(text: string): boolean {
  return groupsOf(text) !== undefined;
}

/** All eight groups of an IPv6 address, so that equal addresses are equal texts; another text as it is. */
export function expandIpv6(text: string): string {
  return groupsOf(text)?.join(":") ?? text;
}

/** Whether it is four numbers up to 255. */
export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** The groups in hexadecimal without leading zeros. */
function groupsOf(text: string): string[] | undefined {
  if (!/^[\da-f:.]{2,45}$/i.test(text)) return undefined;
  const [before = "", after, more] = text.split("::");
  if (more !== undefined) return undefined;
  const head = readGroups(before, after === undefined);
  const tail = readGroups(after ?? "", true);
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<string>(missing).fill("0"), ...tail];
}

function readGroups(text: string, last: boolean): string[] | undefined {
  const groups: string[] = [];
  if (text === "") return groups;
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (last && at === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
      groups.push((a * 256 + b).toString(16), (c * 256 + d).toString(16));
    } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16).toString(16));
    else return undefined;
  }
  return groups;
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}
