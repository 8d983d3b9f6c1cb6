import type { Engine, EngineMessage, EngineModule } from "../../engine/index.ts";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { type QueuesMessage, type QueuesSettings, readQueuesSettings } from "./queue-settings.ts";

/**
 * Call queues: `queue/<name>` lets a call wait, `pickup/<name>` fetches the first one (spec/services.md §3). Configuration
 * `queues`: `incoming` of section `[channels]` is the target that waiting calls are sent to, each section `[queue <name>]` is a
 * queue. Who fetches the calls is an app's business: operators out of a database are not there.
 */
export function queues(): EngineModule {
  return {
    name: "queues",
    start(engine) {
      const service = new QueuesService(engine, readQueuesSettings(engine.config("queues")));
      const install = (name: QueuesMessage, receive: (message: EngineMessage) => boolean): void => {
        const priority = service.settings.priority(name);
        if (priority > 0) engine.install({ name, priority, trackName: "queues", receive });
      };
      install("call.execute", (message) => service.execute(message));
      install("call.answered", (message) => service.answered(message));
      install("chan.hangup", (message) => service.hungUp(message));
      install("call.drop", (message) => service.drop(message));
      engine.install({
        name: "engine.status",
        priority: 110,
        trackName: "queues",
        receive: (message) => service.status(message),
      });
      engine.install({
        name: "engine.command",
        priority: 120,
        trackName: "queues",
        receive: (message) => service.command(message),
      });
    },
  };
}

/** Why a call is not taken. */
interface Refusal {
  readonly error: "failure" | "noroute" | "congestion" | "nocall";
  readonly reason: string;
}

class QueuesService {
  readonly settings: QueuesSettings;
  readonly #engine: Engine;
  /** Queues with calls in them, in the order of their first calls. */
  readonly #queues = new Map<string, CallQueue>();

  constructor(engine: Engine, settings: QueuesSettings) {
    this.#engine = engine;
    this.settings = settings;
  }

  /** Never handles the call: it goes on to the target, or under the name, that it gets here. */
  execute(message: EngineMessage): false {
    const callto = message.get("callto") ?? "";
    const queued = /^queue\/(.*)$/s.exec(callto)?.[1];
    const fetched = /^pickup\/(.+)$/s.exec(callto)?.[1];
    let refused: Refusal | undefined;
    if (queued !== undefined) refused = this.#enter(message, queued.trim());
    else if (fetched !== undefined) refused = this.#pickup(message, fetched);
    if (refused) message.set("error", refused.error).set("reason", refused.reason);
    return false;
  }

  #enter(message: EngineMessage, name: string): Refusal | undefined {
    const { incoming } = this.settings;
    if (name === "" || name.includes("/") || incoming === undefined) return undefined;
    if (!message.get("id")) return { error: "failure", reason: "No channel to wait in a queue" };
    message.set("queue", name);
    const queue = this.#queues.get(name) ?? this.#create(name);
    if (!queue) return { error: "noroute", reason: "Queue does not exist" };
    if (queue.full) return { error: "congestion", reason: "Queue is full" };
    const { greeting, onhold } = queue.settings;
    if (greeting !== undefined) message.set("greeting", greeting);
    message.set("source", onhold).set("callto", incoming);
    queue.add(message);
    return undefined;
  }

  #create(name: string): CallQueue | undefined {
    const settings = this.settings.queue(name);
    if (!settings) return undefined;
    const queue = new CallQueue(this.#engine, settings, () => this.#queues.delete(name));
    this.#queues.set(name, queue);
    return queue;
  }

  /** The message becomes the `chan.connect` of the caller with the call that waits; both are told of an answer. */
  #pickup(message: EngineMessage, target: string): Refusal | undefined {
    const { queue, id } = this.#parse(target);
    if (!queue) return undefined;
    const own = message.get("id");
    // Without one the call that waits would leave its queue for nobody.
    if (!own) return { error: "failure", reason: "No channel to pick up with" };
    const call = queue.find(id);
    if (!call) return { error: "nocall", reason: "The call is not in queue" };
    const queuetime = queue.remove(call, "pickup");
    message.name = "chan.connect";
    message.set("targetid", call.id);
    this.#engine.enqueue("call.answered", { id: own, targetid: call.id });
    this.#engine.enqueue("call.answered", { id: call.id, targetid: own, queuetime });
    return undefined;
  }

  /** A waiting call was answered by somebody who was not sent by this module. */
  answered(message: EngineMessage): false {
    const waiting = this.#waiting(message.get("targetid"));
    if (!waiting || message.get("reason") === "queued") return false;
    const { queue, call } = waiting;
    const queuetime = queue.remove(call, "answered");
    this.#engine.enqueue("call.update", { id: call.id, queuetime });
    return false;
  }

  hungUp(message: EngineMessage): false {
    const queue = this.#queues.get(message.get("queue") ?? "");
    const served = message.get("notify") || undefined;
    if (queue && served !== undefined && this.#failed(queue, served)) return false;
    const waiting = this.#waiting(message.get("id"));
    waiting?.queue.remove(waiting.call, "hangup");
    return false;
  }

  /** An operator's call for the waiting call `id` has failed; true when that waits on. */
  #failed(queue: CallQueue, id: string): boolean {
    const call = queue.find(id);
    if (!call) return false;
    if (!queue.settings.single) {
      call.changedMs = this.#engine.clock.monotonicMs();
      return true;
    }
    queue.remove(call, "noanswer");
    this.#engine.enqueue("call.drop", { id, reason: "noanswer" });
    return false;
  }

  /** `<queue>` and `<queue>/<id>` become the id of a channel, for its driver to drop; `<queue>/*` are all. */
  drop(message: EngineMessage): boolean {
    const { queue, id } = this.#parse(message.get("id") ?? "");
    if (!queue) return false;
    if (id !== "*") {
      const call = queue.find(id);
      if (call) message.set("id", call.id);
      return false;
    }
    const reason = message.get("reason");
    for (const call of queue.calls)
      this.#engine.enqueue("call.drop", { id: call.id, ...(reason ? { reason } : {}) });
    return true;
  }

  status(message: EngineMessage): boolean {
    const wanted = message.get("module") ?? "";
    if (wanted !== "" && wanted !== "queues" && wanted !== "misc") return false;
    message.retvalue += `name=queues,type=misc;queues=${this.#queues.size}\r\n`;
    return wanted === "queues";
  }

  command(message: EngineMessage): boolean {
    const line = message.get("line");
    if (line === "queues") {
      for (const queue of this.#queues.values())
        message.retvalue += (message.retvalue ? "\r\n" : "") + queue.list();
      return true;
    }
    const before = message.get("partline") ?? "";
    const begun = message.get("partword") ?? "";
    if (line === undefined && (before === "" || before === "status") && "queues".startsWith(begun))
      message.retvalue += `${message.retvalue ? "\t" : ""}queues`;
    return false;
  }

  /** What `<queue>` or `<queue>/<id>` names; an id may have slashes. */
  #parse(target: string): { readonly queue: CallQueue | undefined; readonly id: string } {
    const [, name = "", id = ""] = /^([^/]*)(?:\/(.*))?$/s.exec(target) ?? [];
    return { queue: this.#queues.get(name), id };
  }

  #waiting(id: string | undefined): { readonly queue: CallQueue; readonly call: QueuedCall } | undefined {
    if (!id) return undefined;
    for (const queue of this.#queues.values()) {
      const call = queue.find(id);
      if (call) return { queue, call };
    }
    return undefined;
  }
}
