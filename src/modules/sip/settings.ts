import { type ConfigFile, type Engine, toBoolean, toInteger } from "../../engine/index.ts";
import type { SipTransport } from "../../sip/index.ts";

/** A place where phones reach the engine. */
export interface SipListener {
  /** Is the `connection_id` of UDP traffic. */
  readonly name: string;
  readonly transport: SipTransport;
  readonly host: string;
  readonly port: number;
  /** Names of files with the certificate and the key, in PEM. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Address to offer for sound; default is where the packet goes out. */
  readonly rtpLocalIp: string | undefined;
  /** Put into session descriptions and contacts in the place of the own address, for who stands behind a NAT. */
  readonly natAddress: string | undefined;
}

/** How a key goes out. */
export type DtmfMethod = "rfc2833" | "info" | "inband";

/** `ysipchan.conf` (spec/sip.md), read once at start. */
export interface SipSettings {
  readonly listeners: readonly SipListener[];
  readonly realm: string;
  readonly userAgent: string;
  readonly maxForwards: number;
  /** Formats offered and taken, best first; `opus` among them says only that it is wanted, if it can be had. */
  readonly formats: readonly string[];
  /** `opus` was asked for by its name. */
  readonly opusAsked: boolean;
  readonly dtmfMethods: readonly DtmfMethod[];
  /** 183 once a call is routed. */
  readonly progress: boolean;
  /** Our own provisional responses are reliable where the peer can. */
  readonly reliableProvisional: boolean;
  /** Sound towards a phone starts with the 200, not with its ACK. */
  readonly rtpStartAtOnce: boolean;
  /** SRTP is offered, and taken, by calls that say nothing of it. */
  readonly secure: boolean;
  readonly authRequired: boolean;
  readonly challengeSha256: boolean;
  readonly expires: { readonly min: number; readonly usual: number; readonly max: number };
  /** Contacts behind a NAT are reached where their packets come from. */
  readonly nat: boolean;
  readonly transfer: boolean;
  readonly messages: { readonly enabled: boolean; readonly authRequired: boolean };
  /** `xsip.generate` is served. */
  readonly generate: boolean;
  /** Methods dispatched as `sip.<method>`, and whether they must be authenticated. */
  readonly methods: ReadonlyMap<string, boolean>;
  /** Seconds of RFC 4028; 0 asks for none. */
  readonly sessionExpires: number;
  /** Requests that one address may send outside of calls, a second; 0 for no limit. */
  readonly floodRate: number;
  /** How servers are verified that the engine connects to over TLS; files with certificates of authorities, in PEM. */
  readonly tlsClient: { readonly verify: boolean; readonly authorities: string | undefined };
}

const transports: Readonly<Record<string, SipTransport>> = {
  udp: "UDP",
  tcp: "TCP",
  tls: "TLS",
  ws: "WS",
  wss: "WSS",
};
const knownFormats = ["mulaw", "alaw", "gsm", "slin", "opus"];
const knownMethods: readonly DtmfMethod[] = ["rfc2833", "info", "inband"];

