import { type CallEndpoint, type EngineMessage, endpointOf, type MaybePromise } from "../../engine/index.ts";
import { answerKeys, answerSession, fail, type RtpModule, readAddress, readKeys } from "./rtp-messages.ts";
import type { RtpSession, StreamDirection } from "./session.ts";
import { sessionSettings, timeoutOf } from "./settings.ts";
import { loadingOf, readStreamFormat } from "./stream-format.ts";

const directions: Readonly<Record<string, StreamDirection>> = {
  bidir: { receive: true, send: true },
  receive: { receive: true, send: false },
  send: { receive: false, send: true },
};

/**
 * `chan.rtp`: allocates, starts, changes and ends the session of a channel for who negotiates it, as SIP does (spec/rtp.md §6).
 * What is about a session that exists is answered at once.
 */
export function negotiateRtp(module: RtpModule, message: EngineMessage): MaybePromise<boolean> {
  const transport = message.get("transport") ?? "";
  if (transport !== "" && !transport.startsWith("RTP/")) return false;
  const media = message.get("media") || "audio";
  const endpoint = endpointOf(message);
  const present = module.sessions.find(endpoint, media, message.get("rtpid"));
  if (message.flag("terminate", false)) return present !== undefined && terminate(message, present);
  const direction = directions[message.get("direction") ?? ""];
  // What an app had attached before the phone's sound was negotiated gives way to it.
  const usurped = present?.origin === "attached" && direction !== undefined && present.endpoint === endpoint;
  if (present && !(usurped && message.get("rtpid") === undefined)) {
    const loading = loadingOf(message, module.opus, module.engine.clock);
    return loading !== undefined
      ? loading.then(() => update(module, message, present))
      : update(module, message, present);
  }
  if (!direction) return false;
  if (!endpoint) {
    module.engine.log.warn("chan.rtp without a channel and for no session that exists");
    return false;
  }
  return create(module, message, endpoint, media, direction);
}

async function create(
  module: RtpModule,
  message: EngineMessage,
  endpoint: CallEndpoint,
  media: string,
  direction: StreamDirection,
): Promise<boolean> {
  const { sessions, settings, opus } = module;
  const loading = loadingOf(message, opus, module.engine.clock);
  if (loading !== undefined) await loading;
  // From the last look at who is opening to `open` nothing waits, so that two who ask at once share a session.
  for (let work = sessions.opening(endpoint); work; work = sessions.opening(endpoint)) await work;
  const present = sessions.find(endpoint, media, undefined);
  if (present?.origin === "attached") {
    module.engine.log.warn(
      `${present.id}: the phone at ${endpoint.id} takes its own sound, the app's attachment ends`,
    );
    present.end();
  } else if (present) return update(module, message, present);
  if (media !== "audio") return false;
  const remote = readAddress(message);
  if (typeof remote === "string") return fail(message, remote);
  const stream = readStreamFormat(message, true, opus);
  if (typeof stream === "string") return fail(message, stream);
  const keys = readKeys(message);
  if (typeof keys === "string") return fail(message, keys);
  const opened = await sessions.open({
    endpoint,
    media,
    origin: "negotiated",
    stream,
    localIp: message.get("localip") || settings.localIp,
    remoteIp: message.get("remoteip"),
    settings: sessionSettings(settings.session, message),
  });
  if (typeof opened === "string") return fail(message, opened);
  if (keys) opened.protect(keys);
  opened.held = isHeld(message);
  opened.direct(direction);
  if (!opened.install({ source: direction.receive, consumer: direction.send }, "keep"))
    return fail(message, "the channel has sound of others already, or has ended");
  if (remote) opened.tell(remote.ip, remote.port);
  answerSession(message, opened);
  message.set("status", "created");
  return true;
}

function update(module: RtpModule, message: EngineMessage, session: RtpSession): boolean {
  const remote = readAddress(message);
  if (typeof remote === "string") return fail(message, remote);
  const networkOrder = session.origin === "negotiated";
  const stream = message.get("format") ? readStreamFormat(message, networkOrder, module.opus) : undefined;
  if (typeof stream === "string") return fail(message, stream);
  const keys = readKeys(message);
  if (typeof keys === "string") return fail(message, keys);
  if (keys && !session.protect(keys))
    return fail(message, `crypto_suite ${keys.suite} is not the one that was offered`);
  const direction = directions[message.get("direction") ?? ""];
  if (message.get("timeout") !== undefined)
    session.timeoutMs = timeoutOf(message, module.settings.session.timeoutMs);
  if (direction) {
    session.held = isHeld(message);
    session.direct(direction);
  }
  if (stream) session.carry(stream);
  // After all that says what the peer's packets are: those that were there before it are looked at now.
  if (remote) session.tell(remote.ip, remote.port);
  if (direction && endpointOf(message) === session.endpoint)
    session.install({ source: direction.receive, consumer: direction.send }, "keep");
  if (message.get("localip") === undefined) message.set("localip", session.localIp);
  message.set("localport", session.localPort);
  if (message.get("rtpid") === undefined) message.set("rtpid", session.id);
  answerKeys(message, session);
  message.set("status", "updated");
  return true;
}

/** The figures are those of the whole session; one that never learnt where to send has none. */
function terminate(message: EngineMessage, session: RtpSession): boolean {
  session.end();
  message.set("localip", session.localIp).set("localport", session.localPort);
  if (session.remote !== undefined) message.set("stats", session.stats);
  message.set("status", "terminated");
  return true;
}

/** The peer has put the call on hold: it may be silent. */
function isHeld(message: EngineMessage): boolean {
  return message.get("sdp_sendonly") !== undefined || message.get("sdp_inactive") !== undefined;
}
