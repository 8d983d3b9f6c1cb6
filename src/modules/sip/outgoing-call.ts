import { errorText } from "../../base/index.ts";
import { type CallEndpoint, copyParams, type EngineMessage, toBoolean } from "../../engine/index.ts";
import { formatHostPort, parseUri, type SipFlow } from "../../sip/index.ts";
import { sessionHandlers } from "./incoming-call.ts";
import { invitationOf } from "./invitation.ts";
import type { Line } from "./lines.ts";
import { OutgoingSipChannel } from "./outgoing-channel.ts";
import { uriParty } from "./request-params.ts";
import { sdpBody } from "./session-body.ts";
import { readMethods } from "./settings.ts";
import type { SipService } from "./sip-service.ts";

/** `call.execute` to `sip/…` (spec/sip.md §6). */
export async function placeCall(
  service: SipService,
  message: EngineMessage,
  target: string,
  caller: CallEndpoint | undefined,
): Promise<boolean> {
  if (!caller) return false;
  const fail = (error: string, reason?: string): false => {
    if (reason) message.set("reason", reason);
    message.set("error", error);
    return false;
  };
  const account = message.get("line");
  const line = account ? service.lines.find(account) : undefined;
  if (account && !line?.registered) return fail("offline");
  const uri = targetUri(target, line);
  if (uri === undefined) return fail("notransport", "Failed to create party");
  const release = caller.hold();
  try {
    const flow = await flowTo(service, message, uri, line);
    if (caller.gone) return false;
    if (!flow) return fail("notransport", "Failed to create party");
    return await execute(service, message, uri, flow, line, caller);
  } finally {
    release();
  }
}

/** The Request-URI of a target: whole, `user@host`, or `user` at a line's domain. */
function targetUri(target: string, line: Line | undefined): string | undefined {
  const whole = /^(sips?|tel):/i.test(target) ? target : `sip:${target}`;
  const uri = parseUri(whole);
  if (uri?.scheme === "tel") return line ? whole : undefined;
  if (!line) return uri?.host ? whole : undefined;
  return target.includes("@") ? whole : `sip:${target.replace(/^sips?:/i, "")}@${line.domain}`;
}

/** The way to the callee; undefined when there is none. */
async function flowTo(
  service: SipService,
  message: EngineMessage,
  uri: string,
  line: Line | undefined,
): Promise<SipFlow | undefined> {
  const { transports } = service;
  try {
    if (line) return await line.flow();
    const connection = message.get("oconnection_id");
    const open = connection ? transports.flowOf(connection) : undefined;
    if (open) return open;
    const host = message.get("oip_transport_remoteip") || message.get("host");
    const port = message.get("oip_transport_remoteport") || message.get("port");
    const place = host ? `sip:${formatHostPort(host, Number(port) || 5060)}` : uri;
    const next = await transports.resolve(place, message.get("oip_transport"));
    const from = message.get("oip_transport_localip");
    return await transports.connect({
      ...next,
      ...(connection ? { listener: connection } : {}),
      ...(from ? { from: { host: from } } : {}),
    });
  } catch (error) {
    service.engine.log.warn("no way to a SIP party", {
      uri,
      error: errorText(error),
    });
    return undefined;
  }
}

async function execute(
  service: SipService,
  message: EngineMessage,
  uri: string,
  flow: SipFlow,
  line: Line | undefined,
  caller: CallEndpoint,
): Promise<boolean> {
  const { engine } = service;
  const channel = new OutgoingSipChannel(service, flow, {
    direction: "outgoing",
    cause: message,
    secure: toBoolean(message.get("secure")),
  });
  const release = channel.hold();
  try {
    channel.targetId = caller.id;
    channel.media.restrict(message.get("formats"));
    channel.dtmfMethods = readMethods(message.get("odtmfmethods")) ?? channel.dtmfMethods;
    const offer = await channel.media.offer();
    if (offer.kind !== "sdp" || caller.gone) {
      message.set("error", "nomedia");
      return false;
    }
    const withoutOffer = message.flag("sdp_ack", false);
    const invitation = invitationOf(service, message, uri, flow, line);
    channel.domain = message.get("domain") || line?.domain || "";
    channel.session = service.agent.invite({
      uri,
      flow,
      ...invitation,
      ...(withoutOffer ? {} : { body: sdpBody(offer.text) }),
      handlers: {
        ...sessionHandlers(channel),
        onProvisional: (response) => channel.receiveProvisional(response),
        onAccepted: (response) => channel.receiveAccepted(response, withoutOffer),
      },
    });
    channel.setMaxcall(message.integer("maxcall", 0));
    channel.setMaxpdd(message.integer("maxpdd", 0));
    const startup = channel.message("chan.startup");
    copyParams(message, startup.params, ["caller", "callername", "called", "billid", "callto", "username"]);
    startup.set("calledfull", uriParty(uri).user);
    startup.set("sip_callid", channel.session.callId).set("connection_id", flow.id);
    copyParams(message, startup.params, (message.get("copyparams") ?? "").split(","));
    engine.kernel.enqueue(startup);
    if (!caller.connect(channel, message.get("reason"))) return false;
    message.set("peerid", channel.id).set("targetid", channel.id);
    message.delete("rtp_forward");
    return true;
  } finally {
    release();
  }
}
