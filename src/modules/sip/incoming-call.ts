import { routeCall } from "../../engine/index.ts";
import type {
  InviteSession,
  MessageExtrasWithStatus,
  ServerTransaction,
  SessionHandlers,
  SipFlow,
  SipRequest,
} from "../../sip/index.ts";
import { type CallOrigin, callMessage } from "./call-message.ts";
import { errorStatus } from "./causes.ts";
import { replacementFor, takeOver } from "./replaces.ts";
import { type CallParties, partiesOf } from "./request-params.ts";
import { SipChannel } from "./sip-channel.ts";
import type { SipService } from "./sip-service.ts";

/** A new INVITE: its channel is authenticated, routed and executed (spec/sip.md §3). */
export function receiveInvite(
  service: SipService,
  session: InviteSession,
  { request, flow }: ServerTransaction,
): SessionHandlers {
  const channel = new SipChannel(service, flow, { direction: "incoming" });
  channel.session = session;
  void routeInvite(channel, request, flow);
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
  return { status: 401, headers: auth.challenges({ stale: result.kind === "stale" }) };
}

async function routeInvite(channel: SipChannel, request: SipRequest, flow: SipFlow): Promise<void> {
  const release = channel.hold();
  try {
    const parties = partiesOf(request);
    const origin = await originOf(channel, request, flow, parties);
    if (channel.gone) return;
    const { message, unusable } = callMessage(channel, request, flow, parties, origin);
    channel.domain = origin.kind === "line" ? origin.line.domain : parties.from.domain;
    announce(channel, flow, parties);
    const replacement = replacementFor(channel, request);
    if (unusable !== undefined) channel.refuse(400, unusable);
    else if (origin.kind === "refused") channel.reject(origin.error, origin.reason, message);
    else if (replacement.kind === "refused") channel.refuse(replacement.status, undefined);
    else if (replacement.kind === "take") takeOver(channel, replacement.of);
    else await routeCall(channel, message);
  } catch (error) {
    channel.service.engine.log.error("a SIP call could not be routed", { id: channel.id, error });
    // Before it is let go of, which would end it for no reason that its caller could know.
    if (!channel.gone) channel.refuse(500, undefined);
  } finally {
    release();
  }
}

/** Who calls: one of our lines, or whom the handlers of `user.auth` know. */
async function originOf(
  channel: SipChannel,
  request: SipRequest,
  flow: SipFlow,
  { from, called }: CallParties,
): Promise<CallOrigin> {
  const { lines, auth } = channel.service;
  const line = lines.ofRequest(request, flow);
  if (line) return { kind: "line", line };
  const result = await auth.authenticate(request, flow, {
    id: channel.id,
    caller: from.user,
    called,
    billid: channel.billId,
  });
  if (result.kind === "user") channel.username = result.username;
  channel.staleNonce = result.kind === "stale";
  if (result.kind !== "refused") return { kind: "auth", auth: result };
  const error = result.message.get("error");
  return {
    kind: "refused",
    error: errorStatus(error) === undefined || error === undefined ? "forbidden" : error,
    reason: result.message.get("reason"),
    auth: result,
  };
}

/** `chan.startup`, which knows more of a SIP call than the channel does. */
function announce(channel: SipChannel, flow: SipFlow, { from, called }: CallParties): void {
  const message = channel.message("chan.startup");
  message.set("caller", from.user).set("called", called);
  if (channel.username) message.set("username", channel.username);
  message.set("connection_id", flow.id);
  channel.driver.engine.kernel.enqueue(message);
}
