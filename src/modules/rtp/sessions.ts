import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { errorText } from "../../base/index.ts";
import type { CallEndpoint } from "../../engine/index.ts";
import { canonicalAddress } from "./remote-address.ts";
import { RtpSession, type SessionHost, type SessionOrigin } from "./session.ts";
import type { RtpSessionSettings } from "./settings.ts";
import { type Bound, bindPair, createLocalAddresses } from "./sockets.ts";
import type { StreamFormat } from "./stream-format.ts";

/** What a new session is asked to be. */
export interface OpenSession {
  readonly endpoint: CallEndpoint;
  readonly media: string;
  readonly origin: SessionOrigin;
  readonly stream: StreamFormat;
  /** Address to bind; undefined: that from which `remoteIp` is reached. */
  readonly localIp: string | undefined;
  readonly remoteIp: string | undefined;
  readonly settings: RtpSessionSettings;
}

/** The RTP sessions of an engine: one for each endpoint and media (spec/rtp.md §1). */
export interface RtpSessions {
  readonly all: ReadonlyMap<string, RtpSession>;
  /** That of the endpoint and media, else the one of that id. */
  find(endpoint: CallEndpoint | undefined, media: string, id: string | undefined): RtpSession | undefined;
  /** Binds the ports of a new session; a text says why it cannot be. */
  open(wanted: OpenSession): Promise<RtpSession | string>;
  /** A session of that endpoint is being opened: resolves when that is over, whatever became of it. */
  opening(endpoint: CallEndpoint): Promise<unknown> | undefined;
}

export function createRtpSessions(host: Omit<SessionHost, "ended">): RtpSessions {
  const { engine, settings } = host;
  const all = new Map<string, RtpSession>();
  const byEndpoint = new Map<CallEndpoint, Map<string, RtpSession>>();
  const opening = new Map<CallEndpoint, Promise<unknown>>();
  const addresses = createLocalAddresses(() => engine.clock.monotonicMs());

  const newId = (): string => {
    for (;;) {
      const id = `yrtp/${randomInt(2 ** 31)}`;
      if (!all.has(id)) return id;
    }
  };

  const ended = (session: RtpSession): void => {
    all.delete(session.id);
    const ofEndpoint = byEndpoint.get(session.endpoint);
    if (ofEndpoint?.get(session.media) === session) ofEndpoint.delete(session.media);
    if (ofEndpoint?.size === 0) byEndpoint.delete(session.endpoint);
    host.tap.rtp?.closed(session);
  };

  const bind = async (wanted: OpenSession): Promise<Bound> => {
    const { localIp, remoteIp } = wanted;
    const known = localIp === undefined ? undefined : canonicalAddress(localIp);
    if (localIp !== undefined && known === undefined)
      return { kind: "failed", reason: `localip ${localIp} is no IP address` };
    // Bound to every address, a session could not tell the one to send to.
    const fixed = known === "0.0.0.0" || known === "::" ? undefined : known;
    if (fixed !== undefined && remoteIp && isIP(remoteIp) !== 0 && isIP(remoteIp) !== isIP(fixed))
      return {
        kind: "failed",
        reason: `localip ${localIp} and remoteip ${remoteIp} are of different families`,
      };
    const address = fixed ?? (remoteIp ? await addresses.towards(remoteIp) : known);
    if (address === undefined) {
      const reason = remoteIp ? `there is no route to ${remoteIp}` : "neither localip nor remoteip is known";
      return { kind: "failed", reason };
    }
    const { minPort, maxPort } = settings;
    return await bindPair({ address, minPort, maxPort, bufferBytes: wanted.settings.socketBufferBytes });
  };

  const open = async (wanted: OpenSession): Promise<RtpSession | string> => {
    const { endpoint, media } = wanted;
    const bound = await bind(wanted);
    if (bound.kind === "failed") return bound.reason;
    if (endpoint.gone) {
      bound.pair.rtp.close();
      bound.pair.rtcp.close();
      return "the channel has ended";
    }
    const session = new RtpSession({ ...host, ended }, { ...wanted, id: newId(), pair: bound.pair });
    all.set(session.id, session);
    const ofEndpoint = byEndpoint.get(endpoint) ?? new Map<string, RtpSession>();
    byEndpoint.set(endpoint, ofEndpoint.set(media, session));
    host.tap.rtp?.opened(session);
    return session;
  };

  return {
    all,
    find: (endpoint, media, id) =>
      (endpoint && byEndpoint.get(endpoint)?.get(media)) ?? (id ? all.get(id) : undefined),
    open(wanted) {
      const work = open(wanted).catch((error: unknown) => errorText(error));
      opening.set(wanted.endpoint, work);
      engine.clock.hold?.(work);
      return work.finally(() => {
        if (opening.get(wanted.endpoint) === work) opening.delete(wanted.endpoint);
      });
    },
    opening: (endpoint) => opening.get(endpoint),
  };
}
