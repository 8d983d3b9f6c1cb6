import type { ParamsInit } from "../../bus/index.ts";
import type { EngineMessage } from "../../engine/index.ts";
import type { CdrSettings } from "./settings.ts";

/** What a `call.cdr` is about: the first of a channel, a change, a sign of life, the last. */
export type CdrOperation = "initialize" | "update" | "status" | "finalize";

/** The times of a record that come with messages of certain names. */
export type CdrTime = "ring" | "answer" | "hangup";

/** What is known of one channel (spec/services.md §5). Times are those of the messages, in milliseconds. */
export class CallData {
  readonly chan: string;
  readonly cdrId: number;
  /** When the next sign of life of the answered call is due; undefined: none is. */
  statusAtMs: number | undefined;
  readonly #settings: CdrSettings;
  readonly #startMs: number;
  readonly #times = new Map<CdrTime, number>();
  readonly #params = new Map<string, string>();
  readonly #write: boolean;
  readonly #traceId: string | undefined;
  #direction = "unknown";
  #status = "unknown";

  /** @param first the message that it begins with; whether the record is to be written is said there */
  constructor(settings: CdrSettings, chan: string, cdrId: number, first: EngineMessage) {
    this.#settings = settings;
    this.chan = chan;
    this.cdrId = cdrId;
    this.#startMs = first.timeMs;
    this.#write = first.flag("cdrwrite", true);
    this.#traceId = first.get("trace_id");
  }

  get answered(): boolean {
    return this.#times.has("answer");
  }

  /** Notes the time of something that happens once: later ones change nothing. */
  mark(what: CdrTime, timeMs: number): void {
    if (!this.#times.has(what)) this.#times.set(what, timeMs);
  }

  /** Takes the status of the channel out of a message that is about its peer. */
  takeStatus(message: EngineMessage): void {
    const status = message.get("status");
    if (!status) return;
    this.#status = status;
    if (status === "incoming" || status === "outgoing") this.#direction = status;
  }

  /** Takes all that a message of the channel itself tells. */
  take(message: EngineMessage): void {
    this.takeStatus(message);
    this.#direction = message.get("direction") || this.#direction;
    for (const [name, value] of message.params) {
      const overwritten = this.#settings.parameters.get(name);
      if (overwritten === undefined || value === "") continue;
      if (overwritten || !this.#params.has(name)) this.#params.set(name, value);
    }
  }

  /** Why the record is over, told by nobody but the one who ends it. */
  setReason(reason: string): void {
    this.#params.set("reason", reason);
  }

  /** The parameters of a `call.cdr`. */
  params(operation: CdrOperation, runId: string, nowMs: number): ParamsInit {
    const { decimals } = this.#settings;
    const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(decimals);
    const endMs = this.#times.get("hangup") ?? nowMs;
    const answerMs = this.#times.get("answer");
    const ringMs = this.#times.get("ring");
    const external = { incoming: "caller", outgoing: "called" }[this.#direction];
    const number = external && this.#params.get(external);
    return {
      time: seconds(this.#startMs),
      chan: this.chan,
      cdrid: this.cdrId,
      runid: runId,
      operation,
      direction: this.#direction,
      duration: seconds(endMs - this.#startMs),
      billtime: seconds(answerMs === undefined ? 0 : endMs - answerMs),
      ringtime: seconds(ringMs === undefined ? 0 : (answerMs ?? endMs) - ringMs),
      status: this.#status,
      trace_id: this.#traceId,
      external: number || undefined,
      cdrwrite: this.#write,
      ...Object.fromEntries(this.#params),
    };
  }

  /** How it stands in the module's status line. */
  statusColumn(nowMs: number): string {
    const [caller, called, billId] = ["caller", "called", "billid"].map(
      (name) => this.#params.get(name) ?? "",
    );
    const seconds = Math.round(Math.max(0, nowMs - this.#startMs) / 1000);
    return `${this.chan}=${this.#status}|${caller}|${called}|${billId}|${seconds}`;
  }
}

/** Whether a `call.progress` counts, which is then as ringing. */
export function progressRings(message: EngineMessage, settings: CdrSettings): boolean {
  return message.flag("earlymedia", false) || message.flag("ringing", settings.ringOnProgress);
}
