import type { Params } from "../../bus/index.ts";
import type { EngineMessage } from "../../engine/index.ts";
import type { SessionDescription } from "../../sdp/index.ts";
import { listOf, type SipFlow, type SipRequest } from "../../sip/index.ts";
import type { AuthResult } from "./authenticate.ts";
import type { Line } from "./lines.ts";
import {
  appendBody,
  appendDiversion,
  appendDiversionReason,
  appendMedia,
  appendRequest,
  appendSource,
  type CallParties,
  hopsAfter,
} from "./request-params.ts";
import { readSessionBody } from "./session-body.ts";
import type { SipChannel } from "./sip-channel.ts";

/** Who a call comes from. */
export type CallOrigin =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "auth"; readonly auth: AuthResult }
  | {
      readonly kind: "refused";
      readonly error: string;
      readonly reason: string | undefined;
      readonly auth: AuthResult;
    };

/**
 * The message that an incoming call goes through prerouting, routing and execution with; its parameters stand in the order of
 * spec/sip.md §3.
 * @returns the message; `unusable` says what is wrong with the caller's offer, if it cannot be read
 */
export function callMessage(
  channel: SipChannel,
  request: SipRequest,
  flow: SipFlow,
  { from, called }: CallParties,
  origin: CallOrigin,
): { readonly message: EngineMessage; readonly unusable: string | undefined } {
  const { settings, engine } = channel.service;
  const message = engine.message("call.preroute", undefined, channel);
  const { params } = message;
  channel.complete(params);
  appendBody(params, request);
  params.append("caller", from.user).append("called", called);
  if (from.displayName) params.append("callername", from.displayName);
  appendCallInfo(params, request);
  params.append("antiloop", hopsAfter(request, settings.maxForwards));
  appendSource(params, flow);
  appendRequest(params, request, from);
  appendDiversion(params, request.headers);
  appendOrigin(params, origin);
  const unusable = appendOffer(channel, request, params);
  appendDiversionReason(params, request.headers);
  return { message, unusable };
}

/** Call-Info by its purpose. */
function appendCallInfo(params: Params, request: SipRequest): void {
  for (const value of listOf(request.headers, "Call-Info")) {
    const purpose = /;\s*purpose=([\w-]+)/i.exec(value)?.[1]?.toLowerCase() ?? "info";
    const uri = /<([^>]*)>/.exec(value)?.[1];
    const name = `caller_${purpose}_uri`;
    if (uri && ["info", "icon", "card"].includes(purpose) && !params.has(name)) params.append(name, uri);
  }
}

/** What stands in `user.auth` for that message's own sake. */
const notPassedOn = new Set([
  "protocol",
  "nonce",
  "response",
  "method",
  "uri",
  "number",
  "handlers",
  "expires",
]);

function appendOrigin(params: Params, origin: CallOrigin): void {
  if (origin.kind === "line") {
    const { account, username, domain } = origin.line;
    params.append("in_line", account).append("username", username).append("domain", domain);
    return;
  }
  const { auth } = origin;
  for (const [name, value] of auth.message.params) {
    if (!params.has(name) && !notPassedOn.has(name)) params.append(name, value);
  }
  if (auth.kind === "user") {
    params.set("username", auth.username);
    if (auth.ageSec !== undefined) params.append("xsip_nonce_age", auth.ageSec);
  } else params.delete("username");
  if (auth.kind === "stale") params.append("expired_user", auth.username);
}

/** The caller's offer into the message and the channel's media; a text tells what is wrong with it. */
function appendOffer(channel: SipChannel, request: SipRequest, params: Params): string | undefined {
  const offer = readSessionBody(request);
  switch (offer.kind) {
    case "none":
      params.append("rtp_forward", "missing");
      return undefined;
    case "other":
      params.append("media", false);
      return undefined;
    case "invalid":
      return `Bad session description: ${offer.problem}`;
    case "session":
      receiveOffer(channel, offer.session, params);
      return undefined;
  }
}

function receiveOffer(channel: SipChannel, session: SessionDescription, params: Params): void {
  channel.media.receiveOffer(session);
  appendMedia(params, session, "offer", channel.service.settings.formats);
  channel.toldFormats = params.get("formats");
  const address = session.media.find(({ kind }) => kind === "audio")?.address ?? "";
  const real = channel.media.natAddressOf(address);
  if (real !== undefined) params.set("rtp_addr", real).append("rtp_nat_addr", address);
  params.append("rtp_forward", "possible");
}
