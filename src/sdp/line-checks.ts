import { isRtpTransport } from "./description.ts";
import { attributeOf, type SdpLine, type SdpSection } from "./lines.ts";

/** RFC 8866 §9, token. */
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]{1,64}$/;
/** The same, several of them between slashes. */
const TRANSPORT = /^[!#-'*+\-.0-9A-Z^-~]{1,32}(?:\/[!#-'*+\-.0-9A-Z^-~]{1,32}){0,5}$/;
const DIGITS = /^\d{1,40}$/;
/** An IPv4 or IPv6 address or a host name; nothing that could end a parameter elsewhere. */
const HOST = /^[0-9A-Za-z:._-]{1,255}$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
/** Formats that one `m=` line may list: more than there are payload numbers. */
export const maxFormats = 128;
/** Above the clock of any encoding in use (90000, 96000, 192000). */
const MAX_CLOCK_HZ = 1_000_000;

/** The parts of an `m=` line's value. */
export interface MediaLine {
  readonly kind: string;
  readonly port: number;
  readonly transport: string;
  readonly payloads: readonly string[];
}

/** What is wrong with the address part of a `c=` or `o=` line (`IN IP4 192.0.2.1`), if anything. */
function addressProblem(words: readonly string[], scope: boolean): string | undefined {
  const [net, type, written = ""] = words;
  if (words.length !== 3) return "not of the form IN IP4 <address>";
  if (net !== "IN" || (type !== "IP4" && type !== "IP6")) return `unknown address type ${net} ${type}`;
  const [host = "", ...ranges] = written.split("/");
  const goodRanges =
    ranges.length === 0 || (scope && ranges.length <= 2 && ranges.every((n) => /^\d{1,9}$/.test(n)));
  if (!HOST.test(host) || !goodRanges) return `not an address: ${written.slice(0, 80)}`;
  // A name is allowed, but what consists of digits and dots must be an address.
  if (/^[\d.]+$/.test(host) && !IPV4.test(host)) return `not an address: ${host.slice(0, 80)}`;
  return undefined;
}

/** What is wrong with a line of the session, if anything. */
export function sessionLineProblem({ type, value }: SdpLine): string | undefined {
  if (type === "v") return value === "0" ? undefined : `version ${value.slice(0, 20)}, only 0 is known`;
  if (type === "c") return addressProblem(value.split(" "), true);
  if (type !== "o") return undefined;
  const [user = "", id = "", version = "", ...address] = value.split(" ");
  if (user === "" || !DIGITS.test(id) || !DIGITS.test(version)) {
    return "not of the form <user> <session id> <version> IN IP4 <address>";
  }
  return addressProblem(address, false);
}

/** Reads an `m=` line. RFC 8866 §5.14. */
export function readMediaLine(value: string): MediaLine | string {
  const [kind = "", place = "", transport = "", ...payloads] = value.split(/ +/, 4 + maxFormats);
  const [, port = "", count = "1"] = /^(\d{1,5})(?:\/(\d{1,5}))?$/.exec(place) ?? [];
  if (!TOKEN.test(kind) || !TRANSPORT.test(transport)) {
    return "not of the form <media> <port> <transport> <formats>";
  }
  if (port === "" || Number(port) > 65_535 || Number(count) < 1) return `port ${place.slice(0, 20)}`;
  if (payloads.length === 0) return "no formats";
  if (payloads.length > maxFormats) return `more than ${maxFormats} formats`;
  const bad = payloads.find((name) => (isRtpTransport(transport) ? !isPayload(name) : !TOKEN.test(name)));
  if (bad !== undefined) return `format ${bad.slice(0, 20)}`;
  return { kind, port: Number(port), transport, payloads };
}

/** What is wrong with a line of an RTP media description, its `m=` line excepted. */
export function mediaLineProblem({ type, value }: SdpLine): string | undefined {
  if (type === "c") return addressProblem(value.split(" "), true);
  if (type !== "a") return undefined;
  const [name, rest] = attributeOf(value);
  return name === "rtpmap" ? rtpmapProblem(rest) : undefined;
}

/** RFC 8866 §6.6. */
function rtpmapProblem(value: string): string | undefined {
  const [payload = "", map = "", ...more] = value.split(/ +/);
  // RFC 8866 wants the clock rate; old phones leave it out where it is 8000.
  const [encoding = "", clock = "8000", channels = "1", ...others] = map.split("/");
  if (!isPayload(payload)) return `rtpmap of payload ${payload.slice(0, 20)}`;
  if (more.length > 0 || others.length > 0 || !/^[\w.-]{1,64}$/.test(encoding)) {
    return "rtpmap not of the form <payload> <encoding>/<clock rate>";
  }
  if (!isCount(clock, MAX_CLOCK_HZ)) return `rtpmap with clock rate ${clock.slice(0, 20)}`;
  // What follows the second slash are channels for audio; other media have had other numbers there.
  return isCount(channels, 255) ? undefined : `rtpmap with ${channels.slice(0, 20)} channels`;
}

function isPayload(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 127;
}

function isCount(text: string, most: number): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= most;
}

/** What every description must have (RFC 8866 §5): `v=` first, one `o=`. `s=` and `t=` may be missing, as some phones do. */
export function sessionProblem(session: SdpSection): string | undefined {
  const [first] = session;
  if (!first) return "no lines";
  if (first.type !== "v") return `line ${first.number}: ${first.type}= where v=0 belongs`;
  const origins = session.filter((line) => line.type === "o");
  if (origins.length === 1) return undefined;
  return origins[1] ? `line ${origins[1].number}: a second o= line` : "no o= line";
}
