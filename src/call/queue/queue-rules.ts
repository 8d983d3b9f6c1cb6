import { chooseAgents, inLine, isFree } from "./choose-agents.ts";
import type { QueueEvent, QueueHappening } from "./queue-events.ts";
import type { AgentRecord, AgentState, QueueRecord, QueueState, WaitingRecord } from "./queue-state.ts";

/** One change of the state: what is, when it is, and what happened by it. */
export interface Change {
  readonly state: QueueState;
  readonly nowMs: number;
  readonly events: QueueEvent[];
}

/** Who wants to get in line. */
export interface Joining {
  readonly id: string;
  readonly from: string;
  readonly fromName: string;
  readonly priority: number;
  readonly skills: readonly string[];
  /** Since when it waits, when it comes from another queue. */
  readonly joinedMs: number | undefined;
}

/** Why a call leaves the line without an agent. */
export type Leaving = "abandoned" | "left" | "timeout" | "closed" | "failed";

function tell(change: Change, event: QueueHappening): void {
  change.events.push({ ...event, atMs: change.nowMs });
}

function setState(change: Change, agent: AgentRecord, state: AgentState): void {
  if (agent.state === state) return;
  agent.state = state;
  agent.sinceMs = change.nowMs;
  for (const queue of queuesOf(change.state, agent.id))
    tell(change, { kind: "agent", queue: queue.name, agent: agent.id, state });
}

export function queuesOf(state: QueueState, agent: string): QueueRecord[] {
  return Object.values(state.queues).filter(({ members }) =>
    members.some((member) => member.agent === agent),
  );
}

/** Gets in line. */
export function join(change: Change, queueName: string, joining: Joining): "joined" | "full" | "closed" {
  const queue = change.state.queues[queueName];
  const length = Object.values(queue?.waiting ?? {}).filter(({ taken }) => taken === "").length;
  const why = !queue?.open ? "closed" : length >= queue.maxLength ? "full" : undefined;
  if (!queue || why) {
    if (queue) queue.figures.refused++;
    tell(change, { kind: "refused", queue: queueName, from: joining.from, why: why ?? "closed" });
    return why ?? "closed";
  }
  const { id, from, fromName, priority, skills, joinedMs = change.nowMs } = joining;
  const call: WaitingRecord = {
    id,
    from,
    fromName,
    priority,
    skills,
    joinedMs,
    order: ++change.state.order,
    ringing: [],
    taken: "",
    position: 0,
  };
  queue.waiting[id] = call;
  queue.figures.joined++;
  call.position = inLine(unanswered(queue)).indexOf(call) + 1;
  tell(change, { kind: "joined", queue: queueName, call: id, from, position: call.position });
  return "joined";
}

function unanswered(queue: QueueRecord): WaitingRecord[] {
  return Object.values(queue.waiting).filter(({ taken }) => taken === "");
}

/**
 * Leaves the line. False when an agent has the call already, or it is not in line.
 * @param evenTaken leaves although an agent has answered; that one is available again
 */
export function leave(
  change: Change,
  queueName: string,
  id: string,
  why: Leaving,
  evenTaken = false,
): boolean {
  const queue = change.state.queues[queueName];
  const call = queue?.waiting[id];
  if (!queue || !call || (call.taken !== "" && !evenTaken)) return false;
  delete queue.waiting[id];
  withdraw(change, call);
  const waitedMs = change.nowMs - call.joinedMs;
  const { figures } = queue;
  if (why === "abandoned") figures.abandoned++;
  if (why === "left") figures.left++;
  if (why === "timeout") figures.timedOut++;
  if (why !== "closed" && why !== "failed") tell(change, { kind: why, queue: queueName, call: id, waitedMs });
  return true;
}

/** It stops ringing everywhere but at `except`, without a blame. */
function withdraw(change: Change, call: WaitingRecord, except = ""): void {
  for (const id of call.taken && call.taken !== except ? [...call.ringing, call.taken] : call.ringing) {
    const agent = change.state.agents[id];
    if (agent && agent.call === call.id && id !== except) release(change, agent);
  }
  call.ringing = [];
}

/** An agent has answered. False when somebody else has, or the caller is gone, or the agent is not meant any more. */
export function take(change: Change, queueName: string, id: string, agentId: string): boolean {
  const call = change.state.queues[queueName]?.waiting[id];
  const agent = change.state.agents[agentId];
  if (call?.taken !== "" || agent?.call !== id || agent.state !== "ringing") return false;
  call.taken = agentId;
  withdraw(change, call, agentId);
  setState(change, agent, "busy");
  return true;
}

/** The agent did not answer, or has left before it could talk: the call is in its old place again. */
export function missed(change: Change, queueName: string, id: string, agentId: string, reason: string): void {
  const queue = change.state.queues[queueName];
  const agent = change.state.agents[agentId];
  if (!queue || agent?.call !== id) return;
  const call = queue.waiting[id];
  if (call) {
    call.ringing = call.ringing.filter((one) => one !== agentId);
    if (call.taken === agentId) call.taken = "";
  }
  agent.missed++;
  agent.idleSinceMs = change.nowMs;
  tell(change, { kind: "missed", queue: queueName, call: id, agent: agentId, reason });
  release(change, agent);
  if (agent.state === "available") agent.untilMs = change.nowMs + queue.backOffMs;
}

