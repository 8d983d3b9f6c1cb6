import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** Whether only this machine can be on the other side. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && (address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address));
}

/** Whether an address stands for all of a machine's. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/**
 * Whether a request was meant for this console. A page elsewhere can give its own name this machine's address (DNS rebinding) and
 * would then be of one origin with the console; so a name must be known. An address cannot be given away like that.
 * @param names the names under which others reach this machine
 */
export function isOurHost(header: string | undefined, names: readonly string[]): boolean {
  const host = hostOf(header ?? "");
  if (host === undefined) return false;
  return isIP(host) !== 0 || host === "localhost" || host.endsWith(".localhost") || names.includes(host);
}

/** Whether the page that asks for a WebSocket is the console's own: loaded from the very place that it connects to. */
export function isOwnOrigin({ headers }: IncomingMessage, secure: boolean): boolean {
  const own = `${secure ? "https" : "http"}://${headers.host ?? ""}`;
  return headers.origin !== undefined && headers.origin.toLowerCase() === own.toLowerCase();
}

/** The host of `host:port`, without the brackets of IPv6, in lower case. */
function hostOf(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

/** `host:port` as in a URL. */
export function urlHost(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
