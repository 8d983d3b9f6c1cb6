import type { Call } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import { type CallQueue, partsOf } from "./call-queue.ts";
import { type EnqueueOptions, type EnqueueOutcome, QueuedCall } from "./queued-call.ts";

/** Waiting for agents. */
export interface CallQueueing {
  /**
   * Waits in line for an agent, and talks with it: answers the call, plays the queue's music and announcements, and connects
   * both. When the agent leaves first, the caller is back in its program.
   */
  enqueue(queue: CallQueue, options?: EnqueueOptions): Promise<EnqueueOutcome>;
}

export function callQueueing(core: CallCore, self: () => Call): CallQueueing {
  return {
    async enqueue(queue, options = {}) {
      partsOf(queue);
      const over = await core.begin();
      if (over) return over;
      const answered = await self().answer();
      if (answered.kind === "hangup") return answered;
      const sinceMs = core.clock.now();
      const been = new Set<CallQueue>();
      let line = queue;
      for (;;) {
        const parts = partsOf(line);
        been.add(line);
        const outcome = await new QueuedCall(parts, line.name, self(), options, sinceMs).run();
        const { overflow } = parts.settings;
        const turnedAway = outcome.kind === "full" || outcome.kind === "closed" || outcome.kind === "timeout";
        if (!turnedAway || !overflow || been.has(overflow)) return outcome;
        line = overflow;
      }
    },
  };
}