/** Caller and agent talk. */
export function talk(change: Change, queueName: string, id: string, agentId: string): void {
  const queue = change.state.queues[queueName];
  const call = queue?.waiting[id];
  const agent = change.state.agents[agentId];
  if (!queue || call?.taken !== agentId || !agent) return;
  delete queue.waiting[id];
  const waitedMs = change.nowMs - call.joinedMs;
  const { figures } = queue;
  figures.answered++;
  figures.waitedMs += waitedMs;
  figures.longestWaitMs = Math.max(figures.longestWaitMs, waitedMs);
  if (waitedMs <= queue.serviceLevelMs) figures.answeredInTime++;
  agent.answered++;
  agent.sinceMs = change.nowMs;
  tell(change, { kind: "answered", queue: queueName, call: id, agent: agentId, waitedMs });
}

/** The talk is over; the agent has its time for the work after it. */
export function finished(
  change: Change,
  queueName: string,
  id: string,
  agentId: string,
  talkedMs: number,
): void {
  const queue = change.state.queues[queueName];
  if (queue) queue.figures.talkedMs += talkedMs;
  tell(change, { kind: "finished", queue: queueName, call: id, agent: agentId, talkedMs });
  const agent = change.state.agents[agentId];
  if (agent?.call !== id) return;
  agent.talkedMs += talkedMs;
  agent.idleSinceMs = change.nowMs;
  const wrapUpMs = queue?.wrapUpMs ?? 0;
  if (agent.next !== "available" || wrapUpMs <= 0) {
    release(change, agent);
    return;
  }
  agent.call = "";
  agent.queue = "";
  agent.untilMs = change.nowMs + wrapUpMs;
  setState(change, agent, "wrap-up");
}

/** The agent has no call any more. */
function release(change: Change, agent: AgentRecord): void {
  agent.call = "";
  agent.queue = "";
  agent.untilMs = 0;
  setState(change, agent, agent.next);
  if (queuesOf(change.state, agent.id).length === 0) delete change.state.agents[agent.id];
}

/**
 * The agent takes calls, takes none for now, or has gone home. What it talks comes to its end first; what only rings
 * goes back into line.
 */
export function setAgent(
  change: Change,
  agentId: string,
  wanted: "available" | "paused" | "offline",
): boolean {
  const agent = change.state.agents[agentId];
  if (!agent) return false;
  agent.next = wanted;
  if (agent.state === "busy" || (agent.state === "ringing" && wanted === "available")) return true;
  const wasWrapUp = agent.state === "wrap-up";
  if (agent.state === "offline" && wanted === "available") agent.idleSinceMs = change.nowMs;
  if (agent.state === "ringing") {
    const call = change.state.queues[agent.queue]?.waiting[agent.call];
    if (call) call.ringing = call.ringing.filter((id) => id !== agentId);
  }
  const missedUntilMs = agent.state === "available" && wanted === "available" ? agent.untilMs : 0;
  release(change, agent);
  agent.untilMs = missedUntilMs;
  if (wasWrapUp && wanted === "available") wrappedUp(change, agent);
  return true;
}

function wrappedUp(change: Change, agent: AgentRecord): void {
  for (const { name } of queuesOf(change.state, agent.id))
    tell(change, { kind: "wrapped-up", queue: name, agent: agent.id });
}

/** The agent is called for this queue no more. One that is called for none is forgotten, after its call. */
export function removeAgent(change: Change, queueName: string, agentId: string): boolean {
  const queue = change.state.queues[queueName];
  const agent = change.state.agents[agentId];
  if (!queue?.members.some((member) => member.agent === agentId)) return false;
  if (agent?.state === "ringing" && agent.queue === queueName) {
    const call = queue.waiting[agent.call];
    if (call) call.ringing = call.ringing.filter((id) => id !== agentId);
    release(change, agent);
  }
  queue.members = queue.members.filter((member) => member.agent !== agentId);
  if (agent && agent.state !== "busy" && queuesOf(change.state, agentId).length === 0)
    delete change.state.agents[agentId];
  return true;
}

/** What the time alone brings: the end of wrap-ups. */
export function passTime(change: Change): void {
  for (const agent of Object.values(change.state.agents)) {
    if (agent.untilMs === 0 || agent.untilMs > change.nowMs) continue;
    agent.untilMs = 0;
    if (agent.state !== "wrap-up") continue;
    setState(change, agent, agent.next);
    wrappedUp(change, agent);
  }
}

/** Lets calls ring at agents who are free, the first in line of all queues first, and tells new positions. */
export function assign(change: Change): void {
  const { state, nowMs } = change;
  const queueOf = new Map<WaitingRecord, QueueRecord>();
  for (const queue of Object.values(state.queues))
    for (const call of unanswered(queue)) queueOf.set(call, queue);
  const line = inLine([...queueOf.keys()]);
  const positions = new Map<QueueRecord, number>();
  let free = Object.values(state.agents).filter((agent) => isFree(agent, nowMs)).length;
  for (const call of line) {
    const queue = queueOf.get(call);
    if (!queue) continue;
    const position = (positions.get(queue) ?? 0) + 1;
    positions.set(queue, position);
    if (call.position !== position) {
      call.position = position;
      tell(change, { kind: "position", queue: queue.name, call: call.id, position });
    }
    if (free === 0) continue;
    for (const agent of chooseAgents(state, queue, call, nowMs)) {
      free--;
      agent.call = call.id;
      agent.queue = queue.name;
      agent.untilMs = 0;
      call.ringing.push(agent.id);
      queue.lastCalled = agent.id;
      setState(change, agent, "ringing");
      tell(change, { kind: "offered", queue: queue.name, call: call.id, agent: agent.id });
    }
  }
}

/** When time alone changes something next; undefined when it does not. */
export function nextDueMs(state: QueueState): number | undefined {
  const due = Object.values(state.agents).flatMap(({ untilMs }) => (untilMs > 0 ? [untilMs] : []));
  return due.length > 0 ? Math.min(...due) : undefined;
}
