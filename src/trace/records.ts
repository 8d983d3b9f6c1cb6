/**
 * What happened, as records: of the engine (messages, SIP, RTP, figures) and of the apps (operations, waits, errors). They are
 * plain JSON, so that they travel over any wire and lie in files. Times are milliseconds since the epoch, with fractions, by
 * the clock of who made the record; durations are milliseconds.
 */

/** Parameters in their order, repeats kept. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** Where in somebody's source. */
export interface TracePlace {
  /** Path or URL of the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The text of that line, without its indentation, if it could be read. */
  readonly text?: string | undefined;
  /** The function, if it has a name. */
  readonly within?: string | undefined;
}

interface RecordBase {
  /** Ascending among the records of one source; what is missing between two was lost. */
  readonly seq: number;
  /** When it happened, or began. */
  readonly atMs: number;
}

/** A parameter that a handler changed: without `from` it is new, without `to` it was taken away. */
export interface ParamChange {
  readonly name: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** One who was asked to handle a message. */
export interface HandlerStep {
  /** The module or the app's connection. */
  readonly name: string;
  readonly priority: number;
  /** From the beginning of the dispatch until it was asked; absent when the engine does not tell. */
  readonly afterMs?: number | undefined;
  readonly tookMs?: number | undefined;
  /** What it answered; absent when the engine does not tell. */
  readonly handled?: boolean | undefined;
  readonly changes: readonly ParamChange[];
  /** The message's new name, if it gave it one. */
  readonly renamed?: string | undefined;
  /** The return value that it set, if it did. */
  readonly retvalue?: string | undefined;
  /** It threw, or gave no answer in time. */
  readonly failed?: string | undefined;
}

/** A message that was dispatched. Made when its dispatch is over. */
export interface MessageRecord extends RecordBase {
  readonly kind: "message";
  readonly name: string;
  /** The app's connection that sent it; "" for the engine's own. */
  readonly sender: string;
  readonly handled: boolean;
  readonly retvalue: string;
  /** As they were in the end. */
  readonly params: Pairs;
  /** As they were in the beginning; absent when the engine does not tell, or they are the same. */
  readonly before?: Pairs | undefined;
  /** Who was asked, in order. */
  readonly steps: readonly HandlerStep[];
  /** Who would have been asked next. */
  readonly next: readonly { readonly name: string; readonly priority: number }[];
  /** The whole dispatch; absent when the engine does not tell. */
  readonly tookMs?: number | undefined;
  /** How long it was in the queue before; absent for one that was dispatched at once. */
  readonly queuedMs?: number | undefined;
}

/** A SIP message on the wire. */
export interface SipRecord extends RecordBase {
  readonly kind: "sip";
  readonly direction: "in" | "out";
  readonly transport: "udp" | "tcp" | "tls" | "ws" | "wss";
  /** `address:port`, IPv6 in brackets. */
  readonly local: string;
  readonly remote: string;
  /** Call-ID; "" when it has none. */
  readonly callId: string;
  /** The channel of the call, if it has one by now. */
  readonly channel: string;
  /** `INVITE`, or the method of CSeq of a response. */
  readonly method: string;
  /** Of a response. */
  readonly status?: number | undefined;
  /** Its first line. */
  readonly line: string;
  /** All of it; secrets are masked. Cut to 16 KiB. */
  readonly text: string;
  /** The same bytes were sent or received before. */
  readonly again: boolean;
}

/** Figures of one direction of an RTP session, since its beginning. */
export interface RtpFigures {
  readonly packets: number;
  readonly lost: number;
  readonly late?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly concealedMs?: number | undefined;
  /** Estimate of how it sounds, 1 to 4.5 (ITU-T G.107). */
  readonly mos?: number | undefined;
}

/** The life of an RTP session. */
export interface RtpRecord extends RecordBase {
  readonly kind: "rtp";
  readonly phase: "open" | "report" | "key" | "close";
  /** The engine's name of the session. */
  readonly id: string;
  readonly channel: string;
  readonly local: string;
  readonly remote: string;
  readonly format: string;
  readonly received?: RtpFigures | undefined;
  readonly sent?: RtpFigures | undefined;
  /** Of `key`. */
  readonly key?: string | undefined;
  readonly direction?: "in" | "out" | undefined;
}

/** Something that an app does on a call and that takes its time, as `gather` or `play`. It begins and ends, with the same `id`. */
export interface OperationRecord extends RecordBase {
  readonly kind: "operation";
  readonly phase: "begin" | "end";
  readonly id: number;
  /** What it is: `play`, `gather`, `bridge`, … or `call` for the whole program of a call. */
  readonly what: string;
  /** The party's channel. */
  readonly channel: string;
  /** Our leg beside it. */
  readonly leg: string;
  /** Of `begin`: with what, in short, as in `digits/5`. */
  readonly detail?: string | undefined;
  /** Of `begin`: the line of the app. */
  readonly place?: TracePlace | undefined;
  /** Of `end`: `kind` of the outcome, as in `digits`, `hangup`, `failed`. */
  readonly outcome?: string | undefined;
  /** Of `end`: more of the outcome, in short. */
  readonly result?: string | undefined;
}

/** A wait, a loop, a handler or a dispatch of an app. It begins and ends, with the same `id`. */
export interface WaitRecord extends RecordBase {
  readonly kind: "wait";
  readonly phase: "begin" | "end";
  readonly id: number;
  readonly what: "onmsg" | "onwatch" | "messages" | "watches" | "handle" | "dispatch";
  /** The message's name. */
  readonly name: string;
  /** Of `begin`: the guard, in short: `id=sip/1`, or the text of the function. */
  readonly guard?: string | undefined;
  /** Of `begin`: a channel that the guard names, "" for none. */
  readonly channel?: string | undefined;
  readonly place?: TracePlace | undefined;
  /** The operation that waits by this, if one does. */
  readonly operation?: number | undefined;
  /** Of `end`: `message`, `handled`, `not handled`, or the error's name: `TimedOut`, `Abandoned`, `Cancelled`, `Disconnected`. */
  readonly outcome?: string | undefined;
}

/** An error that nobody caught, or that a handler or a call's program threw. */
export interface ErrorRecord extends RecordBase {
  readonly kind: "error";
  /** Class and message, as in `TypeError: nine is not taken`. */
  readonly text: string;
  readonly stack?: string | undefined;
  readonly place?: TracePlace | undefined;
  /** The call in which it happened, if it is known. */
  readonly channel?: string | undefined;
}

/** A line that an engine or an app wrote to its log. */
export interface LogRecord extends RecordBase {
  readonly kind: "log";
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/** A connected app, as the engine sees it. */
export interface ConnectionEntry {
  readonly name: string;
  /** `tcp`, `unix`, `stdio`, `in process`. */
  readonly way: string;
  readonly remote: string;
  readonly sinceMs: number;
  readonly handlers: readonly {
    readonly name: string;
    readonly priority: number;
    readonly filter?: string | undefined;
  }[];
  readonly watches: readonly string[];
  /** Messages that it holds now. */
  readonly held: number;
}

/** A channel, as the engine sees it. */
export interface ChannelEntry {
  readonly id: string;
  readonly status: string;
  readonly direction: string;
  readonly peer: string;
  readonly address: string;
  readonly billId: string;
  readonly sinceMs: number;
}

/** A phone that is registered here, or a line of ours that is registered elsewhere. */
export interface RegistrationEntry {
  readonly kind: "phone" | "line";
  readonly name: string;
  /** Contact of a phone, registrar of a line. */
  readonly where: string;
  readonly status: string;
  /** When it runs out. */
  readonly untilMs?: number | undefined;
}

/** The engine as a whole; once a second. */
export interface EngineRecord extends RecordBase {
  readonly kind: "engine";
  readonly version: string;
  readonly nodeName: string;
  readonly startedMs: number;
  /** The dispatcher: since the start, but `queued` and `running`, which are now. */
  readonly queued: number;
  readonly maxQueued: number;
  readonly running: number;
  readonly dispatched: number;
  readonly dropped: number;
  readonly handlers: number;
  /** The clock of all media. */
  readonly ticks?: number | undefined;
  readonly lateTicks?: number | undefined;
  readonly skippedTicks?: number | undefined;
  /** The latest tick since the last record. */
  readonly worstTickMs?: number | undefined;
  /** Of one core, 0…n, since the last record. */
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly modules: readonly string[];
  /** The newest, as many as fit. */
  readonly channels: readonly ChannelEntry[];
  /** How many there are, when not all are listed. */
  readonly channelCount?: number | undefined;
  readonly registrations: readonly RegistrationEntry[];
  /** How many there are, when not all are listed. */
  readonly registrationCount?: number | undefined;
  readonly connections: readonly ConnectionEntry[];
  /** Records that were lost because nobody read them in time. */
  readonly lost: number;
}

/** An app as a whole; once a second. */
export interface AppRecord extends RecordBase {
  readonly kind: "app";
  readonly file: string;
  readonly pid: number;
  readonly startedMs: number;
  readonly openWaits: number;
  readonly openCalls: number;
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** The latest its thread has been since the last record. */
  readonly worstLagMs?: number | undefined;
  readonly lost: number;
}

/** Any record. */
export type TraceRecord =
  | MessageRecord
  | SipRecord
  | RtpRecord
  | OperationRecord
  | WaitRecord
  | ErrorRecord
  | LogRecord
  | EngineRecord
  | AppRecord;

/** Who made records. */
export interface TraceSource {
  readonly kind: "engine" | "app" | "console";
  /** Unlike that of any other source: `engine`, or the file of an app and its process. */
  readonly name: string;
}

/** A record, and who made it. */
export interface SourcedRecord {
  readonly source: TraceSource;
  readonly record: TraceRecord;
}
