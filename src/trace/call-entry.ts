import type { SourcedRecord } from "./records.ts";

/** A call as a list shows it. */
export interface CallEntry {
  /** Billing id where the engine gives one, else the id of its first channel. It stays. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The channels that belong to it, in the order of their coming. */
  readonly channels: readonly string[];
  readonly state: "new" | "routing" | "ringing" | "answered" | "ended";
  readonly startedMs: number;
  readonly answeredMs?: number | undefined;
  readonly endedMs?: number | undefined;
  /** How it ended: the reason, as in `hangup`, `busy`, `noroute`; "" for an ordinary end. */
  readonly reason: string;
  /** Keys that were pressed, in order. */
  readonly keys: string;
  readonly messages: number;
  readonly errors: number;
}

/** A call with everything that is kept of it. */
export interface CallStory {
  readonly call: CallEntry;
  /** By their times. */
  readonly records: readonly SourcedRecord[];
  /** The oldest were dropped for want of room. */
  readonly cut: boolean;
}
