/** The contract of queues, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type CallQueue,
  type EnqueueOptions,
  type EnqueueOutcome,
  type QueueEvent,
  type QueueOptions,
  samples,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { type Caller, installPhone, type Phone, placeCaller } from "yayts/testing";
import type { ContractSubject } from "./yate-contract.ts";

/** Somebody in line: the caller, and what becomes of the call. */
interface InLine {
  readonly caller: Caller;
  readonly outcome: Promise<EnqueueOutcome>;
}

let tags = 0;

export function callQueueContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`queues over ${title}`, { timeout: 120_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let people: Yate;
    let folder = "";
    const phones: Phone[] = [];
    const waiting = new Map<string, (outcome: Promise<EnqueueOutcome>) => void>();
    const lines = new Map<string, { queue: CallQueue; options: EnqueueOptions }>();

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-call-queue-"));
      subject = await start();
      app = withCalls(await subject.connect(), { cacheFolder: join(folder, "cache") });
      people = await subject.connect();
      app.onCall(/^line-/, async (call) => {
        const line = lines.get(call.to);
        if (!line) return;
        const outcome = call.enqueue(line.queue, line.options);
        waiting.get(call.to)?.(outcome);
        const { kind } = await outcome;
        // Who was served and is still there hears it, and stays until it hangs up.
        if (kind === "served") await call.play("thank-you");
      });
      await app.setlocal("engine.version");
    });
    after(async () => {
      for (const phone of phones) phone.remove();
      app.abort();
      people.abort();
      await subject.stop();
      await rm(folder, { recursive: true });
    });

    const newQueue = (options: QueueOptions = {}): CallQueue => app.queue(`queue-${++tags}`, options);
    const agent = async (queue: CallQueue, id = `agent-${++tags}`): Promise<Phone> => {
      const phone = await installPhone(people, id);
      phones.push(phone);
      await queue.agents.add({ id });
      return phone;
    };
    const enter = async (queue: CallQueue, options: EnqueueOptions = {}): Promise<InLine> => {
      const number = `line-${++tags}`;
      lines.set(number, { queue, options });
      const settled = Promise.withResolvers<EnqueueOutcome>();
      waiting.set(number, settled.resolve);
      const caller = await placeCaller(people, number, { caller: "4711" });
      return { caller, outcome: settled.promise };
    };
    /** Waits until the queue is as wanted. */
    const until = async (queue: CallQueue, wanted: (queue: CallQueue) => boolean): Promise<void> => {
      const events = queue.events();
      if (wanted(queue)) return void events.return();
      for await (const _ of events) if (wanted(queue)) return;
    };
    const states = (queue: CallQueue): string => [...queue.agents].map(({ state }) => state).join(" ");

    it("a caller waits, talks with an agent, and is back in its program when the agent leaves", async () => {
      const queue = newQueue({ wrapUpMs: 200 });
      const { caller, outcome } = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 1);
      assert.equal(queue.snapshot().waiting[0]?.from, "4711");
      const phone = await agent(queue);
      const rung = await phone.ring();
      assert.equal(rung.caller, "4711");
      rung.answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      assert.equal(states(queue), "busy");
      await rung.say(fileURLToPath(new URL("../../sounds/en/welcome.gsm", import.meta.url)));
      await caller.hears("en/welcome");
      await rung.hangup();
      const served = await outcome;
      assert.equal(served.kind, "served");
      assert.ok(served.kind === "served" && served.endedBy === "agent" && served.agent.id === phone.number);
      assert.ok(served.talkedMs > 500, `talked ${served.talkedMs} ms`);
      assert.equal(states(queue), "wrap-up");
      await caller.hears("en/thank-you");
      await caller.ended;
      await until(queue, () => states(queue) === "available");
    });

    it("the agent's call ends with the caller's", async () => {
      const queue = newQueue();
      const phone = await agent(queue);
      const { caller, outcome } = await enter(queue);
      const rung = await phone.ring();
      rung.answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await caller.hangup();
      await rung.ended;
      const served = await outcome;
      assert.ok(served.kind === "served" && served.endedBy === "caller");
      assert.equal(states(queue), "available");
    });

    it("a caller who hangs up while waiting is abandoned, and the agent's phone stops ringing", async () => {
      const queue = newQueue();
      const phone = await agent(queue);
      const { caller, outcome } = await enter(queue);
      const rung = await phone.ring();
      await caller.hangup();
      await rung.ended;
      const over = await outcome;
      assert.ok(over.kind === "hangup" && over.by === "party");
      assert.equal(states(queue), "available");
      assert.equal(queue.snapshot().figures.abandoned, 1);
      assert.equal(queue.snapshot().waiting.length, 0);
    });

    it("a caller who hangs up in the moment of the answer ends the agent's call, who is available again", async () => {
      const queue = newQueue();
      const phone = await agent(queue);
      for (let i = 0; i < 8; i++) {
        const { caller, outcome } = await enter(queue);
        const rung = await phone.ring();
        // Either one first, and both on the way at once.
        if (i % 2 === 0) rung.answer();
        const gone = caller.hangup();
        if (i % 2 === 1) rung.answer();
        if (i % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([gone, rung.ended]);
        assert.match((await outcome).kind, /^(hangup|served)$/);
        await until(queue, () => states(queue) === "available");
        assert.deepEqual(queue.snapshot().waiting, []);
      }
    });

    it("a caller who hangs up during the whisper ends the agent's call at once", async () => {
      const queue = newQueue({ whisper: () => ["welcome", "welcome", "welcome", "welcome"] });
      const phone = await agent(queue);
      const { caller, outcome } = await enter(queue);
      const rung = await phone.ring();
      rung.answer();
      await rung.hears("en/welcome");
      assert.equal(queue.snapshot().waiting[0]?.position, 0);
      await caller.hangup();
      await rung.ended;
      assert.equal((await outcome).kind, "hangup");
      assert.equal(states(queue), "available");
      assert.equal(queue.snapshot().figures.answered, 0);
    });

    it("a caller who is gone gets in no line", async () => {
      const queue = newQueue();
      const number = `gone-${++tags}`;
      const done = Promise.withResolvers<EnqueueOutcome>();
      const handler = app.onCall(number, async (call) => {
        await call.ended;
        done.resolve(await call.enqueue(queue));
      });
      await handler.ready;
      const caller = await placeCaller(people, number);
      await caller.hangup();
      assert.equal((await done.promise).kind, "hangup");
      assert.equal(queue.snapshot().figures.joined, 0);
      handler.uninstall();
    });

    it("an agent who leaves during the whisper gives the caller back to the line, who hears music again", async () => {
      const queue = newQueue({
        whisper: () => ["hold-please", "hold-please"],
        music: "goodbye",
        backOffMs: 60_000,
      });
      const first = await agent(queue);
      const { caller, outcome } = await enter(queue);
      const rung = await first.ring();
      rung.answer();
      await rung.hears("en/hold-please");
      await rung.hangup();
      await until(queue, () => queue.snapshot().waiting[0]?.position === 1);
      const second = await agent(queue);
      const taken = await second.ring();
      await caller.hears("en/goodbye");
      taken.answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await caller.hangup();
      assert.equal((await outcome).kind, "served");
      assert.deepEqual(
        [...queue.agents].map(({ missed, answered }) => [missed, answered]),
        [
          [1, 0],
          [0, 1],
        ],
      );
    });

    it("an agent who does not answer, or is busy, is left alone for a while and the next one is called", async () => {
      const queue = newQueue({ ringMs: 300, backOffMs: 60_000 });
      const silent = await agent(queue);
      const busy = await agent(queue);
      const ready = await agent(queue);
      const { caller, outcome } = await enter(queue);
      await (await silent.ring()).ended;
      await (await busy.ring()).reject("busy");
      const rung = await ready.ring();
      assert.equal([...queue.agents].map(({ missed }) => missed).join(""), "110");
      rung.answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await caller.hangup();
      assert.equal((await outcome).kind, "served");
    });

    it("two callers and one agent: one after the other, in their order", async () => {
      const queue = newQueue();
      const one = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 1);
      const two = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 2);
      const phone = await agent(queue);
      const ended: string[] = [];
      void one.outcome.then(({ kind }) => ended.push(`one ${kind}`));
      void two.outcome.then(({ kind }) => ended.push(`two ${kind}`));
      for (let answered = 1; answered <= 2; answered++) {
        const rung = await phone.ring();
        rung.answer();
        await until(queue, () => queue.snapshot().figures.answered === answered);
        await rung.hangup();
      }
      await Promise.all([one.outcome, two.outcome]);
      assert.deepEqual(ended, ["one served", "two served"]);
    });

    it("ring-all: the first to answer has the call, the other phone stops ringing", async () => {
      const queue = newQueue({ strategy: "ring-all" });
      const [left, right] = [await agent(queue), await agent(queue)];
      const { caller, outcome } = await enter(queue);
      const [atLeft, atRight] = await Promise.all([left.ring(), right.ring()]);
      atRight.answer();
      await atLeft.ended;
      await until(queue, () => queue.snapshot().figures.answered === 1);
      assert.equal(states(queue), "available busy");
      await caller.hangup();
      const served = await outcome;
      assert.ok(served.kind === "served" && served.agent.id === right.number);
    });

    it("a pause stops the ringing, and a resume brings the next call", async () => {
      const queue = newQueue();
      const phone = await agent(queue);
      const { caller, outcome } = await enter(queue);
      const rung = await phone.ring();
      assert.equal(await queue.agents.pause(phone.number), true);
      await rung.ended;
      assert.equal(states(queue), "paused");
      assert.equal(queue.agents.get(phone.number)?.missed, 0);
      await queue.agents.resume(phone.number);
      (await phone.ring()).answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await caller.hangup();
      assert.equal((await outcome).kind, "served");
      assert.equal(await queue.agents.pause("nobody"), false);
    });

    it("an agent logs in by a call, and out by its number", async () => {
      const queue = newQueue();
      const phone = await installPhone(people, `desk-${++tags}`);
      phones.push(phone);
      const number = `login-${++tags}`;
      const handler = app.onCall(number, (call) => queue.agents.login(call, { name: "Ada" }));
      await handler.ready;
      const desk = await placeCaller(people, number, { caller: phone.number });
      await desk.hears("en/thank-you");
      await desk.ended;
      assert.equal(queue.agents.get(phone.number)?.name, "Ada");
      const { caller, outcome } = await enter(queue);
      const rung = await phone.ring();
      await queue.agents.logout(phone.number);
      await rung.ended;
      assert.equal(states(queue), "offline");
      await caller.hangup();
      assert.equal((await outcome).kind, "hangup");
      handler.uninstall();
    });

    it("a key of bargeOut lets the caller leave; other keys do not", async () => {
      const queue = newQueue();
      const { caller, outcome } = await enter(queue, { bargeOut: "#" });
      await until(queue, () => queue.snapshot().waiting.length === 1);
      await caller.press("1#");
      const left = await outcome;
      assert.ok(left.kind === "left" && left.key === "#" && left.waitedMs > 0);
      await caller.ended;
    });

    it("the longest wait, a full queue and a closed one have their outcomes", async () => {
      const queue = newQueue({ maxWaitMs: 200, maxLength: 1 });
      const one = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 1);
      const two = await enter(queue);
      assert.equal((await two.outcome).kind, "full");
      assert.equal((await one.outcome).kind, "timeout");
      await queue.close();
      const three = await enter(queue);
      assert.equal((await three.outcome).kind, "closed");
      assert.equal(queue.snapshot().open, false);
      await queue.open();
      const four = await enter(queue, { maxWaitMs: 30_000 });
      await until(queue, () => queue.snapshot().waiting.length === 1);
      await queue.close("leave");
      assert.equal((await four.outcome).kind, "closed");
    });

    it("overflow takes a caller whose time is over into another queue", async () => {
      const other = newQueue();
      const queue = newQueue({ maxWaitMs: 50, overflow: other });
      const phone = await agent(other);
      const { caller, outcome } = await enter(queue);
      (await phone.ring()).answer();
      await until(other, () => other.snapshot().figures.answered === 1);
      await caller.hangup();
      const served = await outcome;
      assert.ok(served.kind === "served" && served.queue === other.name && served.waitedMs >= 50);
    });

    it("callers hear their position between the music", async () => {
      const queue = newQueue({ announceEveryMs: 1500, music: "thank-you" });
      const one = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 1);
      const two = await enter(queue);
      await two.caller.hears("digits/en/2", { timeoutMs: 8000 });
      await two.caller.hears("en/thank-you", { timeoutMs: 8000 });
      await Promise.all([one.caller.hangup(), two.caller.hangup()]);
      await Promise.all([one.outcome, two.outcome]);
    });

    it("music that is missing does not cost the caller its place", async () => {
      const queue = newQueue({ music: "there/is/no/such/music" });
      const phone = await agent(queue);
      const { caller, outcome } = await enter(queue);
      (await phone.ring()).answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await caller.hangup();
      assert.equal((await outcome).kind, "served");
    });

    it("music of the program's own is heard", async () => {
      const beep = Int16Array.from({ length: 8000 }, (_, i) =>
        Math.round(8000 * Math.sin((i * Math.PI) / 8)),
      );
      const queue = newQueue({ music: samples(beep) });
      const { caller, outcome } = await enter(queue);
      await until(queue, () => queue.snapshot().waiting.length === 1);
      const deadlineMs = performance.now() + 5000;
      const loud = async (): Promise<boolean> => (await caller.recording()).some((sample) => sample > 4000);
      while (!(await loud())) {
        assert.ok(performance.now() < deadlineMs, "no music was heard");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await caller.hangup();
      assert.equal((await outcome).kind, "hangup");
    });

    it("events tell what happens, in its order", async () => {
      const queue = newQueue({ wrapUpMs: 30 });
      const told: QueueEvent["kind"][] = [];
      const events = queue.events();
      const listening = (async () => {
        for await (const event of events) {
          if (event.kind !== "agent") told.push(event.kind);
          if (event.kind === "wrapped-up") return;
        }
      })();
      const phone = await agent(queue);
      const { outcome } = await enter(queue);
      const rung = await phone.ring();
      rung.answer();
      await until(queue, () => queue.snapshot().figures.answered === 1);
      await rung.hangup();
      await outcome;
      await listening;
      assert.deepEqual(told, ["joined", "offered", "answered", "finished", "wrapped-up"]);
    });
  });
}
