import type { PlacedSound } from "./arrivals.ts";

/** Kept of one channel at most. */
export const maxKeptMs: number = 30 * 60_000;
/** Kept of all channels at most, in bytes. */
export const maxKeptBytes: number = 200 * 1024 * 1024;

/** Kept sound of one channel. */
export interface ChannelSound {
  readonly channel: string;
  /** When it begins. */
  readonly startMs: number;
  /** That are kept of it now. */
  readonly bytes: number;
  read(): Promise<{ readonly said: PlacedSound; readonly heard: PlacedSound }>;
  /** Keeps on after `stop`: between is a pause. */
  resume(): Promise<void>;
  /** Keeps no more; what was kept stays. Never rejects. */
  stop(): Promise<void>;
  /** Forgets what was kept too. */
  delete(): Promise<void>;
}