/** @param report told of what cannot be used; it counts as not there */
export function readSipSettings(engine: Engine, report: (text: string) => void): SipSettings {
  const file = engine.config("ysipchan");
  const get = (section: string, key: string): string | undefined => file.section(section)?.get(key);
  const flag = (section: string, key: string, usual: boolean): boolean => {
    const text = get(section, key);
    const value = toBoolean(text);
    if (text && value === undefined) report(`[${section}] ${key}=${text} is neither yes nor no`);
    return value ?? usual;
  };
  const number = (section: string, key: string, usual: number, min: number, max: number): number => {
    const text = get(section, key);
    const value = toInteger(text);
    if (text && (value === undefined || value < min || value > max)) {
      report(`[${section}] ${key}=${text} is not a number from ${min} to ${max}`);
      return usual;
    }
    return value ?? usual;
  };
  const min = number("registrar", "expires_min", 60, 1, 86_400);
  return {
    listeners: readListeners(file, engine.config("openssl"), report),
    realm: get("general", "realm") || "Yate",
    userAgent: get("general", "useragent") || `yayts (YATE/${engine.runParams.get("version") ?? ""})`,
    maxForwards: number("general", "maxforwards", 20, 1, 255),
    formats: readFormats(file, report),
    opusAsked: toBoolean(file.section("codecs")?.get("opus")) ?? false,
    dtmfMethods: readMethods(get("general", "dtmfmethods"), report) ?? knownMethods,
    progress: flag("general", "progress", false),
    reliableProvisional: flag("general", "iprack", false),
    rtpStartAtOnce: flag("general", "rtp_start", false),
    secure: flag("general", "secure", false),
    authRequired: flag("registrar", "auth_required", true),
    challengeSha256: flag("general", "auth_sha256", false),
    expires: {
      min,
      usual: number("registrar", "expires_def", 600, min, 86_400),
      max: number("registrar", "expires_max", 3600, min, 864_000),
    },
    nat: flag("registrar", "nat", true),
    transfer: flag("general", "transfer", true),
    messages: {
      enabled: flag("message", "enable", false),
      authRequired: flag("message", "auth_required", true),
    },
    generate: flag("general", "generate", false),
    methods: new Map(
      (file.section("methods")?.entries ?? []).map(({ key, value }) => [
        key.toUpperCase(),
        toBoolean(value) ?? true,
      ]),
    ),
    sessionExpires: number("general", "session_expires", 1800, 0, 86_400),
    tlsClient: {
      verify: flag("general", "tls_verify", true),
      authorities: get("general", "tls_authorities") || undefined,
    },
    floodRate: flag("general", "floodprotection", true)
      ? number("general", "floodrate", 200, 1, 1_000_000)
      : 0,
  };
}

function readListeners(file: ConfigFile, tls: ConfigFile, report: (text: string) => void): SipListener[] {
  const found: SipListener[] = [];
  for (const section of file.sections) {
    const name = section.name === "general" ? "general" : /^listener (.+)$/.exec(section.name)?.[1];
    if (name === undefined || toBoolean(section.get("enable")) === false) continue;
    const type = (section.get("type") || "udp").toLowerCase();
    const transport = transports[type];
    if (!transport) {
      report(`[${section.name}] type=${type}: there are ${Object.keys(transports).join(", ")}`);
      continue;
    }
    const secure = transport === "TLS" || transport === "WSS";
    const context = tls.section(section.get("sslcontext") ?? "");
    const certificate = context?.get("certificate");
    if (secure && !certificate) {
      report(
        `[${section.name}] sslcontext=${section.get("sslcontext") ?? ""}: openssl.conf needs that section with certificate= and key=`,
      );
      continue;
    }
    const portText = section.get("port");
    const port = portText ? toInteger(portText) : secure ? 5061 : 5060;
    if (port === undefined || port < 0 || port > 65_535) {
      report(`[${section.name}] port=${portText} is not a port`);
      continue;
    }
    found.push({
      name,
      transport,
      host: section.get("addr") || "0.0.0.0",
      port,
      tls: secure && certificate ? { certificate, key: context?.get("key") || certificate } : undefined,
      rtpLocalIp: section.get("rtp_localip") || undefined,
      natAddress: section.get("nat_address") || undefined,
    });
  }
  return found;
}

function readFormats(file: ConfigFile, report: (text: string) => void): string[] {
  const codecs = file.section("codecs");
  const usual = toBoolean(codecs?.get("default")) ?? true;
  for (const { key, value } of codecs?.entries ?? []) {
    if (key !== "default" && toBoolean(value) === undefined)
      report(`[codecs] ${key}=${value} is neither yes nor no`);
  }
  return knownFormats.filter((format) => toBoolean(codecs?.get(format)) ?? usual);
}

/** A comma separated list of ways to send a key; undefined when there is none. */
export function readMethods(
  text: string | undefined,
  report: (text: string) => void = () => {},
): readonly DtmfMethod[] | undefined {
  if (!text) return undefined;
  const words = text.split(",").map((word) => word.trim().toLowerCase());
  const found = knownMethods.filter((method) => words.includes(method));
  const unknown = words.filter((word) => !knownMethods.some((method) => method === word));
  if (unknown.length > 0) report(`dtmfmethods=${text}: there are ${knownMethods.join(", ")}`);
  return found.length === 0 ? undefined : found.sort((a, b) => words.indexOf(a) - words.indexOf(b));
}
