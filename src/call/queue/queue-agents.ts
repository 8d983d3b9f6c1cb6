import { YaytsError } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { Done, Failed, HangUp } from "../outcomes.ts";
import { failed } from "../people/failed.ts";
import type { CallCentre } from "./call-centre.ts";
import { removeAgent, setAgent } from "./queue-rules.ts";
import { type AgentView, agentView } from "./queue-snapshot.ts";

/** Who answers calls. */
export interface AgentOptions {
  /** Names the agent in all queues of the app: one who is in several has one call at a time. Default: `target`. */
  readonly id?: string | undefined;
  /** Where it is called: a number that is routed, or a target with its driver. Default: `id`. */
  readonly target?: string | undefined;
  /** Default: `id`. */
  readonly name?: string | undefined;
  /** What it can do: a call that asks for skills goes to who has all of them. Default: none. */
  readonly skills?: readonly string[] | undefined;
  /** In this queue, for the strategy `priority`: higher is called first. Default 0. */
  readonly priority?: number | undefined;
  /** Default `available`. */
  readonly state?: "available" | "paused" | "offline" | undefined;
}

/** The agents of a queue. What is changed here is seen by all queues that the agent is in. */
export interface QueueAgents extends Iterable<AgentView> {
  /** Adds an agent to this queue; one that the app has already keeps its state, unless one is given. */
  add(agent: AgentOptions): Promise<void>;
  /**
   * Who calls is an agent from now on, available, and hears a thank-you. Its number is its id and where it is called, unless
   * `agent` says otherwise. A number can be forged: ask for a PIN before. `logout(call.from)` is the way back.
   */
  login(call: Call, agent?: AgentOptions): Promise<Done | HangUp | Failed>;
  /** Takes an agent out of this queue; a talk goes on. False when it was not in it. */
  remove(id: string): Promise<boolean>;
  /** No more calls for now; a talk comes to its end first, what rings goes back into line. False when nobody has this id. */
  pause(id: string): Promise<boolean>;
  /** Takes calls again, at once: it ends a pause, an absence and a wrap-up. False when nobody has this id. */
  resume(id: string): Promise<boolean>;
  /** Has gone home: like a pause, but shown as offline. False when nobody has this id. */
  logout(id: string): Promise<boolean>;
  /** Undefined when it is not in this queue. */
  get(id: string): AgentView | undefined;
}

export function createAgents(centre: CallCentre, queueName: string): QueueAgents {
  const views = (): AgentView[] => {
    const { queues, agents } = centre.latest;
    return (queues[queueName]?.members ?? []).flatMap(({ agent: id, priority }) => {
      const agent = agents[id];
      return agent ? [agentView(agent, priority, centre.clock.now())] : [];
    });
  };
  const set = (id: string, state: "available" | "paused" | "offline"): Promise<boolean> =>
    centre.change((change) => setAgent(change, id, state));
  const add: QueueAgents["add"] = async ({
    id: givenId,
    target: givenTarget,
    name,
    skills,
    priority = 0,
    state,
  }) => {
    const id = givenId ?? givenTarget ?? "";
    const target = givenTarget ?? id;
    if (id === "" || target === "") throw new YaytsError("bad-argument", "an agent needs an id or a target");
    await centre.change((change) => {
      const { state: all, nowMs } = change;
      const queue = all.queues[queueName];
      if (!queue) return;
      const known = all.agents[id];
      const agent = known ?? {
        id,
        name: id,
        target,
        skills: [],
        state: state ?? "available",
        sinceMs: nowMs,
        next: state ?? "available",
        call: "",
        queue: "",
        untilMs: 0,
        idleSinceMs: nowMs,
        answered: 0,
        missed: 0,
        talkedMs: 0,
      };
      all.agents[id] = agent;
      agent.target = givenTarget ?? agent.target;
      agent.name = name ?? agent.name;
      if (skills) agent.skills = [...skills];
      const member = queue.members.find((one) => one.agent === id);
      if (member) member.priority = priority;
      else queue.members.push({ agent: id, priority });
      if (known && state) setAgent(change, id, state);
    });
  };
  return {
    add,
    async login(call, agent = {}) {
      const answered = await call.answer();
      if (answered.kind === "hangup") return answered;
      const { id = call.from } = agent;
      if (id === "") return failed("bad-argument", `${call.id} shows no number: there is no way to call it`);
      await add({ ...agent, id, state: agent.state ?? "available" });
      const told = await call.play("thank-you");
      return told.kind === "hangup" || told.kind === "failed" ? told : { kind: "done" };
    },
    remove: (id) => centre.change((change) => removeAgent(change, queueName, id)),
    pause: (id) => set(id, "paused"),
    resume: (id) => set(id, "available"),
    logout: (id) => set(id, "offline"),
    get: (id) => views().find((agent) => agent.id === id),
    [Symbol.iterator]: () => views()[Symbol.iterator](),
  };
}
