import { reasonOfStatus } from "../bus/index.ts";
import type { CallEntry } from "./call-entry.ts";
import { finalName, isBeside, paramOf } from "./message-words.ts";
import { estimateBytes } from "./record-size.ts";
import type { MessageRecord, SourcedRecord } from "./records.ts";

/** A channel of a call, as far as its messages told. */
interface Member {
  readonly id: string;
  /** `chan.startup` was seen: `chan.hangup` will be too. */
  started: boolean;
  ended: boolean;
}

const order = { new: 0, routing: 1, ringing: 2, answered: 3, ended: 4 } as const;

/** One call that grows: what its messages tell, and its records by their times. */
export class CallState {
  readonly id: string;
  /** Set when it was given up for another call that it turned out to be part of. */
  mergedInto: CallState | undefined;
  billId: string | undefined;
  /** Estimate of what its records take. */
  bytes = 0;
  cut = false;
  readonly records: SourcedRecord[] = [];
  readonly #members = new Map<string, Member>();
  #state: CallEntry["state"] = "new";
  #from = "";
  #to = "";
  #startedMs: number;
  #answeredMs: number | undefined;
  #endedMs: number | undefined;
  #reason = "";
  #reasonWeight = 0;
  #keys = "";
  #messages = 0;
  #errors = 0;

  constructor(id: string, billId: string | undefined, startedMs: number) {
    this.id = id;
    this.billId = billId;
    this.#startedMs = startedMs;
  }

  get ended(): boolean {
    return this.#state === "ended";
  }

  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  /** Channels by their ids; those that have ended too. */
  get channels(): Iterable<string> {
    return this.#members.keys();
  }

