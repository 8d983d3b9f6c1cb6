import { type Engine, type EngineMessage, toBoolean, toInteger } from "../../engine/index.ts";

/** What one RTP session is made with: the configuration, and what its message says otherwise (spec/rtp.md §3, §8). */
export interface RtpSessionSettings {
  /** The engine sends where the first packet came from, not where it was told to (spec/rtp.md §4). */
  readonly autoAddress: boolean;
  /** Another synchronization source may take over. */
  readonly anySource: boolean;
  /** Least and most that the playout buffer holds back; undefined leaves that to the buffer. */
  readonly minJitterMs: number | undefined;
  readonly maxJitterMs: number | undefined;
  /** Silence that is reported; 0 is never. */
  readonly timeoutMs: number;
  /** Between two RTCP reports; 0 sends none. */
  readonly rtcpIntervalMs: number;
  /** A packet goes out at the start, to open the way through a NAT. */
  readonly drillHole: boolean;
  /** What the system is asked to keep of packets not yet read. */
  readonly socketBufferBytes: number;
}

/** `yrtpchan.conf`, read once at start. */
export interface RtpSettings {
  readonly minPort: number;
  readonly maxPort: number;
  readonly localIp: string | undefined;
  /** Largest G.711 payload sent in one packet. */
  readonly maxPayloadBytes: number;
  readonly session: RtpSessionSettings;
  /** Message that tells of silence; empty for none. */
  readonly notifyMessage: string;
  readonly warnFirst: boolean;
  readonly warnLater: boolean;
  /**
   * A phone that sends neither RTP nor RTCP for so long has gone: its call is dropped with `reason=nomedia`; 0 never. An own
   * key: the reference engine lets such calls stand.
   */
  readonly deadTimeoutMs: number;
}

const defaultRtcpIntervalMs = 4500;
const defaultTimeoutMs = 3000;
/** A talker of silence suppression may be quiet for long, but seldom a minute without even a report. */
const defaultDeadTimeoutMs = 60_000;
const defaultSocketBufferBytes = 256 * 1024;

const known: Readonly<Record<string, readonly string[]>> = {
  general: [
    "minport",
    "maxport",
    "localip",
    "udpbuf",
    "buffer",
    "autoaddr",
    "anyssrc",
    "rtcp",
    "rtcp_interval",
    "drillhole",
    "minjitter",
    "maxjitter",
  ],
  timeouts: ["timeout", "notifymsg", "warnfirst", "warnlater", "deadtimeout"],
};
/** Keys of the reference engine that mean nothing here: it polls by threads, we do not; the rest is not offered. */
const withoutEffect = new Set(
  "tos padding defsleep minsleep rtp_warn_seq monitoring thread udptl_timeout ipv6_support".split(" "),
);

