import type { Engine, EngineMessage } from "../../engine/index.ts";
import type { SrtpKeys, SrtpSuite } from "../../rtp/index.ts";
import { cryptoSuites } from "../../sdp/index.ts";
import type { OpusLibrary } from "../opus.ts";
import { canonicalAddress } from "./remote-address.ts";
import { readSdesKey, writeSdesKey } from "./sdes-keys.ts";
import type { RtpSession } from "./session.ts";
import type { RtpSessions } from "./sessions.ts";
import type { RtpSettings } from "./settings.ts";

/** What the handlers of the module share. */
export interface RtpModule {
  readonly engine: Engine;
  readonly settings: RtpSettings;
  readonly sessions: RtpSessions;
  readonly opus: OpusLibrary;
}

/** Refuses a message so that its sender learns why. */
export function fail(message: EngineMessage, reason: string): false {
  message.set("error", "failure").set("reason", reason);
  return false;
}

/** Tells where the session is. */
export function answerSession(message: EngineMessage, session: RtpSession): true {
  message.set("localip", session.localIp).set("localport", session.localPort).set("rtpid", session.id);
  answerKeys(message, session);
  return true;
}

/** The key of what this side sends, if it is SRTP. */
export function answerKeys(message: EngineMessage, session: RtpSession): void {
  const local = session.localKeys;
  if (local) message.set("ocrypto_suite", local.suite).set("ocrypto_key", writeSdesKey(local));
}

/** `remoteip` and `remoteport`; undefined when one is missing, a text says what is wrong. */
export function readAddress(
  message: EngineMessage,
): { readonly ip: string; readonly port: number } | string | undefined {
  const host = message.get("remoteip");
  const ip = host ? canonicalAddress(host) : undefined;
  if (host && ip === undefined) return `remoteip ${host} is no IP address`;
  const text = message.get("remoteport");
  const port = text ? message.integer("remoteport", -1) : undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return `remoteport ${text} is no port`;
  return ip === undefined || port === undefined ? undefined : { ip, port };
}

/** How a session is to be protected (RFC 4568). */
export interface WantedKeys {
  readonly suite: SrtpSuite;
  /** Of what the peer sends; undefined while it has not told it. */
  readonly remote: SrtpKeys | undefined;
}

/** `secure`, `crypto_suite` and `crypto_key`; undefined for a session in the clear, a text says what is wrong. */
export function readKeys(message: EngineMessage): WantedKeys | string | undefined {
  const name = message.get("crypto_suite");
  const key = message.get("crypto_key");
  if (!message.flag("secure", Boolean(name && key))) return undefined;
  const suite = name ? cryptoSuites.find((known) => known === name.toUpperCase()) : cryptoSuites[0];
  if (!suite) return `crypto_suite ${name} is not offered here: ${cryptoSuites.join(", ")}`;
  if (!key) return { suite, remote: undefined };
  const remote = readSdesKey(suite, key);
  return typeof remote === "string" ? `crypto_key cannot be used: ${remote}` : { suite, remote };
}
