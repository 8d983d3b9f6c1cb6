/** How a queue chooses whom to call. */
export type QueueStrategy =
  /** Whoever has had no call for longest. */
  | "longest-idle"
  /** One after the other, in the order in which they were added. */
  | "round-robin"
  /** Everybody at once; the first to answer has the call. */
  | "ring-all"
  /** The highest priority first, among equals whoever has had no call for longest. */
  | "priority";

/** What an agent does now. */
export type AgentState = "available" | "ringing" | "busy" | "wrap-up" | "paused" | "offline";

/** An agent, as the store keeps it. Times are wall clock, in milliseconds. */
export interface AgentRecord {
  readonly id: string;
  name: string;
  /** Where it is called. */
  target: string;
  skills: string[];
  state: AgentState;
  /** Since when it is in this state. */
  sinceMs: number;
  /** What it becomes when its call is over. */
  next: "available" | "paused" | "offline";
  /** The call that rings at it or that it talks with; "" for none. */
  call: string;
  /** The queue of that call. */
  queue: string;
  /** When its wrap-up ends, or, while it is available, until when it is not called because it missed a call; 0 for neither. */
  untilMs: number;
  /** Since when it has had no call. */
  idleSinceMs: number;
  answered: number;
  missed: number;
  talkedMs: number;
}

/** A call in line, as the store keeps it. */
export interface WaitingRecord {
  readonly id: string;
  readonly from: string;
  readonly fromName: string;
  /** Higher comes first. */
  readonly priority: number;
  /** An agent must have all of them. */
  readonly skills: readonly string[];
  readonly joinedMs: number;
  /** Its place among those that came in the same millisecond. */
  readonly order: number;
  /** At whom it rings. */
  ringing: string[];
  /** Who answered it; "" while nobody has. */
  taken: string;
  /** The position that was told last. */
  position: number;
}

/** An agent's place in a queue. */
export interface MemberRecord {
  readonly agent: string;
  priority: number;
}

/** What a queue has done since it was made. */
export interface QueueFigures {
  /** Calls that came, without those that found it full or closed. */
  joined: number;
  /** Calls that came when it was full or closed. */
  refused: number;
  answered: number;
  /** Callers who hung up while they waited. */
  abandoned: number;
  /** Callers who left by a key. */
  left: number;
  /** Callers who had waited for the longest time. */
  timedOut: number;
  /** Answered before the time of the service level was over. */
  answeredInTime: number;
  /** Time that answered callers had waited. */
  waitedMs: number;
  longestWaitMs: number;
  talkedMs: number;
}

/** A queue, as the store keeps it. */
export interface QueueRecord {
  readonly name: string;
  open: boolean;
  strategy: QueueStrategy;
  maxLength: number;
  wrapUpMs: number;
  backOffMs: number;
  serviceLevelMs: number;
  members: MemberRecord[];
  waiting: Record<string, WaitingRecord>;
  /** Who was called last, for round-robin. */
  lastCalled: string;
  figures: QueueFigures;
}

/** All that queues know: plain data, so that a store can keep it anywhere. */
export interface QueueState {
  queues: Record<string, QueueRecord>;
  agents: Record<string, AgentRecord>;
  /** Counts calls that have come. */
  order: number;
}

export function emptyQueueState(): QueueState {
  return { queues: {}, agents: {}, order: 0 };
}
