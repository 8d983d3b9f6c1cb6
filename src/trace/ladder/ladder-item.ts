import type { SourcedRecord, TracePlace } from "../records.ts";

/** Where something happened: on the wire, among the engine's messages, in the app. */
export type LadderLane = "wire" | "engine" | "app";

export const ladderLanes: readonly LadderLane[] = ["wire", "engine", "app"];

/** How something is coloured: by what it is, or by how it went. */
export type LadderTone = "wire" | "message" | "app" | "key" | "good" | "warn" | "bad" | "dim";

/** What is marked across all lanes. */
export interface LadderMark {
  readonly kind: "key" | "prompt" | "error";
  readonly text: string;
}

interface ItemBase {
  /** Names its record among all of the call; the same when the ladder is made anew. */
  readonly key: string;
  /** Index of its record in {@link LadderModel.records}. */
  readonly entry: number;
  readonly atMs: number;
  /** What it is, in a word or two: the first that is read, the last that is left out. */
  readonly label: string;
  /** More of it, for where there is room. */
  readonly more: string;
  readonly tone: LadderTone;
  readonly mark?: LadderMark | undefined;
  /** Nobody took it, and it says nothing that others do not: runs of such share a row, unless all are asked for. */
  readonly quiet?: boolean | undefined;
  /** The line of somebody's source that {@link more} names. */
  readonly place?: TracePlace | undefined;
}

/** A SIP message: an arrow between us and one of {@link LadderModel.parties}. */
export interface SipItem extends ItemBase {
  readonly kind: "sip";
  readonly lane: "wire";
  readonly party: number;
  readonly direction: "in" | "out";
  readonly again: boolean;
}

/** A message of the engine. */
export interface MessageItem extends ItemBase {
  readonly kind: "message";
  readonly lane: "engine";
  /** What matters of its parameters: a key, a sound, who calls whom; "" for nothing. */
  readonly point: string;
  /** An app sent it in the name of a channel. */
  readonly masquerade: boolean;
  readonly tookMs: number | undefined;
  /** An app sent it. */
  readonly fromApp: boolean;
  /** An app handled it. */
  readonly byApp: boolean;
}

/** The beginning or the end of a span, or a moment of it. */
export interface SpanItem extends ItemBase {
  readonly kind: "rtp" | "operation" | "wait";
  readonly lane: "wire" | "app";
  readonly phase: "begin" | "moment" | "end";
  readonly span: number;
}

/** An error, or a line of a log. */
export interface NoteItem extends ItemBase {
  readonly kind: "error" | "log";
  readonly lane: "engine" | "app";
}

/** One thing that has a row of the ladder. */
export type LadderItem = SipItem | MessageItem | SpanItem | NoteItem;

/** A stretch of an RTP session that sounded alike. */
export interface SpanPart {
  readonly toMs: number;
  readonly tone: LadderTone;
}

/** What lasts: an RTP session, an operation, a wait. */
export interface LadderSpan {
  readonly key: string;
  readonly kind: "rtp" | "operation" | "wait";
  readonly lane: "wire" | "app";
  readonly label: string;
  readonly more: string;
  readonly tone: LadderTone;
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs: number | undefined;
  /** Index of the record with which it began. */
  readonly entry: number;
  readonly endEntry: number | undefined;
  /** Beside which others it runs: no two spans of a lane that meet have the same. */
  readonly track: number;
  /** Of RTP: how it was, piece by piece. Empty when nobody measured. */
  readonly parts: readonly SpanPart[];
  /** Of RTP: the party at the same address, if one is. */
  readonly party?: number | undefined;
  /** Of an operation: the program of a call, in which all others are. */
  readonly whole?: boolean | undefined;
  /** Of a wait: an operation's, whose bar tells it, or the library's own. It has no bar. */
  readonly inner?: boolean | undefined;
  /** Of a wait: the span of the operation that waits by it. */
  readonly within?: number | undefined;
}

/** A call as the ladder sees it, before anything has a place. */
export interface LadderModel {
  /** In the order of time. */
  readonly records: readonly SourcedRecord[];
  /** What has a row, in the order of time. */
  readonly items: readonly LadderItem[];
  readonly spans: readonly LadderSpan[];
  /** Addresses on the wire that SIP went to or came from, in the order of their coming. */
  readonly parties: readonly string[];
  /** Tracks that the spans of a lane need. */
  readonly tracks: { readonly wire: number; readonly app: number };
  readonly startMs: number;
  /** Of the last that is known; later than any beginning or end. */
  readonly endMs: number;
}

/** The name of a record among those of a call. */
export function recordKey({ source, record }: SourcedRecord): string {
  return `${source.name}#${record.seq}`;
}
