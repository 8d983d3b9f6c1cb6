import { type EngineMessage, endpointOf, type MaybePromise } from "../../engine/index.ts";
import { answerSession, fail, type RtpModule, readAddress, readKeys } from "./rtp-messages.ts";
import { sessionSettings, timeoutOf } from "./settings.ts";
import { loadingOf, readStreamFormat } from "./stream-format.ts";

/**
 * `chan.attach` with `source` or `consumer` `rtp/<name>`: an app gets and gives the sound of a channel over UDP (spec/rtp.md
 * §3). The parameters stay in the message; `localip`, `localport` and `rtpid` come to them. What cannot work is refused with
 * `error=failure` and a `reason`, and leaves nothing behind.
 */
export function attachRtp(module: RtpModule, message: EngineMessage): MaybePromise<boolean> {
  const asked = (["source", "consumer"] as const).filter((name) => message.get(name));
  const wanted = asked.filter((name) => /^rtp\/./s.test(message.get(name) ?? ""));
  if (wanted.length === 0) return false;
  if (!endpointOf(message)) {
    module.engine.log.warn("chan.attach of rtp/ without a channel: send it through chan.masquerade");
    return false;
  }
  return attach(module, message, wanted, wanted.length === asked.length);
}

async function attach(
  module: RtpModule,
  message: EngineMessage,
  wanted: readonly ("source" | "consumer")[],
  all: boolean,
): Promise<boolean> {
  const endpoint = endpointOf(message);
  if (!endpoint) return false;
  const media = message.get("media") || "audio";
  if (media !== "audio") return fail(message, `there is no ${media} in this engine`);
  const { sessions, settings, opus } = module;
  const loading = loadingOf(message, opus, module.engine.clock);
  if (loading !== undefined) await loading;
  // From the last look at who is opening to `open` nothing waits, so that two who ask at once share a session.
  for (let work = sessions.opening(endpoint); work; work = sessions.opening(endpoint)) await work;
  const present = sessions.find(endpoint, media, message.get("rtpid"));
  if (present?.origin === "negotiated") {
    return fail(
      message,
      `${present.id} is the sound of the phone at ${present.channelId} itself: attach to its peer (${present.peerId || "it has none now"})`,
    );
  }
  const remote = readAddress(message);
  if (typeof remote === "string") return fail(message, remote);
  const stream = present && !message.get("format") ? present.stream : readStreamFormat(message, false, opus);
  if (typeof stream === "string") return fail(message, stream);
  const keys = readKeys(message);
  if (typeof keys === "string") return fail(message, keys);

  if (present) {
    if (message.get("timeout") !== undefined) {
      present.timeoutMs = timeoutOf(message, settings.session.timeoutMs);
    }
    if (keys) present.protect(keys);
    if (remote) present.tell(remote.ip, remote.port);
    present.carry(stream);
    return answerSession(message, present) && all;
  }

  const localIp = message.get("localip") || settings.localIp;
  if (!remote && !message.get("remoteip") && !localIp)
    return fail(message, "neither remoteip and remoteport nor localip: there is no address");
  const opened = await sessions.open({
    endpoint,
    media,
    origin: "attached",
    stream,
    localIp,
    remoteIp: message.get("remoteip"),
    settings: sessionSettings(settings.session, message),
  });
  if (typeof opened === "string") return fail(message, opened);
  if (keys) opened.protect(keys);
  const places = { source: wanted.includes("source"), consumer: wanted.includes("consumer") };
  if (!opened.install(places, "replace")) return fail(message, "the channel has ended");
  if (remote) opened.tell(remote.ip, remote.port);
  return answerSession(message, opened) && all;
}
