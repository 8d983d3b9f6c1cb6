import { channelParams, finalName, isBeside, looksLikeChannel, paramOf } from "./message-words.ts";
import type { MessageRecord, TraceRecord } from "./records.ts";

/** What a record says about who belongs together. */
export interface RecordTies {
  /** Channels that it is about. */
  readonly channels: readonly string[];
  readonly billId?: string | undefined;
  /** Other names of the call, which are unlike channels: of a SIP call, of an RTP session. */
  readonly aliases: readonly string[];
  /** These channels are of one call from now on. */
  readonly joined: readonly string[];
  /** It is enough to know a new call by: the channel that begins it. */
  readonly begins?: string | undefined;
}

const none: RecordTies = { channels: [], aliases: [], joined: [] };

/** Messages that a channel's own beginning and routing consist of. Without a bill they wait for `chan.startup`, which is enqueued. */
const beginnings = new Set(["chan.startup", "call.preroute", "call.route", "call.execute", "chan.connected"]);

/** What of a message connects its channels: parameters that name them, when it was handled or cannot be. */
const joining: Readonly<Record<string, readonly string[]>> = {
  "call.execute": ["id", "peerid", "targetid"],
  "chan.connected": ["id", "peerid"],
  "chan.connect": ["id", "targetid"],
  "call.ringing": ["id", "targetid", "peerid"],
  "call.progress": ["id", "targetid", "peerid"],
  "call.answered": ["id", "targetid", "peerid"],
};

/** Reads out of a record to which call it belongs. */
export function tiesOf(record: TraceRecord): RecordTies {
  switch (record.kind) {
    case "message":
      return messageTies(record);
    case "sip":
      return {
        channels: present(record.channel),
        aliases: record.callId === "" ? [] : [`sip:${record.callId}`],
        joined: [],
      };
    case "rtp":
      return {
        channels: present(record.channel),
        aliases: record.id === "" ? [] : [`rtp:${record.id}`],
        joined: [],
      };
    case "operation": {
      const channels = [...present(record.channel), ...present(record.leg)];
      return { channels, aliases: [], joined: record.phase === "begin" ? channels : [] };
    }
    case "wait":
    case "error":
      return { channels: present(record.channel), aliases: [], joined: [] };
    case "log":
    case "engine":
    case "app":
      return none;
  }
}

function messageTies(message: MessageRecord): RecordTies {
  const name = finalName(message);
  const channels: string[] = [];
  let billId: string | undefined;
  for (const param of channelParams) {
    const value = paramOf(message, param);
    if (value === undefined || value === "") continue;
    if (param === "billid") billId = value;
    else if (looksLikeChannel(value) && !channels.includes(value)) channels.push(value);
  }
  const id = paramOf(message, "id");
  const names = joining[name];
  const notice = name === "chan.connected";
  const joined =
    names && (notice || message.handled)
      ? names.map((param) => paramOf(message, param)).filter((value) => looksLikeChannel(value))
      : [];
  const begins =
    looksLikeChannel(id) &&
    !isBeside(id) &&
    (name === "chan.startup" || (billId !== undefined && beginnings.has(name)))
      ? id
      : undefined;
  const aliases: string[] = [];
  const rtpId = paramOf(message, "rtpid");
  if (rtpId) aliases.push(`rtp:${rtpId}`);
  const callId = paramOf(message, "sip_callid") ?? paramOf(message, "xsip_callid");
  if (callId) aliases.push(`sip:${callId}`);
  // What a tone or a file calls its bill is not that of the call it is heard in.
  return { channels, billId: isBeside(id ?? "") ? undefined : billId, aliases, joined, begins };
}

function present(channel: string | undefined): string[] {
  return channel === undefined || channel === "" ? [] : [channel];
}
