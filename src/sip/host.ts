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
    host = text.slice(1, close);
    if (close < 0 || !isIpv6(host)) return undefined;
    rest = text.slice(close + 1).trimStart();
  } else {
    const colon = text.indexOf(":");
    host = (colon < 0 ? text : text.slice(0, colon)).trimEnd();
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

/** Whether it is an IPv6 address without brackets (RFC 3261 §25.1 with the erratum of RFC 5954). */
export function isIpv6(text: string): boolean {
  if (!/^[\da-f:.]{2,45}$/i.test(text)) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [at, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    for (const [place, part] of parts.entries()) {
      const last = at === halves.length - 1 && place === parts.length - 1;
      if (last && part.includes(".")) {
        if (!isIpv4(part)) return false;
        groups += 2;
      } else if (/^[\da-f]{1,4}$/i.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** Whether it is four numbers up to 255. */
export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}