  /** Channels that must end before the call has. */
  get living(): string[] {
    return [...this.#members.values()].filter((one) => !one.ended && counts(one)).map((one) => one.id);
  }

  join(channel: string): void {
    if (!this.#members.has(channel))
      this.#members.set(channel, { id: channel, started: false, ended: false });
  }

  /** Whether a second `chan.startup` of that channel means another channel with its name. */
  hasStarted(channel: string): boolean {
    return this.#members.get(channel)?.started ?? false;
  }

  entry(): CallEntry {
    return {
      id: this.id,
      from: this.#from,
      to: this.#to,
      channels: [...this.#members.keys()],
      state: this.#state,
      startedMs: this.#startedMs,
      // Two clocks, of the engine's figures and of its messages, may differ by some milliseconds.
      answeredMs: this.#answeredMs && Math.max(this.#answeredMs, this.#startedMs),
      endedMs: this.#endedMs,
      reason: this.ended ? this.#reason : "",
      keys: this.#keys,
      messages: this.#messages,
      errors: this.#errors,
    };
  }

  /** Puts a record at its place in time. */
  add(sourced: SourcedRecord): void {
    const { record } = sourced;
    let at = this.records.length;
    while (at > 0 && (this.records[at - 1] as SourcedRecord).record.atMs > record.atMs) at--;
    this.records.splice(at, 0, sourced);
    this.bytes += estimateBytes(record);
    if (record.kind === "message") {
      this.#messages++;
      if (record.steps.some((step) => step.failed !== undefined)) this.#errors++;
      this.#learn(record);
    } else if (record.kind === "error") this.#errors++;
    if (record.atMs < this.#startedMs && record.kind !== "log") this.#startedMs = record.atMs;
  }

  /** Drops its oldest records until `bytes` are free, and tells how many went. */
  drop(bytes: number): number {
    let freed = 0;
    let count = 0;
    while (freed < bytes && count < this.records.length)
      freed += estimateBytes((this.records[count++] as SourcedRecord).record);
    this.records.splice(0, count);
    this.bytes -= freed;
    if (count > 0) this.cut = true;
    return count;
  }

  /** A channel that a list of the engine's channels shows. */
  observe(channel: string, status: string, atMs: number): boolean {
    const before = this.#state;
    this.join(channel);
    if (status === "answered" && this.#isFirst(channel)) this.#reach("answered", atMs);
    if (status === "ringing") this.#reach("ringing", atMs);
    return this.#state !== before;
  }

  /** The channel is no more, though no message told of its end. */
  lose(channel: string, atMs: number, reason: string): void {
    this.#endChannel(channel, atMs, reason, 1);
  }

  #isFirst(channel: string): boolean {
    return this.#members.keys().next().value === channel;
  }

  #reach(state: CallEntry["state"], atMs: number): void {
    if (order[state] <= order[this.#state]) return;
    this.#state = state;
    if (state === "answered") this.#answeredMs ??= atMs;
  }

  #learn(message: MessageRecord): void {
    const get = (param: string): string => paramOf(message, param) ?? "";
    const { atMs, handled } = message;
    const name = finalName(message);
    const id = get("id");
    if (
      id !== "" &&
      this.#isFirst(id) &&
      (get("answered") === "true" || get("status") === "answered") &&
      name !== "chan.hangup"
    )
      this.#reach("answered", atMs);
    switch (name) {
      case "chan.connected":
        // It lives on: what one partner left it for did not end the call.
        if (this.#isFirst(id)) this.#forgetReason(2);
        break;
      case "chan.startup": {
        this.join(id);
        const member = this.#members.get(id);
        if (member) member.started = true;
        if (this.ended && member && !member.ended && counts(member)) this.#revive();
        if (this.#isFirst(id)) this.#parties(get("caller"), get("called"), get("address"));
        else if (this.#from === "" || this.#to === "") this.#parties(get("caller"), get("called"), "");
        break;
      }
      case "call.preroute":
      case "call.route":
        this.#reach("routing", atMs);
        this.#parties(get("caller"), get("called"), "");
        if (name === "call.route" && !(handled && message.retvalue !== ""))
          this.#tellReason(get("error") || "noroute", 1);
        else if (name === "call.route" && (message.retvalue === "-" || message.retvalue === "error"))
          this.#tellReason(get("error"), 1);
        break;
      case "call.execute":
        this.#reach("routing", atMs);
        this.#parties(get("caller"), get("called") || get("target") || get("callto"), "");
        if (!handled) this.#tellReason(get("error"), 1);
        break;
      case "call.ringing":
        this.#reach("ringing", atMs);
        break;
      case "call.answered":
        this.#reach("answered", atMs);
        this.#forgetReason(1);
        break;
      case "chan.dtmf":
        if (get("duplicate") !== "true") this.#keys += get("text");
        break;
      case "chan.disconnected":
        this.#tellReason(get("reason"), this.#isFirst(id) ? 2 : 1);
        break;
      case "chan.hangup":
        this.#endChannel(id, atMs, get("reason") || statusReason(get("status")), this.#isFirst(id) ? 4 : 3);
        break;
    }
  }

  #parties(from: string, to: string, address: string): void {
    this.#from ||= from || address;
    this.#to ||= to;
  }

  /** The first channel's own reason tells most. */
  #tellReason(reason: string, weight: number): void {
    if (reason === "" || weight < this.#reasonWeight) return;
    this.#reason = reason;
    this.#reasonWeight = weight;
  }

  #forgetReason(weight: number): void {
    if (this.#reasonWeight > weight) return;
    this.#reason = "";
    this.#reasonWeight = 0;
  }

  #endChannel(channel: string, atMs: number, reason: string, weight: number): void {
    const member = this.#members.get(channel);
    if (member) member.ended = true;
    this.#tellReason(reason, weight);
    if (this.ended || this.living.length > 0) return;
    this.#state = "ended";
    this.#endedMs = atMs;
  }

  /** Another channel came after the end of all others, as in an engine that tells a beginning late. */
  #revive(): void {
    this.#state = this.#answeredMs === undefined ? "routing" : "answered";
    this.#endedMs = undefined;
  }
}

function counts(member: Member): boolean {
  return member.started || !isBeside(member.id);
}

/** What one that was rejected was rejected for is told elsewhere. */
function statusReason(status: string): string {
  return status === "rejected" ? "" : reasonOfStatus(status);
}
