import { Params } from "../../bus/index.ts";
import { copyParams, type Engine, type EngineMessage } from "../../engine/index.ts";
import { copiedNames, type QueueSettings } from "./queue-settings.ts";

/** What `chan.notify` of a queue can tell as its `event`. */
export type QueueEvent =
  | "created"
  | "queued"
  | "position"
  | "pickup"
  | "answered"
  | "hangup"
  | "noanswer"
  | "destroyed";

/** A call in a queue. */
export interface QueuedCall {
  /** The channel's id. */
  readonly id: string;
  /** What is told with it. */
  readonly params: Params;
  /** Since when it waits, on the engine's monotonic clock. */
  readonly sinceMs: number;
  /** When it last became free for an operator. */
  changedMs: number;
}

const usuallyCopied = "caller,callername,billid";

/** The calls that wait for one number, first come first served (spec/services.md §3). It exists while there are any. */
export class CallQueue {
  readonly settings: QueueSettings;
  readonly #engine: Engine;
  readonly #ended: (queue: CallQueue) => void;
  readonly #calls: QueuedCall[] = [];

  /** @param ended told when the last call has left */
  constructor(engine: Engine, settings: QueueSettings, ended: (queue: CallQueue) => void) {
    this.settings = settings;
    this.#engine = engine;
    this.#ended = ended;
    this.#notify("created");
  }

  get full(): boolean {
    return this.#calls.length >= (this.settings.length ?? Number.POSITIVE_INFINITY);
  }

  get calls(): readonly QueuedCall[] {
    return this.#calls;
  }

  /** The call of that channel; without an id the first. */
  find(id: string): QueuedCall | undefined {
    return id === "" ? this.#calls[0] : this.#calls.find((call) => call.id === id);
  }

  /** Puts the call of `message` at the end, or with `priority=true` at the head, and tells its position in the message. */
  add(message: EngineMessage): void {
    const nowMs = this.#engine.clock.monotonicMs();
    const params = Params.from();
    const wanted = message.get("copyparams") ?? this.settings.copied ?? usuallyCopied;
    copyParams(message, params, copiedNames(wanted));
    const call = { id: message.get("id") ?? "", params, sinceMs: nowMs, changedMs: nowMs };
    if (message.flag("priority", false)) {
      this.#calls.unshift(call);
      this.#notifyPositions(1);
    } else this.#calls.push(call);
    this.#notify("queued", call);
    message.set("position", this.#calls.indexOf(call));
  }

  /**
   * Takes a call out.
   * @param event why, as it is told
   * @returns how long it has waited, in whole seconds
   */
  remove(call: QueuedCall, event: QueueEvent): number {
    const waitedMs = this.#engine.clock.monotonicMs() - call.sinceMs;
    const at = this.#calls.indexOf(call);
    this.#notify(event, call);
    if (at >= 0) this.#calls.splice(at, 1);
    if (this.#calls.length > 0) this.#notifyPositions(at);
    else {
      this.#ended(this);
      this.#notify("destroyed");
    }
    return Math.round(waitedMs / 1000);
  }

  /** The lines of the command `queues`: the seconds since a call's last change, and since it came. */
  list(): string {
    const nowMs = this.#engine.clock.monotonicMs();
    const seconds = (sinceMs: number): number => Math.floor((nowMs - sinceMs) / 1000);
    const lines = this.#calls.map(
      // The caller's place between the two blanks is empty in the reference engine too.
      ({ id, sinceMs, changedMs }) => `  ${id}  (${seconds(changedMs)}/${seconds(sinceMs)})`,
    );
    return [`Queue ${this.settings.name} ${this.#calls.length}`, ...lines, ""].join("\r\n");
  }

  #notifyPositions(from: number): void {
    if (!this.settings.detail) return;
    for (const call of this.#calls.slice(from)) this.#notify("position", call);
  }

  #notify(event: QueueEvent, call?: QueuedCall): void {
    const { notify, name } = this.settings;
    if (notify === undefined) return;
    const message = this.#engine.message("chan.notify", call?.params);
    if (call) message.set("id", call.id).set("position", this.#calls.indexOf(call));
    message.set("event", event).set("targetid", notify).set("queue", name);
    this.#engine.kernel.enqueue(message);
  }
}
