import type { SipFlow } from "../flow.ts";
import type { SipHeaders } from "../headers.ts";
import { formatHostPort } from "../host.ts";
import { splitList } from "../list.ts";
import type { SipRequest } from "../message.ts";
import { formatVia, parseVia, type Via } from "../via.ts";

/** The Via of whoever sent the message to us. */
export interface TopVia {
  readonly via: Via;
  /** As written. */
  readonly text: string;
}

/** Undefined when there is none, or it cannot be read. */
export function topVia(headers: SipHeaders): TopVia | undefined {
  const [text] = splitList(headers.get("via") ?? "");
  const via = text === undefined ? undefined : parseVia(text);
  return text !== undefined && via ? { via, text } : undefined;
}

/** The Via of a request of ours (RFC 3261 §18.1.1); the response is to come back on the flow (RFC 3581 §3). */
export function ownVia(flow: SipFlow, branch: string): string {
  return `SIP/2.0/${flow.transport} ${formatHostPort(flow.local.host, flow.local.port)};branch=${branch};rport`;
}

/**
 * The request with where it came from in its top Via: `received` always, as the reference engine does (spec/sip.md §1; RFC 3261
 * §18.2.1 wants it where it differs), `rport` when it asks for it (RFC 3581 §4).
 */
export function withSource(request: SipRequest, top: TopVia | undefined, flow: SipFlow): SipRequest {
  if (!top) return request;
  const params = new Map(top.via.params);
  if (params.has("rport")) params.set("rport", String(flow.remote.port));
  params.set("received", flow.remote.host);
  const filled = formatVia({ ...top.via, params });
  const rest = splitList(request.headers.get("via") ?? "").slice(1);
  return { ...request, headers: request.headers.clone().replaceFirst("Via", [filled, ...rest].join(", ")) };
}
