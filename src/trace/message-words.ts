import type { MessageRecord } from "./records.ts";

/** The first value of a parameter. */
export function paramOf(record: Pick<MessageRecord, "params">, name: string): string | undefined {
  for (const [key, value] of record.params) if (key === name) return value;
  return undefined;
}

/** The name under which a message's last handlers had it: that of `chan.masquerade` is the one that it stands for. */
export function finalName(record: MessageRecord): string {
  let { name } = record;
  for (const { renamed } of record.steps) if (renamed !== undefined) name = renamed;
  return name;
}

/** Parameters in which a message names the channels, or the call, that it is about. */
export const channelParams: readonly string[] = [
  "id",
  "peerid",
  "targetid",
  "lastpeerid",
  "billid",
  "chan",
  "channel",
];

/** Driver and number, as in `sip/1` or `fork/1/2`. */
const channelPattern = /^[A-Za-z][\w-]*\/[^\s]+$/;

/** Whether a text may be a channel's id. */
export function looksLikeChannel(text: string | undefined): text is string {
  return text !== undefined && channelPattern.test(text);
}

/**
 * Channels that are something beside a call, not a party of one: tones, files, rooms, forks, RTP sessions. A real YATE tells of most of them
 * neither a beginning nor an end (spec/calls.md §2).
 */
const besidePattern = /^(?:tone|wave|conf|moh|yrtp|fork|park|external|q-[^/]*|callgen)\//;

export function isBeside(channel: string): boolean {
  return besidePattern.test(channel);
}