/** @param report told once of each value that cannot be used; the default stands for it */
export function readRtpSettings(engine: Engine, report: (text: string) => void): RtpSettings {
  const file = engine.config("yrtpchan");
  for (const section of file.sections) {
    for (const { key } of section.entries) {
      if (known[section.name]?.includes(key)) continue;
      const what = withoutEffect.has(key) ? "has no effect in this engine" : "is not known";
      report(`yrtpchan.conf: [${section.name}] ${key} ${what}`);
    }
  }
  const get = (section: string, key: string): string | undefined =>
    file.section(section)?.get(key) || undefined;
  const flag = (section: string, key: string, usual: boolean): boolean => {
    const text = get(section, key);
    const value = toBoolean(text);
    if (text && value === undefined)
      report(`yrtpchan.conf: [${section}] ${key}=${text} is neither yes nor no`);
    return value ?? usual;
  };
  const number = <Usual extends number | undefined>(
    [section, key]: readonly [string, string],
    usual: Usual,
    [min, max]: readonly [number, number],
  ): number | Usual => {
    const text = get(section, key);
    const value = toInteger(text);
    if (!text) return usual;
    if (value !== undefined && value >= min && value <= max) return value;
    report(`yrtpchan.conf: [${section}] ${key}=${text} is not a number from ${min} to ${max}`);
    return usual;
  };
  const minPort = number(["general", "minport"], 16_384, [1024, 65_500]);
  let maxPort = number(["general", "maxport"], 32_768, [1025, 65_535]);
  if (maxPort <= minPort) {
    report(`yrtpchan.conf: maxport=${maxPort} is not above minport=${minPort}`);
    maxPort = Math.min(65_535, minPort + 1000);
  }
  const interval = number(["general", "rtcp_interval"], defaultRtcpIntervalMs, [0, 60_000]);
  return {
    minPort,
    maxPort,
    localIp: get("general", "localip"),
    maxPayloadBytes: number(["general", "buffer"], 240, [80, 1400]),
    session: {
      autoAddress: flag("general", "autoaddr", true),
      anySource: flag("general", "anyssrc", true),
      minJitterMs: number(["general", "minjitter"], undefined, [0, 500]),
      maxJitterMs: number(["general", "maxjitter"], undefined, [0, 1000]),
      timeoutMs: number(["timeouts", "timeout"], defaultTimeoutMs, [0, 3_600_000]),
      rtcpIntervalMs: flag("general", "rtcp", true) ? atLeastHalfASecond(interval) : 0,
      drillHole: flag("general", "drillhole", false),
      socketBufferBytes: number(["general", "udpbuf"], 0, [0, 64 * 1024 * 1024]) || defaultSocketBufferBytes,
    },
    notifyMessage: get("timeouts", "notifymsg") ?? "",
    warnFirst: flag("timeouts", "warnfirst", true),
    warnLater: flag("timeouts", "warnlater", false),
    deadTimeoutMs: number(["timeouts", "deadtimeout"], defaultDeadTimeoutMs, [0, 3_600_000]),
  };
}

/** The settings of a session: what its message says, else the configuration. */
export function sessionSettings(usual: RtpSessionSettings, message: EngineMessage): RtpSessionSettings {
  const bounded = (
    name: string,
    usualMs: number | undefined,
    min: number,
    max: number,
  ): number | undefined => {
    const value = message.integer(name, -1);
    return value < 0 ? usualMs : Math.min(max, Math.max(min, value));
  };
  const interval = message.integer("rtcp_interval", usual.rtcpIntervalMs || defaultRtcpIntervalMs);
  const rtcp = message.flag("rtcp", usual.rtcpIntervalMs > 0 || message.get("rtcp_interval") !== undefined);
  const buffer = message.integer("buffer", 0);
  return {
    autoAddress: message.flag("autoaddr", usual.autoAddress),
    anySource: message.flag("anyssrc", usual.anySource),
    minJitterMs: bounded("minjitter", usual.minJitterMs, 0, 500),
    maxJitterMs: bounded("maxjitter", usual.maxJitterMs, 0, 1000),
    timeoutMs: timeoutOf(message, usual.timeoutMs),
    rtcpIntervalMs: rtcp ? atLeastHalfASecond(interval) : 0,
    drillHole: message.flag("drillhole", usual.drillHole),
    socketBufferBytes: buffer > 0 ? Math.min(buffer, 64 * 1024 * 1024) : usual.socketBufferBytes,
  };
}

/** `timeout` in milliseconds, or as a switch. */
export function timeoutOf(message: EngineMessage, usualMs: number): number {
  const text = message.get("timeout");
  if (text === undefined) return usualMs;
  const number = toInteger(text);
  if (number !== undefined) return Math.max(0, number);
  const wanted = toBoolean(text);
  if (wanted === false) return 0;
  return wanted && usualMs === 0 ? defaultTimeoutMs : usualMs;
}

/** RTCP reports are 500 ms apart at the least, or none at all. */
function atLeastHalfASecond(intervalMs: number): number {
  return intervalMs <= 0 ? 0 : Math.min(60_000, Math.max(500, intervalMs));
}
