import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { QueueEvent } from "./queue-events.ts";
import {
  assign,
  type Change,
  finished,
  join,
  leave,
  missed,
  nextDueMs,
  passTime,
  removeAgent,
  setAgent,
  take,
  talk,
} from "./queue-rules.ts";
import { emptyQueueState, type QueueRecord, type QueueState } from "./queue-state.ts";

/** A call centre whose time and calls the test holds. */
class Desk {
  nowMs = 1_000_000;
  readonly state: QueueState = emptyQueueState();
  readonly events: QueueEvent[] = [];

  queue(name: string, settings: Partial<QueueRecord> = {}): this {
    this.state.queues[name] = {
      name,
      open: true,
      strategy: "longest-idle",
      maxLength: 100,
      wrapUpMs: 0,
      backOffMs: 10_000,
      serviceLevelMs: 20_000,
      members: [],
      waiting: {},
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
      ...settings,
    };
    return this;
  }

  agent(id: string, queues: string | string[] = "q", priority = 0, skills: string[] = []): this {
    this.state.agents[id] = {
      id,
      name: id,
      target: id,
      skills,
      state: "available",
      sinceMs: this.nowMs,
      next: "available",
      call: "",
      queue: "",
      untilMs: 0,
      idleSinceMs: this.nowMs,
      answered: 0,
      missed: 0,
      talkedMs: 0,
    };
    for (const name of [queues].flat()) this.state.queues[name]?.members.push({ agent: id, priority });
    return this;
  }

  do<T>(fn: (change: Change) => T): T {
    const change: Change = { state: this.state, nowMs: this.nowMs, events: [] };
    passTime(change);
    const result = fn(change);
    assign(change);
    this.events.push(...change.events);
    this.consistent();
    return result;
  }

  call(id: string, priority = 0, skills: string[] = [], queue = "q"): "joined" | "full" | "closed" {
    return this.do((change) =>
      join(change, queue, { id, from: id, fromName: "", priority, skills, joinedMs: undefined }),
    );
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.do(() => {});
  }

  ringingAt(id: string, queue = "q"): string {
    return this.state.queues[queue]?.waiting[id]?.ringing.join(" ") ?? "gone";
  }

  agents(): string {
    return Object.values(this.state.agents)
      .map(({ id, state, call }) => [id, state, call].filter(Boolean).join(":"))
      .join(" ");
  }

  /** What must hold at any time, whatever was done. */
  consistent(): void {
    for (const queue of Object.values(this.state.queues)) {
      for (const call of Object.values(queue.waiting)) {
        for (const id of call.ringing) {
          assert.equal(this.state.agents[id]?.call, call.id, `${id} rings for ${call.id}`);
          assert.equal(this.state.agents[id]?.state, "ringing");
        }
        if (call.taken) assert.equal(this.state.agents[call.taken]?.call, call.id);
      }
    }
    for (const { id, state, call, queue } of Object.values(this.state.agents)) {
      assert.equal(call !== "", state === "ringing" || state === "busy", `${id} is ${state} with "${call}"`);
      if (state === "ringing")
        assert.ok(this.state.queues[queue]?.waiting[call]?.ringing.includes(id), `${id} rings for nobody`);
    }
  }
}

