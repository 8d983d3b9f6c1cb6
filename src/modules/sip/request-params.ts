import type { Params } from "../../bus/index.ts";
import { type MediaDescription, rtpMapping, type SessionDescription } from "../../sdp/index.ts";
import {
  formatAddress,
  headerKey,
  parseMultipart,
  parseNameAddr,
  parseUri,
  type SipFlow,
  type SipHeaders,
  type SipMessage,
  type SipRequest,
} from "../../sip/index.ts";

/** Headers that no message tells as `sip_<header>`: what they say stands elsewhere, or is nobody's business. */
const untold = new Set([
  "from",
  "to",
  "via",
  "route",
  "record-route",
  "call-id",
  "cseq",
  "max-forwards",
  "content-length",
  "www-authenticate",
  "proxy-authenticate",
  "authorization",
  "proxy-authorization",
]);

/** Every header that is told, as `sip_<name in lower case>`, one parameter a field (spec/sip.md §3). */
export function appendHeaders(params: Params, headers: SipHeaders): void {
  for (const { name, value } of headers) {
    const key = headerKey(name);
    if (!untold.has(key)) params.append(`sip_${key}`, value);
  }
}

/** Where a packet came from, as messages tell it. */
export function appendSource(params: Params, flow: SipFlow): void {
  appendAddress(params, flow);
  params.append("connection_id", flow.id).append("connection_reliable", flow.reliable);
}

/** The address that a packet came from. */
export function appendAddress(params: Params, flow: SipFlow): void {
  params
    .append("ip_host", flow.remote.host)
    .append("ip_port", flow.remote.port)
    .append("ip_transport", flow.transport)
    .append("address", formatAddress(flow.remote));
}

/** User, host and display name of a From, To, Contact or the like; empty where it has none. */
export interface Party {
  readonly user: string;
  readonly host: string;
  /** Host, and the port where it is not the usual one, as a domain. */
  readonly domain: string;
  readonly uri: string;
  readonly displayName: string;
}

export function partyOf(value: string | undefined): Party {
  const address = value === undefined ? undefined : parseNameAddr(value);
  return { ...uriParty(address?.uri ?? ""), displayName: address?.displayName ?? "" };
}

export function uriParty(text: string): Party {
  const uri = parseUri(text);
  const host = uri?.host ?? "";
  return { user: uri?.user ?? "", host, domain: host, uri: text, displayName: "" };
}

/** Who calls whom, read once for all messages about it. */
export interface CallParties {
  readonly from: Party;
  /** User of the Request-URI. */
  readonly called: string;
}

export function partiesOf({ headers, uri }: SipRequest): CallParties {
  return { from: partyOf(headers.get("From")), called: uriParty(uri).user };
}

/** `antiloop` of what a request brings: the hops it may still make after this one, no more than `most` − 1. */
export function hopsAfter({ headers }: SipRequest, most: number): number {
  const left = Number(headers.get("Max-Forwards") ?? most);
  return Math.min(Number.isNaN(left) ? 0 : left, most) - 1;
}

/** What a request is, in the words of messages: its URI, parties and headers. */
export function appendRequest(params: Params, request: SipRequest, from: Party): void {
  const { headers } = request;
  params
    .append("sip_uri", request.uri)
    .append("sip_from", from.uri || (headers.get("From") ?? ""))
    .append("sip_to", headers.get("To") ?? "")
    .append("sip_callid", headers.get("Call-ID") ?? "")
    .append("device", headers.get("User-Agent") ?? "");
  appendHeaders(params, headers);
}

/**
 * The body of a message, or the first of its parts, that is not a session description: `xsip_type`, `xsip_body`, and how it is
 * encoded if not as text.
 */
export function appendBody(params: Params, message: SipMessage): void {
  const parts = parseMultipart(message.headers.get("Content-Type") ?? "", message.body);
  const all = parts.length > 0 ? parts : [message];
  const told = all.find(({ headers, body }) => body.length > 0 && isTold(contentType(headers)));
  if (!told) return;
  params.append("xsip_type", contentType(told.headers));
  const text = textOf(told.body);
  if (text !== undefined) params.append("xsip_body", text);
  else
    params
      .append("xsip_body", Buffer.from(told.body).toString("base64"))
      .append("xsip_body_encoding", "base64");
}

const isTold = (type: string): boolean => type !== "" && type !== "application/sdp";

/** Media type of the body without parameters, in lower case. */
export function contentType(headers: SipHeaders): string {
  return (headers.get("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Who sent the call on, out of Referred-By or Diversion (spec/sip.md §3). */
export function appendDiversion(params: Params, headers: SipHeaders): void {
  const referred = headers.get("Referred-By");
  const diverted = headers.get("Diversion");
  const value = referred ?? diverted;
  if (value === undefined) return;
  const party = partyOf(value);
  if (referred === undefined) {
    const named = parseNameAddr(value)?.params;
    for (const name of ["reason", "privacy", "screen", "counter"]) {
      const text = named?.get(name);
      if (text) params.append(`divert_${name}`, text.replace(/^"(.*)"$/, "$1"));
    }
  }
  params.append("diverter", party.user);
  if (party.displayName) params.append("divertername", party.displayName);
  params.append("diverteruri", party.uri);
}

/** Why a call was sent on, if it was: the last thing that its message tells. */
export function appendDiversionReason(params: Params, headers: SipHeaders): void {
  if (headers.get("Referred-By") !== undefined) params.append("reason", "transfer");
  else if (headers.get("Diversion") !== undefined) params.append("reason", "divert");
}

/** Which part of a session description messages tell: an offer that begins a call, one within it, or an answer. */
export type MediaRole = "offer" | "reoffer" | "answer";

/**
 * What a session description says, in the words of messages (spec/sip.md §3, §4, §6).
 * @param known formats of sound that the engine can take; others are not told
 */
export function appendMedia(
  params: Params,
  session: SessionDescription,
  role: MediaRole,
  known: readonly string[],
): void {
  for (const media of session.media) {
    const sound = media.kind === "audio";
    const suffix = sound ? "" : `_${media.kind}`;
    const formats = sound ? formatsOf(media, known) : [];
    if (sound && role === "offer") params.append("rtp_addr", media.address);
    params
      .append(`media${suffix}`, "yes")
      .append(`formats${suffix}`, formats.join(","))
      .append(`transport${suffix}`, media.transport);
    const mapping = sound ? rtpMapping(media) : undefined;
    if (mapping) params.append("rtp_mapping", mapping);
    if (sound) params.append("rtp_rfc2833", media.eventPayload ?? false);
    if (role !== "answer") params.append(`rtp_port${suffix}`, media.port);
    const prefix = sound ? "sdp_" : `sdp_${media.kind}_`;
    for (const [name, value] of media.attributes) params.append(prefix + name, value);
  }
}

function formatsOf({ codecs }: MediaDescription, known: readonly string[]): string[] {
  return codecs.flatMap(({ format }) => (format !== undefined && known.includes(format) ? [format] : []));
}
