import { formatHostPort, type HostPort, parseHostPort } from "./host.ts";
import { formatParameters, parseParameters, readParameters, type SipParameters } from "./parameters.ts";

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
  const sent = readSent(text);
  const params = sent && parseParameters(text, sent.end);
  if (!sent || !params) return undefined;
  const { host, port } = sent.by;
  return { transport: sent.transport.toUpperCase(), host, port, branch: params.get("branch"), params };
}

/** Whether `parseVia` can read it. */
export function isVia(text: string): boolean {
  const sent = readSent(text);
  return sent !== undefined && readParameters(text, sent.end);
}

function readSent(text: string): { transport: string; by: HostPort; end: number } | undefined {
  sentProtocol.lastIndex = 0;
  const transport = sentProtocol.exec(text)?.[1];
  if (transport === undefined) return undefined;
  const from = sentProtocol.lastIndex;
  const semicolon = text.indexOf(";", from);
  const end = semicolon < 0 ? text.length : semicolon;
  const by = parseHostPort(text.slice(from, end).trimEnd());
  return by && { transport, by, end };
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
