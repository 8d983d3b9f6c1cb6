import { YaytsError } from "../../base/index.ts";
import type { MessageStream } from "../../bus/index.ts";
import type { CallKit } from "../kit.ts";
import { CallCentre } from "./call-centre.ts";
import { createAgents, type QueueAgents } from "./queue-agents.ts";
import type { QueueEvent } from "./queue-events.ts";
import { type QueueOptions, type QueueSettings, queueSettings } from "./queue-options.ts";
import { leave } from "./queue-rules.ts";
import { type QueueSnapshot, snapshotOf } from "./queue-snapshot.ts";
import { createMemoryStore, type QueueStore } from "./queue-store.ts";

/** Callers who wait for agents: `await call.enqueue(queue)`. */
export interface CallQueue {
  readonly name: string;
  readonly agents: QueueAgents;
  /** What happens from now on, for a `for await` loop. One that is too slow loses the oldest of 1000. */
  events(): MessageStream<QueueEvent>;
  /** How it is now, for pictures. */
  snapshot(): QueueSnapshot;
  /** Takes callers (the default). */
  open(): Promise<void>;
  /**
   * Takes no more callers: they get `closed`.
   * @param waiting `stay` (default): who waits already is still served; `leave`: gets `closed` as well
   */
  close(waiting?: "stay" | "leave"): Promise<void>;
}

/** What calls in line know of their queue. */
export interface QueueParts {
  readonly kit: CallKit;
  readonly centre: CallCentre;
  readonly settings: QueueSettings;
}

const parts = new WeakMap<CallQueue, QueueParts>();
const stores = new WeakMap<CallKit, QueueStore>();
const centres = new WeakMap<QueueStore, CallCentre>();
const queues = new WeakMap<CallKit, Map<string, CallQueue>>();

export function partsOf(queue: CallQueue): QueueParts {
  const found = parts.get(queue);
  if (!found)
    throw new YaytsError("bad-argument", "that is no queue of this app: make one with yate.queue(name)");
  return found;
}

function centreOf(kit: CallKit, wanted: QueueStore | undefined): CallCentre {
  const store = wanted ?? stores.get(kit) ?? createMemoryStore();
  if (!wanted) stores.set(kit, store);
  const centre = centres.get(store) ?? new CallCentre(store, kit.clock, kit.log);
  centres.set(store, centre);
  return centre;
}

/** The queue of this name. Its options are those of the first time; giving others later is an error. */
export function callQueue(kit: CallKit, name: string, options?: QueueOptions): CallQueue {
  const known = queues.get(kit) ?? new Map<string, CallQueue>();
  queues.set(kit, known);
  const found = known.get(name);
  if (found && options)
    throw new YaytsError("bad-argument", `there is a queue ${name} already, with its own options`);
  if (found) return found;
  if (name === "") throw new YaytsError("bad-argument", "a queue needs a name");
  const made = createQueue(kit, name, options ?? {});
  known.set(name, made);
  return made;
}

function createQueue(kit: CallKit, name: string, options: QueueOptions): CallQueue {
  const settings = queueSettings(options);
  const centre = centreOf(kit, options.store);
  const { strategy, wrapUpMs, backOffMs, serviceLevelMs } = settings;
  const record = { strategy, wrapUpMs, backOffMs, serviceLevelMs, maxLength: settings.maxLength };
  centre.changeSoon(({ state }) => {
    const existing = state.queues[name];
    if (existing) return void Object.assign(existing, record);
    state.queues[name] = {
      name,
      ...record,
      open: true,
      members: [],
      waiting: Object.create(null),
      lastCalled: "",
      figures: {
        joined: 0,
        refused: 0,
        answered: 0,
        abandoned: 0,
        left: 0,
        timedOut: 0,
        answeredInTime: 0,
        waitedMs: 0,
        longestWaitMs: 0,
        talkedMs: 0,
      },
    };
  });
  const queue: CallQueue = {
    name,
    agents: createAgents(centre, name),
    events: () => centre.events(name),
    snapshot: () => snapshotOf(centre.latest, name, kit.clock.now()),
    open: () => setOpen(true),
    close: (waiting = "stay") => setOpen(false, waiting === "leave"),
  };
  const setOpen = (open: boolean, empty = false): Promise<void> =>
    centre.change((change) => {
      const own = change.state.queues[name];
      if (!own) return;
      own.open = open;
      if (empty) for (const id of Object.keys(own.waiting)) leave(change, name, id, "closed");
    });
  parts.set(queue, { kit, centre, settings });
  return queue;
}
