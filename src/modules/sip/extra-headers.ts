import type { EngineMessage } from "../../engine/index.ts";

/** Set by the stack itself; an app that gives them would break the call (RFC 3261 §20). */
const reserved = new Set([
  "via",
  "from",
  "to",
  "call-id",
  "cseq",
  "contact",
  "content-length",
  "content-type",
  "max-forwards",
]);

/**
 * The headers that a message asks for: its parameters `osip_<Name>`, or those with the prefix that `osip-prefix` names
 * (spec/sip.md §3, §6). What would break the protocol or split a header line is left out.
 */
export function extraHeaders(message: EngineMessage): readonly (readonly [name: string, value: string])[] {
  const prefix = message.get("osip-prefix") ?? "osip_";
  const headers: [string, string][] = [];
  if (prefix === "") return headers;
  for (const [name, value] of message.params) {
    if (!name.startsWith(prefix) || name === "osip-prefix") continue;
    const header = name.slice(prefix.length);
    if (!/^[\w!%'*+.`~-]+$/.test(header) || reserved.has(header.toLowerCase()) || value === "") continue;
    headers.push([header, value.replace(/[\r\n]+/g, " ")]);
  }
  return headers;
}
