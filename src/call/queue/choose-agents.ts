import type { AgentRecord, QueueRecord, QueueState, WaitingRecord } from "./queue-state.ts";

/** Calls in the order in which they are served: by priority, then as they came. */
export function inLine(calls: readonly WaitingRecord[]): WaitingRecord[] {
  return [...calls].sort((a, b) => b.priority - a.priority || a.joinedMs - b.joinedMs || a.order - b.order);
}

/** Whether a call can ring at an agent now. */
export function isFree(agent: AgentRecord, nowMs: number): boolean {
  return agent.state === "available" && agent.untilMs <= nowMs;
}

/** At whom a call rings next: nobody, one, or with ring-all everybody who is free. */
export function chooseAgents(
  state: QueueState,
  queue: QueueRecord,
  call: WaitingRecord,
  nowMs: number,
): AgentRecord[] {
  if (call.ringing.length > 0 && queue.strategy !== "ring-all") return [];
  const free = queue.members.flatMap(({ agent: id, priority }, place) => {
    const agent = state.agents[id];
    if (!agent || !isFree(agent, nowMs)) return [];
    return call.skills.every((skill) => agent.skills.includes(skill)) ? [{ agent, priority, place }] : [];
  });
  const [first] = free;
  if (!first) return [];
  if (queue.strategy === "ring-all") return free.map(({ agent }) => agent);
  const last = queue.members.findIndex(({ agent }) => agent === queue.lastCalled);
  const best = free.reduce((a, b) => {
    if (queue.strategy === "round-robin") {
      const after = (place: number): number => (place > last ? place : place + queue.members.length);
      return after(b.place) < after(a.place) ? b : a;
    }
    if (queue.strategy === "priority" && b.priority !== a.priority) return b.priority > a.priority ? b : a;
    return b.agent.idleSinceMs < a.agent.idleSinceMs ? b : a;
  }, first);
  return [best.agent];
}
