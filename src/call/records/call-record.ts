/** How a call ended, for one of its legs. */
export type RecordOutcome = "answered" | "busy" | "noanswer" | "rejected" | "cancelled" | "failed";

/**
 * What became of one leg of a call: one channel, from its beginning to its end. Times are the engine's. What the engine did not
 * tell is "" for the parties, and not there otherwise.
 */
export interface CallRecord {
  /** What the legs of one call have in common: the engine's `billid`; the channel's own id if it has none. */
  readonly callId: string;
  /** The channel, as in `sip/1`. */
  readonly id: string;
  /** The channel or other endpoint that it was connected to last. */
  readonly peerId?: string;
  /** `incoming` brought a call into the engine, `outgoing` was called by it. */
  readonly direction: "incoming" | "outgoing" | "unknown";
  readonly from: string;
  readonly to: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Only when `outcome` is `answered`. */
  readonly answeredAt?: string;
  readonly endedAt: string;
  /** From the first ringing to the answer, or to the end of a call that was not answered. */
  readonly ringMs: number;
  /** From the answer to the end. */
  readonly talkMs: number;
  /** From the beginning to the end. */
  readonly durationMs: number;
  readonly outcome: RecordOutcome;
  /** Why it ended, in the engine's or the other side's words; "" for a plain hang-up. */
  readonly reason: string;
  /** The final SIP answer that ended a call by SIP, as 486. */
  readonly sipStatus?: number;
  /** Who authenticated. */
  readonly username?: string;
  /** The other end's address, as in `192.0.2.1:5060`. */
  readonly address?: string;
  /** Where the call was recorded: the field of that name. */
  readonly recording?: string;
  /** What apps have added by {@link addToCallRecord}, and what cdrbuild was configured to carry. */
  readonly fields?: Readonly<Record<string, string>>;
}

const sipOutcomes: Readonly<Record<number, RecordOutcome>> = {
  401: "rejected",
  403: "rejected",
  406: "rejected",
  407: "rejected",
  408: "noanswer",
  480: "noanswer",
  486: "busy",
  487: "cancelled",
  600: "busy",
  603: "rejected",
  606: "rejected",
};

/** The engine's words (spec/calls.md §3) and the phrases of SIP that come in their place. */
const outcomesByReason: readonly (readonly [RegExp, RecordOutcome])[] = [
  [/busy/i, "busy"],
  [
    /^(no ?answer|timeout|postdialdelay|congestion|request timeout|temporarily (not )?(un)?available)$/i,
    "noanswer",
  ],
  [/^(rejected|forbidden|declined?|not acceptable|no(auto)?auth|unauthorized)$/i, "rejected"],
  [
    /^(|cancell?ed|request terminated|request cancell?ed|hangup|hung ?up|pickup|normal|normal call clearing)$/i,
    "cancelled",
  ],
];

/** What a leg that was not answered came to. */
export function outcomeOf(reason: string, sipStatus: number | undefined): RecordOutcome {
  if (sipStatus !== undefined) return sipOutcomes[sipStatus] ?? "failed";
  return outcomesByReason.find(([words]) => words.test(reason))?.[1] ?? "failed";
}
