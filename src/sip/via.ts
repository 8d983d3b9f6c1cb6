import { formatHostPort, parseHostPort } from "./host.ts";
import { formatParameters, parseParameters, type SipParameters } from "./parameters.ts";

/** One member of Via (RFC 3261 §20.42). */
export interface Via {
  /** In upper case: `UDP`. */
  readonly transport: string;
  /** An IPv6 address stands without brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch?: string | undefined;
  /** All of them, branch too; values as written. */
  readonly params: SipParameters;
}

/** `SIP/2.0/UDP`, with white space where it may stand. */
const sentProtocol = /^\s*SIP\s*\/\s*\d+\.\d+\s*\/\s*([\w!%'*+.`~-]+)\s+/iy;

/** Reads one member of Via. Undefined when it is none. */
export function parseVia(text: string): Via | undefined {
  sentProtocol.lastIndex = 0;
  const transport = sentProtocol.exec(text)?.[1];
  if (transport === undefined) return undefined;
  const from = sentProtocol.lastIndex;
  const semicolon = text.indexOf(";", from);
  const end = semicolon < 0 ? text.length : semicolon;
  const hostPort = parseHostPort(text.slice(from, end).trimEnd());
  const params = parseParameters(text, end);
  if (!hostPort || !params) return undefined;
  const { host, port } = hostPort;
  return { transport: transport.toUpperCase(), host, port, branch: params.get("branch"), params };
}

/** One member of Via as text; `branch` need not stand in `params` too. */
export function formatVia(via: {
  readonly transport: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch?: string | undefined;
  readonly params?: SipParameters | undefined;
}): string {
  const branch = via.branch === undefined || via.params?.has("branch") ? "" : `;branch=${via.branch}`;
  const params = via.params ? formatParameters(via.params) : "";
  return `SIP/2.0/${via.transport} ${formatHostPort(via.host, via.port)}${params}${branch}`;
}
