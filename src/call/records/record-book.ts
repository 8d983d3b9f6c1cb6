import type { Clock } from "../../base/index.ts";
import { reasonOfStatus, type WatchedMessage } from "../../bus/index.ts";
import { type CallRecord, outcomeOf } from "./call-record.ts";

/** Channels whose record is not over, and ids that never get one. Over it the oldest are forgotten. */
const maxLegs = 100_000;

/** What is known of a channel beside its last `call.cdr`. */
interface Leg {
  /** The engine's clock and ours at the last `call.cdr`, in milliseconds. */
  engineMs: number;
  heardMs: number;
  answered: boolean;
  /** When it was connected to its first peer, by the engine's clock. */
  connectedMs: number | undefined;
  lostPeerBecause: string;
  hangup: WatchedMessage | undefined;
  readonly fields: Map<string, string>;
}

/** A leg that is over. */
export interface EndedLeg {
  /** Whether its `chan.hangup` has been seen: it tells more than the `call.cdr`, and may come after it. */
  readonly hungUp: boolean;
  /** Called when it comes. */
  onHangup: (() => void) | undefined;
  record(): CallRecord;
}

/** Parameters of a `call.cdr` that are no fields of an app's own. */
const known = new Set([
  "time",
  "chan",
  "cdrid",
  "runid",
  "operation",
  "direction",
  "duration",
  "billtime",
  "ringtime",
  "status",
  "external",
  "cdrwrite",
  "trace_id",
  "billid",
  "reason",
  "address",
  "caller",
  "called",
  "calledfull",
  "username",
  "handlers",
  "nodename",
  "call_start_time",
  "call_answer_time",
  "call_hangup_time",
  "call_duration",
  "duration_call",
]);

