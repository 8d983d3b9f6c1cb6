import type { Clock, Logger, Signal, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import type { Network } from "./network.ts";

/** Samples of a frame: 20 ms at 8 kHz. */
export const frameSamples = 160;
/** Length of a frame in milliseconds. */
export const frameMs = 20;

/** How sound travels between the engine and the app (spec/rtp.md §2). */
export type AudioFormat = "alaw" | "mulaw" | "slin";

/** 20 ms of what the party said. */
export interface AudioFrame {
  /** 160 samples at 8 kHz. Shared by all listeners: do not write to it. */
  readonly samples: Int16Array;
  /**
   * `heard`: as it came. `concealed`: made up, wholly or in part, for what was lost on the way. `absent`: silence, because
   * nothing was sent: the party makes no sound that the engine would send, or nobody is connected.
   */
  readonly kind: "heard" | "concealed" | "absent";
  /** When it was played out, by the clock's `monotonicMs`; 20 ms from frame to frame but for stalls of this process. */
  readonly atMs: number;
}

/** A loop over frames; leaving it takes the listener away. It ends when the attachment does. */
export interface AudioFrames extends AsyncIterableIterator<AudioFrame, undefined, undefined> {
  /** Frames waiting to be taken. */
  readonly queued: number;
  /** Frames dropped because the queue was full, the oldest first. */
  readonly dropped: number;
  return(): Promise<IteratorResult<AudioFrame, undefined>>;
  [Symbol.asyncIterator](): AudioFrames;
}

/** Options of {@link AudioAttachment.frames}. */
export interface FramesOptions {
  /** Most sound that waits for the loop, in milliseconds; over it the oldest frames are dropped. Default 5000. */
  readonly maxQueuedMs?: number | undefined;
}

/** How writing ended. */
export type WriteEnd =
  /** All of it is in the queue or gone, and little enough is queued to go on. */
  | { readonly kind: "written" }
  /** `clear()` came first. */
  | { readonly kind: "cleared" }
  /** The attachment is over. */
  | { readonly kind: "closed" }
  /** The queue would hold more than it may: nothing of it was taken. */
  | { readonly kind: "failed"; readonly error: YaytsError };

/** What became of a mark. */
export type MarkEnd =
  /** Everything written before it has gone out, and the time that the way to the party takes is over. */
  | { readonly kind: "played"; readonly name: string; readonly atMs: number }
  /** `clear()` discarded it with what was before it. */
  | { readonly kind: "cleared"; readonly name: string }
  /** The attachment is over. */
  | { readonly kind: "closed"; readonly name: string };

/** Why an attachment is over. */
export type AudioEnd =
  /** By `close()`. */
  | { readonly kind: "closed" }
  /** The leg hung up. */
  | { readonly kind: "hangup" }
  /** The signal fired. */
  | { readonly kind: "aborted" }
  /** The engine was lost. */
  | { readonly kind: "disconnected" }
  /** The same leg was attached again. */
  | { readonly kind: "replaced" };

/** Figures of an attachment; counts are since its beginning. */
export interface AudioFigures {
  readonly packetsSent: number;
  /** Good ones. */
  readonly packetsReceived: number;
  /** Expected but not received. */
  readonly lost: number;
  /** Came after their time. */
  readonly late: number;
  /** Interarrival jitter (RFC 3550 A.8). */
  readonly jitterMs: number;
  /** Delay of the playout buffer, from a packet's coming to its frame. */
  readonly playoutDelayMs: number;
  /** Sound made up for what was lost. */
  readonly concealedMs: number;
  /** Frames dropped at listeners that were too slow. */
  readonly framesDropped: number;
  /** Datagrams from another address than the engine's. */
  readonly strangers: number;
  /** Datagrams of the engine that are no packet of this stream. */
  readonly malformed: number;
  /** Packets that the system did not take, as for want of buffers. */
  readonly unsent: number;
  /** Errors of the socket. */
  readonly socketErrors: number;
}

/**
 * The sound of one leg, both ways. It ends by `close`, by the leg's hang-up, by the signal and by the loss of the engine: loops
 * end, waits settle, the socket is closed. After that every member is harmless.
 */
export interface AudioAttachment extends AsyncDisposable {
  readonly leg: string;
  readonly format: AudioFormat;
  /** The engine's name of the session, for `chan.dtmf targetid=`; see spec/rtp.md §5. */
  readonly rtpId: string;
  readonly clock: Clock;
  readonly figures: AudioFigures;
  /** True as soon as it is over. */
  readonly over: boolean;
  /** Resolves when it is over. Never rejects. */
  readonly ended: Promise<AudioEnd>;
  /** What the party says, from now on: a frame every 20 ms, silence included. */
  frames(options?: FramesOptions): AudioFrames;
  /**
   * Calls `fn` for each frame, before the next packet goes out: what it writes goes out at once. Returns the way to stop it. One
   * that throws is reported and taken away.
   */
  onFrame(fn: (frame: AudioFrame) => void): () => void;
  /**
   * Calls `fn` every 20 ms, after `onFrame`, with what goes out to the party: 160 samples, undefined for nothing. Returns
   * the way to stop it.
   */
  onSent(fn: (samples: Int16Array | undefined, atMs: number) => void): () => void;
  /**
   * Appends sound of any length to what goes out; it is copied. Resolves when less than `lowWaterMs` is queued, which is the
   * time to write more. What is written faster than it goes is kept, up to `maxQueuedMs`.
   */
  write(samples: Int16Array): Promise<WriteEnd>;
  /**
   * Discards what is queued, at once; marks in it settle as cleared.
   * @returns how much was discarded, in milliseconds.
   */
  clear(): number;
  /** Resolves when everything written before it was heard, or never will be. */
  mark(name: string): Promise<MarkEnd>;
  /**
   * Presses keys as events of RFC 4733: to the engine they are pressed by this leg. What is written waits meanwhile. Each is sent whole,
   * one after another. Resolves when the last one is out, or never will be.
   * @param onMs of each, 40 to 1250. Default 200.
   */
  press(keys: string, onMs?: number): Promise<void>;
  /** How much is written and has not gone out, in milliseconds. */
  readonly queuedMs: number;
  /** Takes the sound off the leg, and closes. Resolves when the engine knows; idempotent. */
  close(): Promise<void>;
}

/**
 * An attachment for somebody who speaks and hears now, as at a telephone. All that an app has works as ever; besides there is this. At
 * 16 kHz (`wide`), measured on the embedded engine and on YATE 6.4.1: both carry it between two such legs as it is, and convert it for others.
 */
export interface LiveAudio extends AudioAttachment {
  /** Of what {@link LiveAudio} gives and takes. */
  readonly rateHz: 8000 | 16_000;
  /** As `onFrame`, at `rateHz`; called before it. */
  onLiveFrame(fn: (samples: Int16Array) => void): () => void;
  /**
   * Calls `fn` for each packet of sound as it comes, before any playout buffer: for one who has a buffer of its own. `timestamp` counts
   * samples and goes round at 32 bits; packets may be missing, and out of order. Returns the way to stop it.
   */
  onArrival(fn: (samples: Int16Array, timestamp: number) => void): () => void;
  /**
   * Sends 20 ms at `rateHz` at once; not for one who also writes just then.
   * @param atMs when it was said, on a scale that may run a little apart from the clock's `monotonicMs`
   */
  sayNow(samples: Int16Array, atMs: number): void;
}

/** What to attach. */
export interface AttachAudioOptions {
  readonly yate: Yate;
  /**
   * Our own leg, a `dumb/` channel. What is written is heard by its peer; what its peer says comes. Never the channel of a phone,
   * whose own RTP would be taken away from it.
   */
  readonly leg: string;
  /** This machine's IP address as the engine reaches it. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default `alaw`. */
  readonly format?: AudioFormat | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Ends it. */
  readonly signal?: Signal | undefined;
  /** Default: the log of `yate`. */
  readonly log?: Logger | undefined;
  /** `write` resolves when less than this is queued. Default 200. */
  readonly lowWaterMs?: number | undefined;
  /** Most sound that may be queued. Default 600,000 (9.6 MB). */
  readonly maxQueuedMs?: number | undefined;
  /** What the way from here to the ear takes, about; marks wait for so long. Default 40, and `delayMs`. */
  readonly heardAfterMs?: number | undefined;
  /**
   * Least delay of the playout buffers at both ends, at most 800: more is heard later, and suffers less from stalls of the app
   * and from a slow network. Default: 5 at the engine (a real YATE: no buffer), 20 here.
   */
  readonly delayMs?: number | undefined;
  /** Least delay of the playout buffer for what the party says. Default 20, or `delayMs` if that is more. */
  readonly playoutMs?: number | undefined;
  /** Linear sound at 16 kHz between here and the engine, whatever `format` is: see {@link WideAudio}. Default false. */
  readonly wide?: boolean | undefined;
  /** What lies between here and the engine. Default: the network as it is. */
  readonly network?: Network | undefined;
  /** How long the engine has to answer. Default 5000. */
  readonly timeoutMs?: number | undefined;
}

/** What became of attaching. */
export type AttachAudioOutcome =
  | { readonly kind: "attached"; readonly audio: AudioAttachment }
  | { readonly kind: "failed"; readonly error: YaytsError };
