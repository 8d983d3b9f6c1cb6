import { YaytsError } from "../base/index.ts";

/** Where an engine listens for external modules. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** The port that the engine's documentation uses for external modules. */
export const defaultPort = 5039;

const tcp = /^tcp:\/\/(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:/[\]]*))(?::(\d+))?\/?$/;
const unix = /^unix:(?:\/\/)?(\/.*)$/;

/**
 * Reads `tcp://host:port` (host 127.0.0.1 and port 5039 when left out) or `unix:/path`.
 * @throws YaytsError `bad-argument`
 */
export function parseAddress(text: string): Address {
  const path = unix.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const match = tcp.exec(text);
  if (!match) {
    throw new YaytsError(
      "bad-argument",
      `${JSON.stringify(text)} is no address of an engine; write tcp://host:port, as in tcp://127.0.0.1:${defaultPort}, or unix:/path/to/socket`,
    );
  }
  const [, bracketed, host, digits] = match;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535)
    throw new YaytsError("bad-argument", `${JSON.stringify(text)}: a port is 1 to 65535`);
  return { kind: "tcp", host: bracketed ?? (host || "127.0.0.1"), port };
}

/** The address as `parseAddress` takes it. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

/** What to write into the engine's extmodule.conf so that it listens there. */
export function listenerLines(address: Address): string {
  return address.kind === "unix"
    ? `[listener yayts]\ntype=unix\npath=${address.path}\nrole=global`
    : `[listener yayts]\ntype=tcp\naddr=${address.host}\nport=${address.port}\nrole=global`;
}
