/**
 * The contract of `Yate` (design.md §4): one suite, run over every way to an engine. Names of messages carry a tag of
 * their own, so that tests do not meet on a shared engine.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Abandoned, Cancelled, Disconnected, type IncomingMessage, TimedOut, type Yate } from "yayts";

/** What the suite needs of an implementation. */
export interface ContractSubject {
  /** A new connection to the one engine. */
  connect(): Promise<Yate>;
  stop(): Promise<void>;
  /**
   * Whether messages of one sender are dispatched in the order of their sending. A real YATE does so only until its pool
   * of workers has grown (spec/kernel.md §4).
   */
  readonly keepsOrder: boolean;
}

let tags = 0;

export function yateContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`Yate over ${title}`, { timeout: 60_000 }, () => {
    let subject: ContractSubject;
    let yate: Yate;
    let other: Yate;
    const tag = (): string => `test.c${process.pid}.${++tags}`;
    const inOrder = (heard: string[]): string[] => (subject.keepsOrder ? heard : [...heard].sort());
    /** What this connection asked for is at the engine: its lines are read in order. */
    const settled = async (connection: Yate): Promise<void> => {
      await connection.setlocal("engine.version");
    };

    before(async () => {
      subject = await start();
      yate = await subject.connect();
      other = await subject.connect();
    });
    after(async () => {
      yate.abort();
      other.abort();
      await subject.stop();
    });

    it("onmsg takes one message, and ret answers its sender", async () => {
      const name = tag();
      const wait = yate.onmsg(name);
      await settled(yate);
      const sent = other.msg(name, { a: 1 }, "before").dispatch();
      const message = await wait;
      assert.equal(message.get("a"), "1");
      assert.equal(message.retvalue, "before");
      message.ret(true, "after");
      const result = await sent;
      assert.equal(result.handled, true);
      assert.equal(result.retvalue, "after");
      assert.equal(result.params.get("a"), "1");
    });

    it("a message nobody takes is answered false at once, its return value kept", async () => {
      const name = tag();
      const wait = yate.onmsg(name, { id: "mine" });
      await settled(yate);
      const result = await other.msg(name, { id: "other" }, "kept").dispatch();
      assert.equal(result.handled, false);
      assert.equal(result.retvalue, "kept");
      assert.equal(wait.settled, false);
      wait.cancel();
    });

    it("a message for which nobody has a handler is not handled", async () => {
      const result = await other.msg(tag(), { x: "y" }).dispatch();
      assert.equal(result.handled, false);
      assert.equal(result.get("x"), "y");
    });

    it("autoreturn answers true before the wait resolves", async () => {
      const name = tag();
      const wait = yate.onmsg(name, undefined, { autoreturn: true });
      await settled(yate);
      const [result, message] = await Promise.all([other.msg(name).dispatch(), wait]);
      assert.equal(result.handled, true);
      assert.equal(message.answered, true);
      assert.throws(() => message.ret(true), /already-answered/);
    });

    it("the first waiter that fits takes the message, and only that one", async () => {
      const name = tag();
      const first = yate.onmsg(name, (m) => m.get("n") !== "0", { autoreturn: true });
      const second = yate.onmsg(name, { kind: "x" }, { autoreturn: true });
      const third = yate.onmsg(name, undefined, { autoreturn: true });
      await settled(yate);
      await other.msg(name, { n: 1, kind: "x" }).dispatch();
      assert.deepEqual([first.settled, second.settled, third.settled], [true, false, false]);
      await other.msg(name, { n: 2, kind: "x" }).dispatch();
      assert.deepEqual([second.settled, third.settled], [true, false]);
      await other.msg(name, { n: 3, kind: "y" }).dispatch();
      assert.equal(third.settled, true);
    });

    it("onwatch: every waiter that fits gets the dispatched message with its result", async () => {
      const name = tag();
      const waits = [
        yate.onwatch(name),
        yate.onwatch(name, { a: "1" }),
        yate.onwatch(name, (m) => m.handled),
      ];
      const misses = yate.onwatch(name, { a: "2" });
      yate.handle(name, (m) => {
        m.set("b", "2");
        return "done";
      });
      await settled(yate);
      await other.msg(name, { a: 1 }).dispatch();
      for (const message of await Promise.all(waits)) {
        assert.equal(message.handled, true);
        assert.equal(message.retvalue, "done");
        assert.equal(message.get("b"), "2");
      }
      assert.equal(misses.settled, false);
      misses.cancel();
    });

    it("a loop that awaits one message at a time loses none of ten sent at once", async () => {
      const name = tag();
      const heard: string[] = [];
      const loop = (async () => {
        while (heard.length < 10) {
          const message = await yate.onmsg(name, { id: "c" });
          heard.push(message.get("text") ?? "");
          message.ret(true);
        }
      })();
      await settled(yate);
      const sent = Array.from({ length: 10 }, (_, i) => other.msg(name, { id: "c", text: i }).dispatch());
      const results = await Promise.all(sent);
      await loop;
      assert.deepEqual(inOrder(heard), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
      assert.ok(results.every((result) => result.handled));
    });

    it("a loop of onwatch sees each of ten sent at once, also when it does several steps between", async () => {
      const name = tag();
      const heard: string[] = [];
      const loop = (async () => {
        while (heard.length < 10) {
          const message = await yate.onwatch(name);
          for (let i = 0; i < 20; i++) await Promise.resolve();
          heard.push(message.get("n") ?? "");
        }
      })();
      await settled(yate);
      for (let i = 0; i < 10; i++) other.msg(name, { n: i }).enqueue();
      await loop;
      assert.deepEqual(inOrder(heard), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    });

    it("an answer changes, adds and deletes parameters, and may rename the message", async () => {
      const name = tag();
      yate.handle(name, (m) => {
        m.set("change", "two").set("new", "4");
        m.params.delete("drop");
        m.name = `${name}.renamed`;
        return true;
      });
      await settled(yate);
      const result = await other.msg(name, { keep: 1, change: 2, drop: 3 }).dispatch();
      assert.equal(result.name, `${name}.renamed`);
      assert.deepEqual(
        [...result.params],
        [
          ["keep", "1"],
          ["change", "two"],
          ["new", "4"],
        ],
      );
    });

    it("what a handler changed stays when it answers false, and the next handler sees it", async () => {
      const name = tag();
      const first = yate.handle(name, { priority: 10 }, (m) => {
        m.set("n", "1").retvalue = "first";
        return false;
      });
      const second = other.handle(name, { priority: 20 }, (m) => {
        m.set("seen", m.get("n") ?? "").set("ret", m.retvalue);
        return true;
      });
      await Promise.all([first.ready, second.ready]);
      const result = await other.msg(name, { n: 0 }).dispatch();
      assert.equal(result.get("seen"), "1");
      assert.equal(result.get("ret"), "first");
    });

    it("handlers of one app run by priority until one takes the message", async () => {
      const name = tag();
      const ran: string[] = [];
      yate.handle(name, { priority: 90 }, () => void ran.push("late"));
      yate.handle(name, { priority: 20 }, () => void ran.push("early"));
      yate.handle(name, { priority: 50 }, async () => {
        ran.push("middle");
        return true;
      });
      await settled(yate);
      assert.equal((await other.msg(name).dispatch()).handled, true);
      assert.deepEqual(ran, ["early", "middle"]);
    });

    it("a filtered handler gets only what fits, also when an unfiltered one joins", async () => {
      const name = tag();
      const got: string[] = [];
      yate.handle(name, { filter: { called: "ivr" } }, (m) => {
        got.push(m.get("called") ?? "");
        return true;
      });
      await settled(yate);
      assert.equal((await other.msg(name, { called: "x" }).dispatch()).handled, false);
      assert.equal((await other.msg(name, { called: "ivr" }).dispatch()).handled, true);
      yate.handle(name, (m) => m.get("called") === "x");
      await settled(yate);
      assert.equal((await other.msg(name, { called: "x" }).dispatch()).handled, true);
      assert.equal((await other.msg(name, { called: "ivr" }).dispatch()).handled, true);
      assert.deepEqual(got, ["ivr", "ivr"]);
    });

    it("a handler that throws, at once or later, answers false and the app goes on", async () => {
      const name = tag();
      yate.handle(name, { filter: { how: "at once" } }, () => {
        throw new Error("on purpose");
      });
      yate.handle(`${name}.later`, async () => {
        await delay(1);
        throw new Error("on purpose");
      });
      await settled(yate);
      assert.equal((await other.msg(name, { how: "at once" }).dispatch()).handled, false);
      assert.equal((await other.msg(`${name}.later`).dispatch()).handled, false);
    });

    it("an uninstalled handler is not asked any more", async () => {
      const name = tag();
      const handler = yate.handle(name, () => true);
      await handler.ready;
      assert.equal((await other.msg(name).dispatch()).handled, true);
      handler.uninstall();
      await settled(yate);
      assert.equal((await other.msg(name).dispatch()).handled, false);
    });

    it("messages() gives every message in order, and leaving the loop gives the name up", async () => {
      const name = tag();
      const stream = yate.messages(name);
      await settled(yate);
      const sent = Promise.all([1, 2, 3].map((n) => other.msg(name, { n }).dispatch()));
      const heard: string[] = [];
      for await (const message of stream) {
        heard.push(message.get("n") ?? "");
        message.ret(true, `took ${message.get("n")}`);
        if (heard.length === 3) break;
      }
      assert.deepEqual(heard, ["1", "2", "3"]);
      assert.deepEqual(
        (await sent).map((m) => m.retvalue),
        ["took 1", "took 2", "took 3"],
      );
      assert.equal((await other.msg(name, { n: 4 }).dispatch()).handled, false);
    });

    it("messages() over its buffer answers false and counts", async () => {
      const name = tag();
      const stream = yate.messages(name, undefined, { bufferSize: 2 });
      await settled(yate);
      const sent = [1, 2, 3].map((n) => other.msg(name, { n }).dispatch());
      assert.equal((await sent[2])?.handled, false);
      assert.equal(stream.dropped, 1);
      await stream.return();
      assert.deepEqual(
        (await Promise.all(sent)).map((m) => m.handled),
        [false, false, false],
      );
    });

    it("watches() gives every dispatched message, until its until ends the loop", async () => {
      const name = tag();
      const end = yate.onwatch(`${name}.end`);
      const stream = yate.watches(name, undefined, { until: end });
      await settled(yate);
      for (const n of [1, 2, 3]) await other.msg(name, { n }).dispatch();
      other.msg(`${name}.end`).enqueue();
      const heard: (string | undefined)[] = [];
      for await (const message of stream) heard.push(message.get("n"));
      assert.deepEqual(heard, ["1", "2", "3"]);
    });

    it("a wait ends by until with Abandoned, whose cause is what until ended with", async () => {
      const name = tag();
      const end = yate.onwatch(`${name}.end`);
      const wait = yate.onmsg(name, undefined, { until: end });
      const late = yate.onmsg(name, undefined, { until: Promise.reject(new Error("broken")) });
      await settled(yate);
      await other.msg(`${name}.end`, { why: "over" }).dispatch();
      await assert.rejects(wait, (error: Abandoned) => {
        assert.ok(error instanceof Abandoned);
        assert.equal((error.cause as IncomingMessage).get("why"), "over");
        return true;
      });
      await assert.rejects(late, (error: Abandoned) => (error.cause as Error).message === "broken");
      assert.equal((await other.msg(name).dispatch()).handled, false);
    });

    it("a wait ends by its signal, its timeout and cancel, each with its own error, unobserved ones silently", async () => {
      const name = tag();
      const controller = new AbortController();
      const bySignal = yate.onmsg(name, undefined, { signal: controller.signal });
      const byTimeout = yate.onwatch(name, undefined, { timeoutMs: 5 });
      const byCancel = yate.onmsg(name);
      yate.onmsg(name, undefined, { timeoutMs: 5 });
      controller.abort("enough");
      byCancel.cancel();
      await assert.rejects(bySignal, (error) => error instanceof Abandoned && error.cause === "enough");
      await assert.rejects(byTimeout, (error) => error instanceof TimedOut && error.timeoutMs === 5);
      await assert.rejects(byCancel, Cancelled);
    });

    it("every wait of a restricted view ends with its restriction", async () => {
      const name = tag();
      const end = yate.onwatch(`${name}.end`);
      const restricted = yate.until(end);
      const waits = [
        restricted.onmsg(name),
        restricted.onwatch(name),
        restricted.until(new Promise(() => {})).onmsg(name),
      ];
      const loop = (async () => {
        for await (const _ of restricted.messages(name)) assert.fail("nothing was sent");
      })();
      await settled(yate);
      await other.msg(`${name}.end`).dispatch();
      for (const wait of waits) await assert.rejects(wait, Abandoned);
      await loop;
    });

    it("any text travels unchanged: colons, percents, controls, UTF-8, bytes that are not UTF-8, empty values", async () => {
      const name = tag();
      const values = {
        colon: "a:b",
        percent: "100%",
        tab: "x\ty",
        line: "l1\nl2\r",
        equals: "a=b=c",
        utf8: "Zażółć 😀",
        bytes: "\udcff\udc80",
        empty: "",
      };
      const wait = yate.onmsg(name);
      await settled(yate);
      const sent = other.msg(name, values, "r:%\n").dispatch();
      const message = await wait;
      assert.deepEqual({ ...message.params.toObject() }, values);
      assert.equal(message.retvalue, "r:%\n");
      message.set("back", values.bytes + values.utf8).ret(true, "ż:");
      const result = await sent;
      assert.equal(result.get("back"), values.bytes + values.utf8);
      assert.equal(result.retvalue, "ż:");
    });

    it("setlocal sets, asks and is refused", async () => {
      assert.match(await yate.setlocal("engine.version"), /^\d+\.\d+\.\d+$/);
      assert.equal(await yate.setlocal("timeout", 7000), "7000");
      assert.equal(await yate.setlocal("timeout"), "7000");
      assert.equal(await yate.setlocal("timeout", 10_000), "10000");
      await assert.rejects(yate.setlocal("nosuchsetting", 1), /setting-refused/);
    });

    it("a message that the app does not answer in its timeout goes to the next handler", async () => {
      const name = tag();
      const slow = await subject.connect();
      await slow.setlocal("timeout", 100);
      const wait = slow.onmsg(name);
      const next = yate.handle(name, { priority: 150 }, () => "next");
      await settled(slow);
      await next.ready;
      const result = await other.msg(name).dispatch();
      assert.equal(result.retvalue, "next");
      (await wait).ret(true, "late");
      slow.abort();
    });

    it("a retired app takes no new calls and keeps its other waits", async () => {
      const name = tag();
      const retiring = await subject.connect();
      retiring.handle(name, () => "old");
      const successor = yate.handle(name, { priority: 150 }, () => "new");
      const key = retiring.onmsg(`${name}.key`, undefined, { autoreturn: true });
      await Promise.all([settled(retiring), successor.ready]);
      assert.equal((await other.msg(name).dispatch()).retvalue, "old");
      retiring.retire([name]);
      await settled(retiring);
      assert.equal((await other.msg(name).dispatch()).retvalue, "new");
      assert.equal((await other.msg(`${name}.key`).dispatch()).handled, true);
      await key;
      retiring.abort();
    });

    it("closing answers what is asked, then every wait ends with Disconnected", async () => {
      const name = tag();
      const leaving = await subject.connect();
      let begun = (): void => {};
      const handling = new Promise<void>((resolve) => {
        begun = resolve;
      });
      leaving.handle(name, async () => {
        begun();
        await delay(20);
        return "answered while closing";
      });
      const wait = leaving.onmsg(`${name}.never`);
      await settled(leaving);
      const sent = other.msg(name).dispatch();
      await handling;
      await leaving.close();
      assert.equal((await sent).retvalue, "answered while closing");
      await assert.rejects(wait, Disconnected);
      await assert.rejects(leaving.msg(name).dispatch(), Disconnected);
      await assert.rejects(leaving.onmsg(name), Disconnected);
    });

    it("aborting gives back what the app holds, and its waits end with Disconnected", async () => {
      const name = tag();
      const leaving = await subject.connect();
      const taken = leaving.onmsg(name);
      const wait = leaving.onwatch(name);
      await settled(leaving);
      const sent = other.msg(name).dispatch();
      await taken;
      leaving.abort("on purpose");
      assert.equal((await sent).handled, false);
      await assert.rejects(wait, Disconnected);
    });

    it("engine.timer is watched", async () => {
      const timer = await yate.onwatch("engine.timer", undefined, { timeoutMs: 3000 });
      assert.match(timer.get("time") ?? "", /^\d+$/);
    });

    it("a call through dumb is routed by the app, answered, gets a key, and ends", async () => {
      const number = tag();
      const route = yate.onmsg("call.route", { called: number });
      await settled(yate);
      const placed = other.msg("call.execute", { callto: "dumb/", target: number, caller: "100" }).dispatch();
      const routed = await route;
      const id = routed.get("id") ?? "";
      const end = yate.onwatch("chan.hangup", { id });
      routed.ret(true, "dumb/");
      const execute = await placed;
      assert.equal(execute.handled, true);
      assert.equal(execute.get("id"), id);
      const targetid = execute.get("targetid") ?? "";
      assert.equal(
        (await yate.msg("call.answered", { id: targetid, targetid: id }).dispatch()).handled,
        true,
      );
      const key = yate.onmsg("chan.dtmf", { id }, { autoreturn: true });
      await settled(yate);
      await other.msg("chan.masquerade", { message: "chan.dtmf", id, text: "5" }).dispatch();
      assert.equal((await key).get("text"), "5");
      assert.equal((await key).get("targetid"), targetid);
      await other.msg("call.drop", { id, reason: "bored" }).dispatch();
      const hangup = await end;
      assert.equal(hangup.get("status"), "bored");
      assert.equal(hangup.get("answered"), "true");
    });
  });
}
