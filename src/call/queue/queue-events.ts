import type { AgentState } from "./queue-state.ts";

/** What happens in a queue. */
export type QueueEvent = {
  /** Wall clock, in milliseconds. */
  readonly atMs: number;
  readonly queue: string;
} & (
  | { readonly kind: "joined"; readonly call: string; readonly from: string; readonly position: number }
  | { readonly kind: "refused"; readonly from: string; readonly why: "full" | "closed" }
  /** The place in line has changed; 1 is next. */
  | { readonly kind: "position"; readonly call: string; readonly position: number }
  /** It rings at an agent. */
  | { readonly kind: "offered"; readonly call: string; readonly agent: string }
  /** The agent did not take it; the call goes on in its old place. */
  | { readonly kind: "missed"; readonly call: string; readonly agent: string; readonly reason: string }
  /** Caller and agent talk. */
  | { readonly kind: "answered"; readonly call: string; readonly agent: string; readonly waitedMs: number }
  /** The caller hung up while waiting. */
  | { readonly kind: "abandoned"; readonly call: string; readonly waitedMs: number }
  /** The caller left by a key. */
  | { readonly kind: "left"; readonly call: string; readonly waitedMs: number }
  | { readonly kind: "timeout"; readonly call: string; readonly waitedMs: number }
  /** The talk is over. */
  | { readonly kind: "finished"; readonly call: string; readonly agent: string; readonly talkedMs: number }
  /** The agent has finished its work after a call, and can have the next one. */
  | { readonly kind: "wrapped-up"; readonly agent: string }
  | { readonly kind: "agent"; readonly agent: string; readonly state: AgentState }
);

type WithoutStamp<E> = E extends unknown ? Omit<E, "atMs"> : never;

/** An event that gets its time when it is recorded. */
export type QueueHappening = WithoutStamp<QueueEvent>;