/** Puts together what several messages tell of a channel. */
export class RecordBook {
  readonly #clock: Clock;
  readonly #legs = new Map<string, Leg>();
  /** Over, but their `chan.hangup` has not come. */
  readonly #ending = new Map<string, { readonly leg: Leg; readonly ended: EndedLeg }>();
  #runId: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a `call.cdr`; gives the leg that it ends. */
  cdr(message: WatchedMessage): EndedLeg | undefined {
    const id = message.get("chan");
    if (!id) return undefined;
    const runId = message.get("runid");
    if (runId !== undefined && runId !== this.#runId) {
      // Another engine, or the same one anew: its channels count from 1 again.
      if (this.#runId !== undefined) this.#legs.clear();
      this.#runId = runId;
    }
    const leg = this.#leg(id);
    leg.engineMs = milliseconds(message, "time") + milliseconds(message, "duration");
    leg.heardMs = this.#clock.monotonicMs();
    leg.answered ||= message.get("status") === "answered" || milliseconds(message, "billtime") > 0;
    if (message.get("operation") !== "finalize") return undefined;
    this.#legs.delete(id);
    // What has answered a call and is no channel has a record until the engine ends.
    if (message.get("direction") === "unknown" && message.get("reason") === "CDR shutdown") return undefined;
    const params = message.params.clone();
    const ended: EndedLeg = {
      get hungUp() {
        return leg.hangup !== undefined;
      },
      onHangup: undefined,
      record: () => {
        this.#ending.delete(id);
        return recordOf(id, params, leg);
      },
    };
    if (!leg.hangup) this.#ending.set(id, { leg, ended });
    const [oldest] = this.#ending.keys();
    if (oldest !== undefined && this.#ending.size > maxLegs) this.#ending.delete(oldest);
    return ended;
  }

  /** Takes a `chan.connected`, `chan.disconnected` or `chan.hangup`. */
  channel(message: WatchedMessage): void {
    const id = message.get("id");
    if (!id) return;
    const leg = this.#legs.get(id);
    switch (message.name) {
      // These two come of sounds and files as well, which have no record.
      case "chan.connected":
        if (!leg) return;
        leg.connectedMs ??= leg.engineMs + this.#clock.monotonicMs() - leg.heardMs;
        leg.lostPeerBecause = "";
        return;
      case "chan.disconnected":
        if (leg) leg.lostPeerBecause = message.get("reason") ?? "";
        return;
      case "chan.hangup": {
        const ending = this.#ending.get(id);
        (ending?.leg ?? this.#leg(id)).hangup = message;
        this.#ending.delete(id);
        ending?.ended.onHangup?.();
      }
    }
  }

  /** Takes the fields that an app adds; those of the same name are replaced. */
  add(id: string, fields: Iterable<readonly [string, string]>): void {
    const leg = this.#legs.get(id) ?? this.#ending.get(id)?.leg ?? this.#leg(id);
    for (const [name, value] of fields) leg.fields.set(name, value);
  }

  #leg(id: string): Leg {
    const known = this.#legs.get(id);
    if (known) return known;
    const [oldest] = this.#legs.keys();
    if (oldest !== undefined && this.#legs.size >= maxLegs) this.#legs.delete(oldest);
    const leg: Leg = {
      engineMs: 0,
      heardMs: 0,
      answered: false,
      connectedMs: undefined,
      lostPeerBecause: "",
      hangup: undefined,
      fields: new Map(),
    };
    this.#legs.set(id, leg);
    return leg;
  }
}

/** A parameter in seconds as milliseconds; 0 when it is none. */
function milliseconds(message: { get(name: string): string | undefined }, name: string): number {
  const ms = Math.round(Number(message.get(name) ?? "") * 1000);
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function recordOf(id: string, cdr: WatchedMessage["params"], leg: Leg): CallRecord {
  const { hangup } = leg;
  const text = (name: string): string => cdr.get(name) ?? "";
  const startMs = milliseconds(cdr, "time");
  const durationMs = milliseconds(cdr, "duration");
  const endMs = startMs + durationMs;
  const status = hangup?.get("status") ?? text("status");
  const causeSip = Number(hangup?.get("cause_sip"));
  const sipStatus = causeSip >= 300 && causeSip < 700 ? causeSip : undefined;
  const answered = leg.answered || hangup?.get("answered") === "true";
  const reason =
    text("reason") ||
    hangup?.get("reason") ||
    reasonOfStatus(status) ||
    (answered ? "" : leg.lostPeerBecause);
  const billMs = milliseconds(cdr, "billtime");
  // A sound answers without a message, so the engine has no time of it: it is when the two were connected.
  const talkMs = billMs > 0 || !answered ? billMs : clamp(endMs - (leg.connectedMs ?? startMs), durationMs);
  const direction = text("direction");
  const fields = new Map([...cdr].filter(([name]) => !known.has(name)));
  for (const [name, value] of leg.fields) fields.set(name, value);
  const recording = fields.get("recording");
  const peerId = hangup?.get("lastpeerid") || hangup?.get("peerid");
  const [username, address] = [text("username"), text("address")];
  return {
    callId: text("billid") || id,
    id,
    ...(peerId ? { peerId } : {}),
    direction: direction === "incoming" || direction === "outgoing" ? direction : "unknown",
    from: text("caller"),
    to: text("calledfull") || text("called"),
    startedAt: iso(startMs),
    ...(answered ? { answeredAt: iso(endMs - talkMs) } : {}),
    endedAt: iso(endMs),
    ringMs: milliseconds(cdr, "ringtime"),
    talkMs,
    durationMs,
    outcome: answered ? "answered" : outcomeOf(reason, sipStatus),
    reason,
    ...(sipStatus === undefined ? {} : { sipStatus }),
    ...(username ? { username } : {}),
    ...(address ? { address } : {}),
    ...(recording ? { recording } : {}),
    ...(fields.size > 0 ? { fields: Object.fromEntries(fields) } : {}),
  };
}

function clamp(value: number, most: number): number {
  return Math.round(Math.min(most, Math.max(0, value)));
}

/** The latest time that a Date can have. */
const maxTimeMs = 8.64e15;

function iso(ms: number): string {
  return new Date(Math.min(maxTimeMs, ms)).toISOString();
}