describe("the rules of queues", () => {
  it("two callers and one agent: the first has it, the second after it", () => {
    const desk = new Desk().queue("q").agent("a");
    desk.call("c1");
    desk.call("c2");
    assert.equal(desk.ringingAt("c1"), "a");
    assert.equal(desk.ringingAt("c2"), "");
    assert.equal(
      desk.do((change) => take(change, "q", "c2", "a")),
      false,
    );
    assert.equal(
      desk.do((change) => take(change, "q", "c1", "a")),
      true,
    );
    desk.do((change) => talk(change, "q", "c1", "a"));
    assert.equal(desk.agents(), "a:busy:c1");
    desk.nowMs += 5000;
    desk.do((change) => finished(change, "q", "c1", "a", 5000));
    assert.equal(desk.ringingAt("c2"), "a");
    const positions = desk.events.flatMap((event) =>
      "position" in event ? [[event.call, event.position]] : [],
    );
    assert.deepEqual(positions, [
      ["c1", 1],
      ["c2", 2],
      ["c2", 1],
    ]);
  });

  it("a caller who leaves frees the agents at whom it rings, and whoever answers then has nothing", () => {
    const desk = new Desk().queue("q", { strategy: "ring-all" }).agent("a").agent("b");
    desk.call("c1");
    assert.equal(desk.ringingAt("c1"), "a b");
    assert.equal(
      desk.do((change) => leave(change, "q", "c1", "abandoned")),
      true,
    );
    assert.equal(desk.agents(), "a:available b:available");
    assert.equal(
      desk.do((change) => take(change, "q", "c1", "a")),
      false,
    );
    assert.equal(desk.state.queues.q?.figures.abandoned, 1);
  });

  it("a caller whom an agent has just answered leaves no more by key or time, but by hang-up, and the agent is free", () => {
    const desk = new Desk().queue("q", { wrapUpMs: 60_000 }).agent("a");
    desk.call("c1");
    desk.do((change) => take(change, "q", "c1", "a"));
    assert.equal(
      desk.do((change) => leave(change, "q", "c1", "left")),
      false,
    );
    assert.equal(
      desk.do((change) => leave(change, "q", "c1", "timeout")),
      false,
    );
    assert.equal(
      desk.do((change) => leave(change, "q", "c1", "abandoned", true)),
      true,
    );
    assert.equal(desk.agents(), "a:available");
  });

  it("who misses a call is left alone for a while, and the caller keeps its place", () => {
    const desk = new Desk().queue("q").agent("a");
    desk.call("c1");
    desk.nowMs += 1;
    desk.call("c2");
    desk.do((change) => missed(change, "q", "c1", "a", "noanswer"));
    assert.equal(desk.ringingAt("c1"), "");
    assert.equal(nextDueMs(desk.state), desk.nowMs + 10_000);
    desk.pass(9999);
    assert.equal(desk.ringingAt("c1"), "");
    desk.pass(1);
    assert.equal(desk.ringingAt("c1"), "a");
    assert.equal(desk.ringingAt("c2"), "");
    assert.equal(desk.state.agents.a?.missed, 1);
  });

  it("an agent who leaves before it could talk has missed the call", () => {
    const desk = new Desk().queue("q").agent("a").agent("b");
    desk.call("c1");
    desk.do((change) => take(change, "q", "c1", "a"));
    desk.do((change) => missed(change, "q", "c1", "a", "hangup"));
    assert.equal(desk.ringingAt("c1"), "b");
    assert.equal(desk.agents(), "a:available b:ringing:c1");
  });

  it("a pause while it rings lets it ring elsewhere, without a blame", () => {
    const desk = new Desk().queue("q").agent("a").agent("b");
    desk.call("c1");
    desk.do((change) => setAgent(change, "a", "paused"));
    assert.equal(desk.agents(), "a:paused b:ringing:c1");
    assert.equal(desk.state.agents.a?.missed, 0);
    desk.do((change) => missed(change, "q", "c1", "a", "late"));
    assert.equal(desk.state.agents.a?.missed, 0);
  });

  it("a pause while talking comes after the talk, without wrap-up", () => {
    const desk = new Desk().queue("q", { wrapUpMs: 5000 }).agent("a");
    desk.call("c1");
    desk.do((change) => take(change, "q", "c1", "a"));
    desk.do((change) => talk(change, "q", "c1", "a"));
    desk.do((change) => setAgent(change, "a", "paused"));
    assert.equal(desk.agents(), "a:busy:c1");
    desk.call("c2");
    desk.do((change) => finished(change, "q", "c1", "a", 10));
    assert.equal(desk.agents(), "a:paused");
    desk.do((change) => setAgent(change, "a", "available"));
    assert.equal(desk.ringingAt("c2"), "a");
  });

  it("an agent who is freed in the moment of its pause gets no call", () => {
    const desk = new Desk().queue("q").agent("a");
    desk.call("c1");
    desk.do((change) => take(change, "q", "c1", "a"));
    desk.do((change) => talk(change, "q", "c1", "a"));
    desk.call("c2");
    desk.do((change) => {
      finished(change, "q", "c1", "a", 10);
      setAgent(change, "a", "paused");
    });
    assert.equal(desk.ringingAt("c2"), "");
    assert.equal(desk.agents(), "a:paused");
  });

  it("wrap-up ends by time or by resuming", () => {
    const desk = new Desk().queue("q", { wrapUpMs: 5000 }).agent("a");
    for (const id of ["c1", "c2"]) {
      desk.call(id);
      desk.do((change) => take(change, "q", id, "a"));
      desk.do((change) => talk(change, "q", id, "a"));
      desk.do((change) => finished(change, "q", id, "a", 10));
      assert.equal(desk.agents(), "a:wrap-up");
      if (id === "c1") desk.pass(5000);
      else desk.do((change) => setAgent(change, "a", "available"));
      assert.equal(desk.agents(), "a:available");
    }
    assert.equal(desk.events.filter(({ kind }) => kind === "wrapped-up").length, 2);
    assert.equal(nextDueMs(desk.state), undefined);
  });

  it("longest-idle calls whoever has had no call for longest", () => {
    const desk = new Desk().queue("q").agent("a").agent("b").agent("c");
    const called: string[] = [];
    for (let i = 0; i < 6; i++) {
      desk.nowMs += 1000;
      desk.call(`c${i}`);
      const agent = desk.ringingAt(`c${i}`);
      called.push(agent);
      desk.do((change) => take(change, "q", `c${i}`, agent));
      desk.do((change) => talk(change, "q", `c${i}`, agent));
      desk.nowMs += 1000;
      desk.do((change) => finished(change, "q", `c${i}`, agent, 1000));
    }
    assert.equal(called.join(""), "abcabc");
  });

  it("round-robin goes round even past those who are busy", () => {
    const desk = new Desk().queue("q", { strategy: "round-robin" }).agent("a").agent("b").agent("c");
    desk.call("c1");
    desk.call("c2");
    desk.do((change) => leave(change, "q", "c1", "abandoned"));
    desk.call("c3");
    desk.call("c4");
    assert.deepEqual([desk.ringingAt("c2"), desk.ringingAt("c3"), desk.ringingAt("c4")], ["b", "c", "a"]);
  });

  it("the strategy priority calls the highest first, and a caller of higher priority is first in line", () => {
    const desk = new Desk().queue("q", { strategy: "priority" }).agent("low", "q", 1).agent("high", "q", 2);
    desk.call("c1");
    desk.call("c2");
    assert.deepEqual([desk.ringingAt("c1"), desk.ringingAt("c2")], ["high", "low"]);
    desk.call("c3");
    desk.call("vip", 5);
    desk.do((change) => leave(change, "q", "c1", "abandoned"));
    assert.deepEqual([desk.ringingAt("c3"), desk.ringingAt("vip")], ["", "high"]);
  });

  it("ring-all rings at agents who become free, and the others are free again when one answers", () => {
    const desk = new Desk().queue("q", { strategy: "ring-all" }).agent("a").agent("b");
    desk.do((change) => setAgent(change, "b", "paused"));
    desk.call("c1");
    desk.call("c2");
    assert.equal(desk.ringingAt("c1"), "a");
    desk.do((change) => setAgent(change, "b", "available"));
    assert.equal(desk.ringingAt("c1"), "a b");
    desk.do((change) => take(change, "q", "c1", "b"));
    assert.equal(desk.agents(), "a:ringing:c2 b:busy:c1");
  });

  it("a call that asks for skills waits for who has them, and does not hold up those behind it", () => {
    const desk = new Desk().queue("q").agent("a", "q", 0, ["en"]).agent("b", "q", 0, ["en", "pl"]);
    desk.call("c1", 0, ["pl"]);
    desk.call("c2", 0, ["pl"]);
    desk.call("c3", 0, ["en"]);
    assert.deepEqual([desk.ringingAt("c1"), desk.ringingAt("c2"), desk.ringingAt("c3")], ["b", "", "a"]);
  });

  it("an agent of two queues has one call at a time, that of who waits longest", () => {
    const desk = new Desk().queue("q").queue("r").agent("a", ["q", "r"]);
    desk.call("c1");
    desk.nowMs += 1;
    desk.call("r1", 0, [], "r");
    desk.nowMs += 1;
    desk.call("c2");
    desk.do((change) => leave(change, "q", "c1", "abandoned"));
    assert.deepEqual([desk.ringingAt("c2"), desk.ringingAt("r1", "r")], ["", "a"]);
  });

  it("an agent who is removed while talking is forgotten after it, while ringing at once", () => {
    const desk = new Desk().queue("q").agent("a").agent("b");
    desk.call("c1");
    desk.do((change) => take(change, "q", "c1", "a"));
    desk.do((change) => talk(change, "q", "c1", "a"));
    assert.equal(
      desk.do((change) => removeAgent(change, "q", "a")),
      true,
    );
    assert.equal(desk.agents(), "a:busy:c1 b:available");
    desk.call("c2");
    desk.do((change) => removeAgent(change, "q", "b"));
    assert.equal(desk.agents(), "a:busy:c1");
    assert.equal(desk.ringingAt("c2"), "");
    desk.do((change) => finished(change, "q", "c1", "a", 1));
    assert.equal(desk.agents(), "");
  });

  it("a full queue and a closed one take nobody, and count it", () => {
    const desk = new Desk().queue("q", { maxLength: 1 });
    assert.equal(desk.call("c1"), "joined");
    assert.equal(desk.call("c2"), "full");
    const { q } = desk.state.queues;
    assert.ok(q);
    q.open = false;
    assert.equal(desk.call("c3"), "closed");
    assert.equal(q.figures.refused, 2);
  });

  it("whatever happens in whatever order, nobody has two calls and nobody rings for one who is gone", () => {
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (const strategy of ["longest-idle", "round-robin", "ring-all", "priority"] as const) {
      const desk = new Desk().queue("q", { strategy, wrapUpMs: 300, maxLength: 4 }).queue("r", { strategy });
      for (const id of "abc") desk.agent(id, id === "c" ? ["q", "r"] : "q", id === "a" ? 1 : 0);
      const calls: [string, string][] = [];
      for (let i = 0; i < 3000; i++) {
        const [id = "", queue = "q"] = calls[random(calls.length)] ?? [];
        const agent = "abc"[random(3)] ?? "a";
        const acts = [
          () => {
            const name = random(3) === 0 ? "r" : "q";
            calls.push([`c${i}`, name]);
            if (calls.length > 8) calls.shift();
            desk.call(`c${i}`, random(3), [], name);
          },
          () => desk.do((change) => leave(change, queue, id, "abandoned", true)),
          () => desk.do((change) => leave(change, queue, id, "timeout")),
          () => desk.do((change) => take(change, queue, id, agent)),
          () => desk.do((change) => talk(change, queue, id, agent)),
          () => desk.do((change) => finished(change, queue, id, agent, 10)),
          () => desk.do((change) => missed(change, queue, id, agent, "noanswer")),
          () => desk.do((change) => setAgent(change, agent, "paused")),
          () => desk.do((change) => setAgent(change, agent, "available")),
          () => desk.pass(random(500)),
        ];
        // A talk ends only once it has begun.
        const act = acts[random(acts.length)];
        const busy = desk.state.agents[agent];
        const talking = busy?.state === "busy" && !desk.state.queues[busy.queue]?.waiting[busy.call];
        if (act === acts[5] && !(talking && busy.call === id)) continue;
        if (act === acts[6] && talking) continue;
        act?.();
      }
      assert.ok(desk.events.length > 500);
    }
  });
});
