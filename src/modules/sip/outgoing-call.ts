import { type CallEndpoint, copyParams, type EngineMessage } from "../../engine/index.ts";
import {
  formatAddress,
  formatHostPort,
  formatNameAddr,
  parseNameAddr,
  parseUri,
  type SessionEnd,
  type SipBody,
  type SipFlow,
  type SipResponse,
} from "../../sip/index.ts";
import { extraHeaders } from "./extra-headers.ts";
import { sessionHandlers } from "./incoming-call.ts";
import type { Line } from "./lines.ts";
import { appendHeaders, appendMedia, partyOf, uriParty } from "./request-params.ts";
import { sdpBody, sessionOf } from "./session-body.ts";
import { readMethods } from "./settings.ts";
import { SipChannel } from "./sip-channel.ts";
import { SipMedia } from "./sip-media.ts";
import type { SipService } from "./sip-service.ts";

/** The channel of a call that the engine makes. */
class OutgoingSipChannel extends SipChannel {
  protected override endParams({ response }: SessionEnd): Iterable<readonly [string, string]> {
    if (!response || response.status < 300 || response.status > 399) return [];
    // A redirection is not followed; an app may reroute with what it says (spec/sip.md §6).
    const target = partyOf(response.headers.get("Contact"));
    const diversion = response.headers.get("Diversion");
    const params: [string, string][] = [
      ["redirect", "true"],
      ["called", target.user],
    ];
    if (target.displayName) params.push(["calledname", target.displayName]);
    params.push(["calleduri", target.uri]);
    if (diversion === undefined) return params;
    const diverter = partyOf(diversion);
    params.push(["diverter", diverter.user]);
    if (diverter.displayName) params.push(["divertername", diverter.displayName]);
    params.push(["diverteruri", diverter.uri]);
    for (const name of ["reason", "privacy", "screen", "counter"]) {
      const value = parseNameAddr(diversion)?.params.get(name);
      if (value) params.push([`divert_${name}`, value.replace(/^"(.*)"$/, "$1")]);
    }
    return params;
  }
}

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
      error: error instanceof Error ? error.message : error,
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
  const channel = new OutgoingSipChannel(service, {
    direction: "outgoing",
    address: formatAddress(flow.remote),
    cause: message,
  });
  const release = channel.hold();
  try {
    const listener = service.listenerOf(flow);
    channel.targetId = caller.id;
    channel.media = new SipMedia({
      channel,
      formats: service.settings.formats,
      localIp: listener?.rtpLocalIp,
      natAddress: listener?.natAddress,
      peerIp: flow.remote.host,
      secure: message.flag("secure", service.settings.secure),
    });
    channel.media.restrict(message.get("formats"));
    channel.dtmfMethods = readMethods(message.get("odtmfmethods")) ?? channel.dtmfMethods;
    const offer = await channel.media.offer();
    if (offer.kind !== "sdp" || caller.gone) {
      message.set("error", "nomedia");
      return false;
    }
    const withoutOffer = message.flag("sdp_ack", false);
    const user = message.get("caller") === "" ? "anonymous" : (message.get("caller") ?? line?.username ?? "");
    const own = flow.local.port === 5060 ? flow.local.host : formatAddress(flow.local);
    const domain = message.get("domain") || line?.domain || own;
    channel.domain = message.get("domain") || line?.domain || "";
    channel.session = service.agent.invite({
      uri,
      flow,
      from: formatNameAddr({
        displayName: message.get("callername") ?? line?.description ?? "",
        uri: `sip:${user ? `${escapeUser(user)}@` : ""}${domain}`,
        params: new Map(),
      }),
      to: formatNameAddr({ displayName: message.get("calledname") ?? "", uri, params: new Map() }),
      contact: `<${service.contactUri(flow, user)}>`,
      maxForwards: message.integer("antiloop", service.settings.maxForwards),
      headers: [...diversionHeaders(message, domain), ...extraHeaders(message)],
      credentials: line?.credentials,
      route: line?.route,
      ...(withoutOffer ? {} : { body: sdpBody(offer.text) }),
      handlers: {
        ...sessionHandlers(channel),
        onProvisional: (response) => receiveProvisional(channel, response),
        onAccepted: (response) => receiveAccepted(channel, response, withoutOffer),
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

/** RFC 3261 §25.1 `user`: what may not stand there as it is. */
function escapeUser(user: string): string {
  return user.replace(/[^\w\-.!~*'()&=+$,;?/%]/g, (character) => encodeURIComponent(character));
}

/** Who sent the call on (spec/sip.md §6). */
function diversionHeaders(message: EngineMessage, domain: string): [string, string][] {
  const diverter = message.get("diverter");
  if (!diverter) return [];
  const address = formatNameAddr({
    displayName: message.get("divertername") ?? "",
    uri: `sip:${escapeUser(diverter)}@${domain}`,
    params: new Map(),
  });
  const given = ["reason", "privacy", "screen", "counter"].flatMap((name) => {
    const value = message.get(`divert_${name}`);
    return value ? [`;${name}=${/^[\w-]+$/.test(value) ? value : JSON.stringify(value)}`] : [];
  });
  return given.length > 0 ? [["Diversion", address + given.join("")]] : [["Referred-By", address]];
}

/** 101 to 199 (spec/sip.md §6). */
function receiveProvisional(channel: SipChannel, response: SipResponse): void {
  channel.setMaxpdd(0);
  channel.ending.note(response.status, response.reason);
  const session = sessionOf(response);
  if (session) channel.media.receiveAnswer(session);
  const rang = channel.status === "ringing";
  const name = response.status === 180 ? "call.ringing" : "call.progress";
  channel.next(async () => {
    if (channel.gone) return;
    const silent = rang || channel.status === "answered";
    if (!silent) channel.status = response.status === 180 ? "ringing" : "progressing";
    if (session) await channel.media.start();
    if (silent || channel.gone) return;
    const message = channel.message(name);
    appendHeaders(message.params, response.headers);
    const reason = { 181: "forwarded", 182: "queued" }[response.status];
    if (reason) message.set("reason", reason);
    const { described } = channel.media;
    if (described) appendMedia(message.params, described, "answer", channel.service.settings.formats);
    else message.set("earlymedia", false);
    channel.driver.engine.kernel.enqueue(message);
  });
}

/** The 2xx; its ACK answers the callee's offer when ours had none. */
function receiveAccepted(
  channel: SipChannel,
  response: SipResponse,
  withoutOffer: boolean,
): SipBody | undefined {
  channel.setMaxpdd(0);
  channel.setMaxcall(0);
  channel.ending.open(true);
  channel.ending.note(response.status, response.reason);
  const session = sessionOf(response);
  let body: SipBody | undefined;
  let usable = true;
  if (withoutOffer && session) {
    const answer = channel.media.answerAtOnce(session);
    usable = answer.kind === "sdp";
    if (answer.kind === "sdp") body = sdpBody(answer.text);
  } else if (session) usable = channel.media.receiveAnswer(session) || channel.media.known;
  else usable = channel.media.known;
  channel.status = "answered";
  channel.answered = true;
  channel.next(async () => {
    if (channel.gone) return;
    if (!usable) {
      channel.drop("nomedia");
      return;
    }
    await channel.media.start();
    if (channel.gone) return;
    const message = channel.message("call.answered");
    appendHeaders(message.params, response.headers);
    const { described } = channel.media;
    if (described) appendMedia(message.params, described, "answer", channel.service.settings.formats);
    channel.driver.engine.kernel.enqueue(message);
  });
  return body;
}
