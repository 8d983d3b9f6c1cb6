import { inLine } from "./choose-agents.ts";
import type { AgentRecord, AgentState, QueueFigures, QueueState } from "./queue-state.ts";

/** An agent, as it is now. */
export interface AgentView {
  readonly id: string;
  readonly name: string;
  readonly target: string;
  readonly skills: readonly string[];
  readonly priority: number;
  readonly state: AgentState;
  /** How long it is in this state. */
  readonly forMs: number;
  /** What it becomes after its call. */
  readonly next: "available" | "paused" | "offline";
  /** The call that it has, or that rings at it; undefined for none. */
  readonly call: string | undefined;
  /** How long it is still left alone because it missed a call, or still has for its work after one; 0 for neither. */
  readonly waitMs: number;
  readonly answered: number;
  readonly missed: number;
  readonly talkedMs: number;
}

/** A caller in line. */
export interface WaitingView {
  /** The caller's channel. */
  readonly id: string;
  readonly from: string;
  readonly fromName: string;
  /** 1 is next; 0 for one that an agent has answered and that is not connected yet. */
  readonly position: number;
  readonly waitedMs: number;
  readonly priority: number;
  /** Agents at whom it rings. */
  readonly ringing: readonly string[];
}

/** A queue, as it is now. */
export interface QueueSnapshot {
  readonly name: string;
  readonly open: boolean;
  /** The first in line first. */
  readonly waiting: readonly WaitingView[];
  readonly agents: readonly AgentView[];
  readonly figures: QueueFigures & {
    /** Share of the callers who waited no longer than `serviceLevelMs` for their answer, of all who are through; 1 before the first. */
    readonly serviceLevel: number;
    /** Of those who were answered; 0 before the first. */
    readonly averageWaitMs: number;
    readonly averageTalkMs: number;
  };
}

export function agentView(agent: AgentRecord, priority: number, nowMs: number): AgentView {
  return {
    id: agent.id,
    name: agent.name,
    target: agent.target,
    skills: [...agent.skills],
    priority,
    state: agent.state,
    forMs: Math.max(0, nowMs - agent.sinceMs),
    next: agent.next,
    call: agent.call || undefined,
    waitMs: Math.max(0, agent.untilMs - nowMs),
    answered: agent.answered,
    missed: agent.missed,
    talkedMs: agent.talkedMs,
  };
}

const noFigures: QueueFigures = {
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
};

export function snapshotOf(state: QueueState, name: string, nowMs: number): QueueSnapshot {
  const queue = state.queues[name];
  const figures = queue?.figures ?? noFigures;
  const through = figures.answered + figures.abandoned + figures.left + figures.timedOut;
  const each = (sumMs: number): number => (figures.answered > 0 ? Math.round(sumMs / figures.answered) : 0);
  return {
    name,
    open: queue?.open ?? true,
    waiting: inLine(Object.values(queue?.waiting ?? {})).map((call) => ({
      id: call.id,
      from: call.from,
      fromName: call.fromName,
      position: call.taken === "" ? call.position : 0,
      waitedMs: Math.max(0, nowMs - call.joinedMs),
      priority: call.priority,
      ringing: [...call.ringing],
    })),
    agents: (queue?.members ?? []).flatMap(({ agent: id, priority }) => {
      const agent = state.agents[id];
      return agent ? [agentView(agent, priority, nowMs)] : [];
    }),
    figures: {
      ...figures,
      serviceLevel: through > 0 ? figures.answeredInTime / through : 1,
      averageWaitMs: each(figures.waitedMs),
      averageTalkMs: each(figures.talkedMs),
    },
  };
}
