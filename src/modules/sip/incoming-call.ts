import type { Params } from "../../bus/index.ts";
import { routeCall } from "../../engine/index.ts";
import type { SessionDescription } from "../../sdp/index.ts";
import {
  formatHostPort,
  type InviteSession,
  listOf,
  type MessageExtrasWithStatus,
  type ServerTransaction,
  type SessionHandlers,
  type SipFlow,
  type SipRequest,
} from "../../sip/index.ts";
import { errorStatus } from "./causes.ts";
import { replacementFor, takeOver } from "./replaces.ts";
import {
  appendBody,
  appendDiversion,
  appendMedia,
  appendRequest,
  appendSource,
  partyOf,
  uriParty,
} from "./request-params.ts";
import { readSessionBody } from "./session-body.ts";
import { SipChannel } from "./sip-channel.ts";
import { SipMedia } from "./sip-media.ts";
import type { SipService } from "./sip-service.ts";

/** A new INVITE: its channel is authenticated, routed and executed (spec/sip.md §3). */
export function receiveInvite(
  service: SipService,
  session: InviteSession,
  { request, flow }: ServerTransaction,
): SessionHandlers {
  const channel = new SipChannel(service, {
    direction: "incoming",
    address: formatHostPort(flow.remote.host, flow.remote.port),
  });
  const listener = service.listenerOf(flow);
  channel.session = session;
  channel.media = new SipMedia({
    channel,
    formats: service.settings.formats,
    localIp: listener?.rtpLocalIp,
    natAddress: listener?.natAddress,
    peerIp: flow.remote.host,
    secure: service.settings.secure,
  });
  void routeInvite(channel, request, flow).catch((error: unknown) => {
    service.engine.log.error("a SIP call could not be routed", { id: channel.id, error });
    channel.refuse(500, undefined);
  });
  return sessionHandlers(channel);
}

/** How a session moves its channel. */
export function sessionHandlers(channel: SipChannel): SessionHandlers {
  return {
    onAck: (ack) => channel.acknowledged(ack),
    onAnswer: (ack) => channel.acknowledged(ack),
    onOffer: (offer) => channel.receiveOffer(offer),
    onRequest: (transaction) => channel.receiveRequest(transaction),
    authorize: (request, flow) => authorize(channel, request, flow),
    onEnd: (end) => channel.sessionEnded(end),
  };
}

/** Who had to prove who they are to begin a call must do so for what follows (spec/sip.md §9). */
async function authorize(
  channel: SipChannel,
  request: SipRequest,
  flow: SipFlow,
): Promise<MessageExtrasWithStatus | undefined> {
  const { auth } = channel.service;
  if (channel.username === undefined || !channel.authorizes) return undefined;
  const result = await auth.authenticate(request, flow, { id: channel.id, billid: channel.billId });
  if (result.kind === "user") return undefined;
  const headers = auth
    .challenges({ stale: result.kind === "stale" })
    .map((challenge) => ["WWW-Authenticate", challenge] as const);
  return { status: 401, headers };
}

async function routeInvite(channel: SipChannel, request: SipRequest, flow: SipFlow): Promise<void> {
  const { service } = channel;
  const { engine } = service;
  const release = channel.hold();
  try {
    const from = partyOf(request.headers.get("From"));
    const to = uriParty(request.uri);
    const line = service.lines.ofRequest(request, flow);
    const message = engine.message("call.preroute", undefined, channel);
    const { params } = message;
    const auth = line
      ? undefined
      : await service.auth.authenticate(request, flow, {
          id: channel.id,
          caller: from.user,
          called: to.user,
          billid: channel.billId,
        });
    if (channel.gone) return;
    if (auth?.kind === "user") channel.username = auth.username;
    channel.staleNonce = auth?.kind === "stale";

    const callid = `sip/${channel.session.callId}/${channel.session.remoteTag}/${channel.session.localTag}`;
    const startup = channel.message("chan.startup");
    startup.params
      .set("domain", from.domain)
      .set("callid", callid)
      .set("caller", from.user)
      .set("called", to.user);
    if (channel.username) startup.set("username", channel.username);
    startup.set("connection_id", flow.id);
    engine.kernel.enqueue(startup);

    channel.complete(params);
    params.append("callid", callid);
    appendBody(params, request);
    params.append("caller", from.user).append("called", to.user);
    if (from.displayName) params.append("callername", from.displayName);
    appendCallInfo(params, request);
    const hops = Number(request.headers.get("Max-Forwards") ?? service.settings.maxForwards);
    params.append("antiloop", Math.min(Number.isNaN(hops) ? 0 : hops, service.settings.maxForwards) - 1);
    appendSource(params, flow);
    appendRequest(params, request, false);
    appendDiversion(params, request.headers);
    if (line)
      params.append("in_line", line.account).append("username", line.username).append("domain", line.domain);
    else if (auth) {
      for (const [name, value] of auth.message.params) {
        if (params.has(name) || notPassedOn.has(name)) continue;
        params.append(name, value);
      }
      if (auth.kind === "user") {
        params.set("username", auth.username);
        if (auth.ageSec !== undefined) params.append("xsip_nonce_age", auth.ageSec);
      } else params.delete("username");
      if (auth.kind === "stale") params.append("expired_user", auth.username);
    }
    const unusable = describeOffer(channel, request, params);
    if (unusable) {
      channel.refuse(400, unusable);
      return;
    }
    if (auth?.kind === "refused") {
      const error = message.get("error") || auth.message.get("error") || "forbidden";
      channel.reject(
        errorStatus(error) === undefined ? "forbidden" : error,
        auth.message.get("reason"),
        message,
      );
      return;
    }
    const replacement = replacementFor(channel, request);
    if (replacement.kind === "refused") channel.refuse(replacement.status, undefined);
    else if (replacement.kind === "take") takeOver(channel, replacement.of);
    else await routeCall(channel, message);
  } finally {
    release();
  }
}

/** Call-Info by its purpose (spec/sip.md §3). */
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

/** The caller's offer into the message and the media; a text tells what is wrong with it. */
function describeOffer(channel: SipChannel, request: SipRequest, params: Params): string | undefined {
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
      receive(channel, offer.session, params);
      return undefined;
  }
}

function receive(channel: SipChannel, session: SessionDescription, params: Params): void {
  channel.media.receiveOffer(session);
  appendMedia(params, session);
  const address = session.media.find(({ kind }) => kind === "audio")?.address ?? "";
  const real = channel.media.natAddressOf(address);
  if (real !== undefined) params.set("rtp_addr", real).append("rtp_nat_addr", address);
  params.append("rtp_forward", "possible");
}
