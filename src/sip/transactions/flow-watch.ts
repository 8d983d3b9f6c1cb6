import type { Clock } from "../../base/index.ts";
import type { SipFlow } from "../flow.ts";

/** Who wants to know what happens to its flow. */
export interface FlowWatcher {
  /** @param lost nothing can be sent on the flow any more; else one message, whose ever it was, was refused */
  onFlowError(error: Error, lost: boolean): void;
}

interface Watched {
  readonly watchers: Set<FlowWatcher>;
  readonly unlisten: () => void;
}

/** Errors of flows, told to the transactions on them: one listener a flow, always in a later turn than what caused them. */
export class FlowWatch {
  readonly #clock: Clock;
  readonly #flows: Map<SipFlow, Watched> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(flow: SipFlow, watcher: FlowWatcher): void {
    const watched = this.#flows.get(flow);
    if (watched) watched.watchers.add(watcher);
    else {
      const watchers = new Set([watcher]);
      const unlisten = flow.onError((error) => {
        // who comes after this has not sent what was refused
        const hit = [...watchers];
        this.#clock.turn(() => {
          for (const one of hit) if (watchers.has(one)) one.onFlowError(error, flow.closed);
        });
      });
      this.#flows.set(flow, { watchers, unlisten });
    }
  }

  delete(flow: SipFlow, watcher: FlowWatcher): void {
    const watched = this.#flows.get(flow);
    if (!watched?.watchers.delete(watcher) || watched.watchers.size > 0) return;
    this.#flows.delete(flow);
    watched.unlisten();
  }
}
