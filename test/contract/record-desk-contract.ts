import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect as open, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts/bus";
import { connect } from "yayts/client";
import type { Told, Topic } from "../../src/console/protocol.ts";
import { createRecordDesk } from "../../src/console/records/create-record-desk.ts";
import type { RecordDesk } from "../../src/console/records/record-desk.ts";
import { finalName, readJournal, traceApp } from "../../src/trace/index.ts";

/** An engine that routes 99991001 to `tone/dial`, and no other number that begins with 9999. */
export interface DeskSubject {
  /** `tcp://…` */
  readonly address: string;
  readonly kind: "embedded" | "yate";
  stop(): Promise<void>;
}

type ToldOf<T extends Told["topic"]> = Extract<Told, { topic: T }>;

/** A desk with its connection, and a page that looks at it. */
async function openDesk(t: TestContext, address: string, folder?: string) {
  const yate = await connect(address, { reconnect: { firstMs: 20, maxMs: 50 } });
  const desk = createRecordDesk({ yate, address, folder });
  const told: Told[] = [];
  let busy = false;
  const viewer = desk.view({
    tell: (one) => told.push(one),
    lineOf: (channels) => (channels.includes("dumb/1") ? 1 : undefined),
    congested: () => busy,
  });
  const page = {
    yate,
    desk,
    told,
    viewer,
    setBusy(now: boolean): void {
      busy = now;
    },
    of<T extends Told["topic"]>(topic: T): ToldOf<T>[] {
      return told.filter((one): one is ToldOf<T> => one.topic === topic);
    },
    names(): string[] {
      return this.of("messages")
        .flatMap(({ records }) => records)
        .map(({ record }) => (record.kind === "message" ? finalName(record) : record.kind));
    },
    async close(): Promise<void> {
      viewer.close();
      await desk.close();
      await yate.close({ timeoutMs: 500 });
    },
  };
  t.after(() => page.close());
  return page;
}

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const endMs = Date.now() + 8000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > endMs) throw new Error(`it never came: ${what}`);
    await delay(20);
  }
}

/** A way to an engine that can be cut. */
async function cuttable(address: string) {
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = open(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  return {
    address: `tcp://127.0.0.1:${bound.port}`,
    cut(): void {
      for (const socket of sockets) socket.destroy();
    },
    close(): void {
      this.cut();
      server.close();
    },
  };
}

/** What the desk promises of any engine. */
export function recordDeskContract(name: string, start: () => Promise<DeskSubject>): void {
  describe(`the record desk over ${name}`, { timeout: 60_000 }, () => {
    let subject: DeskSubject;
    let app: Yate;
    before(async () => {
      subject = await start();
      app = await connect(subject.address);
    });
    after(async () => {
      await app?.close({ timeoutMs: 500 });
      await subject?.stop();
    });

    const ready = async (desk: RecordDesk): Promise<void> => {
      await until("the engine's kind", () => desk.facts.kind === subject.kind && desk.facts.version !== "");
    };
    const call = async (caller: string): Promise<string> => {
      const executed = await app
        .msg("call.execute", { callto: "dumb/phone", target: "99991001", caller })
        .dispatch();
      assert.ok(executed.handled);
      return executed.get("id") ?? "";
    };
    const drop = async (id: string, reason = "bye"): Promise<void> => {
      await app.msg("call.drop", { id, reason }).dispatch();
    };
    const everything: readonly Topic[] = [
      { topic: "calls" },
      { topic: "engine" },
      { topic: "app" },
      { topic: "messages", filter: "-engine.timer", backlog: 100 },
    ];

    it("tells pages of a call from its beginning to its end, with its messages", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow(everything);
      const id = await call("701");
      await app.msg("chan.masquerade", { id, message: "chan.dtmf", text: "5" }).dispatch();
      const entry = () =>
        page
          .of("calls")
          .flatMap(({ calls }) => calls)
          .findLast(({ from }) => from === "701");
      await until("an answered call", () => entry()?.state === "answered" && entry()?.keys === "5");
      assert.equal(entry()?.to, "99991001");
      assert.equal(entry()?.channels[0], id);
      await drop(id);
      await until("its end", () => entry()?.state === "ended");
      assert.equal(entry()?.reason, "bye");
      await until("its messages", () => page.names().includes("chan.hangup"));
      for (const wanted of ["chan.startup", "call.route", "call.execute", "chan.connected", "chan.dtmf"])
        assert.ok(page.names().includes(wanted), `${wanted} among ${page.names().join(" ")}`);
      assert.ok(!page.names().includes("engine.timer"));

      const past = await page.desk.ask("calls.past", { search: "701" });
      assert.deepEqual(
        past.calls.map(({ id: one }) => one),
        [entry()?.id],
      );
      const { records, cut } = await page.desk.ask("call.records", { call: past.calls[0]?.id ?? "" });
      assert.equal(cut, false);
      const route = records.find(({ record }) => record.kind === "message" && record.name === "call.route");
      assert.ok(route?.record.kind === "message");
      assert.equal(route.record.retvalue, "tone/dial");
      assert.ok(route.record.steps.some((step) => step.name === "cdrbuild" && step.priority === 50));
      assert.equal(route.record.steps.at(-1)?.handled, true);
      const times = records.map(({ record }) => record.atMs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      await page.close();
    });

    it("tells the engine's state: its channels and who is connected", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow([{ topic: "engine" }]);
      const id = await call("702");
      const told = await until("a record with the channel", () =>
        page.of("engine").find(({ engine }) => engine?.channels.some((channel) => channel.id === id)),
      );
      const channel = told.engine?.channels.find((one) => one.id === id);
      assert.match(channel?.peer ?? "", /^tone\//);
      assert.equal(channel?.address, "phone");
      assert.ok(told.engine?.modules.some((module) => /^dumb/.test(module)));
      assert.ok((told.engine?.connections.length ?? 0) >= 2);
      assert.equal(told.facts.kind, subject.kind);
      assert.equal(told.facts.state, "connected");
      await drop(id);
      await page.close();
    });

    it("never shows what it dispatches for itself, but a route that is tried", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow([{ topic: "messages", filter: "", backlog: 1000 }]);
      await page.desk.ask("route.try", { called: "99991001" });
      await until(
        "two turns of the clock",
        () => page.names().filter((one) => one === "engine.timer").length >= 2,
      );
      const own = page
        .names()
        .filter((one) => /^(?:yayts\.|engine\.(?:status|command)|call\.(?:pre)?route)/.test(one));
      assert.deepEqual(own, ["call.preroute", "call.route"]);
      await page.close();
    });

    it("finds out who would take a number, and executes nothing", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow(everything);
      const taken = await page.desk.ask("route.try", { called: "99991001", caller: "703" });
      assert.equal(taken.target, "tone/dial");
      assert.equal(taken.handled, true);
      assert.deepEqual(
        taken.messages.map((message) => message.name),
        ["call.preroute", "call.route"],
      );
      assert.equal(taken.messages[1]?.steps.at(-1)?.handled, true);
      const refused = await page.desk.ask("route.try", { called: "99990000" });
      assert.equal(refused.handled, false);
      assert.match(refused.refusal, /noroute/);
      await assert.rejects(page.desk.ask("route.try", { called: "" }), { code: "bad-argument" });
      await delay(300);
      assert.deepEqual(
        page.of("calls").flatMap(({ calls }) => calls.filter((one) => one.state !== "ended")),
        [],
      );
      await page.close();
    });

    it("sends a message by hand, which everybody sees", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow([{ topic: "messages", filter: "desk.hello", backlog: 0 }]);
      const installed = app.handle("desk.hello", () => "hi there");
      await installed.ready;
      const answer = await page.desk.ask("message.send", { name: "desk.hello", params: [["a", "1"]] });
      assert.deepEqual([answer.handled, answer.retvalue, answer.name], [true, "hi there", "desk.hello"]);
      assert.deepEqual(answer.params[0], ["a", "1"]);
      const shown = await until(
        "the message",
        () => page.of("messages").flatMap(({ records }) => records)[0],
      );
      assert.ok(shown.record.kind === "message" && shown.record.handled);
      installed.uninstall();
      await page.close();
    });

    it("filters at the server, tells the latest ones at once, and what is wrong with a filter", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      for (let i = 0; i < 20; i++) await app.msg("desk.count", { i }).dispatch();
      await app.msg("desk.other").dispatch();
      await delay(200);
      page.viewer.follow([{ topic: "messages", filter: "desk.count i>=10", backlog: 5 }]);
      const first = page.of("messages")[0]?.records ?? [];
      assert.deepEqual(
        first.map(
          ({ record }) => record.kind === "message" && record.params.find(([key]) => key === "i")?.[1],
        ),
        ["15", "16", "17", "18", "19"],
      );
      assert.throws(() => page.viewer.follow([{ topic: "messages", filter: "took>", backlog: 5 }]), {
        code: "bad-argument",
        message: /character 6/,
      });
      await page.desk.ask("messages.clear", {});
      page.viewer.follow([{ topic: "messages", filter: "desk.count", backlog: 5 }]);
      assert.deepEqual(page.of("messages").at(-1)?.records.length, 0);
      await page.close();
    });

    it("tells a page that is busy nothing, and what it missed as skipped", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow([{ topic: "messages", filter: "desk.flood", backlog: 0 }]);
      page.told.length = 0;
      page.setBusy(true);
      for (let i = 0; i < 2500; i++) app.msg("desk.flood", { i }).enqueue();
      await app.msg("desk.flood", { last: true }).dispatch();
      await delay(400);
      assert.deepEqual(page.told, []);
      page.setBusy(false);
      const sum = (read: (told: ToldOf<"messages">) => number): number =>
        page.of("messages").reduce((all, one) => all + read(one), 0);
      await until("all of them", () => sum(({ records, skipped }) => records.length + skipped) === 2501);
      assert.ok(sum(({ skipped }) => skipped) > 0);
      assert.ok(page.of("messages").every(({ records }) => records.length <= 100));
      await page.close();
    });

    it("keeps the sound of a call when asked, and only then, until it is closed", async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "yayts-desk-"));
      t.after(() => rm(folder, { recursive: true, force: true }));
      const page = await openDesk(t, subject.address, folder);
      await ready(page.desk);
      const silent = await call("704");
      const id = await call("705");
      const callId = await until("its entry", () => viewOf(page, "705"));
      await page.desk.ask("sound.keep", { call: callId, on: true });
      await delay(500);
      const live = await page.desk.ask("sound.get", { call: callId, channel: id });
      const heard = Buffer.from(live.heard, "base64");
      assert.equal(live.rateHz, 8000);
      assert.ok(heard.length >= 8 * 200, `${heard.length} bytes of sound`);
      assert.ok(new Set(heard).size > 5, "a tone, not silence");
      await drop(id);
      await until("its end", () => viewOf(page, "705", "ended"));
      const file = await page.desk.ask("call.export", { call: callId });
      assert.match(file.name, /^yayts-call-705-99991001-.*\.json$/);
      const read = readJournal(Buffer.from(file.file, "base64").toString());
      assert.ok(read.ok && read.problem === undefined);
      assert.equal(read.journal.call.id, callId);
      assert.ok((read.journal.sound[0]?.heard.length ?? 0) > 1000);
      const other = await until("the other call", () => viewOf(page, "704"));
      await assert.rejects(page.desk.ask("sound.get", { call: other, channel: silent }), {
        code: "bad-argument",
      });
      await assert.rejects(page.desk.ask("sound.keep", { call: callId, on: true }), { code: "bad-argument" });
      assert.equal(readdirSync(folder).length, 1);
      await drop(silent);
      await page.close();
      assert.deepEqual(readdirSync(folder), []);
    });

    it("keeps the sound of all new calls when asked for all", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      await page.desk.ask("sound.keep", { on: true });
      const id = await call("706");
      const callId = await until("its entry", () => viewOf(page, "706"));
      await delay(600);
      await drop(id);
      await until("its end", () => viewOf(page, "706", "ended"));
      const kept = await page.desk.ask("sound.get", { call: callId, channel: id });
      assert.ok(kept.heard.length > 1000);
      await page.close();
    });

    it("shows what an app waits for and what it threw, and the numbers that it takes", async (t) => {
      const page = await openDesk(t, subject.address);
      await ready(page.desk);
      page.viewer.follow(everything);
      const ivr = await connect(subject.address);
      t.after(() => ivr.close({ timeoutMs: 500 }));
      const tracer = traceApp(ivr, { source: "ivr.ts 1", file: "ivr.ts" });
      t.after(() => tracer.stop());
      const waiting = ivr.onmsg("desk.never", { id: "sip/99" });
      waiting.catch(() => {});
      await ivr.handle("call.route", { filter: { called: "5551" } }, () => false).ready;
      const app = () => page.of("app").at(-1)?.apps[0];
      const wait = await until("the wait", () => app()?.waits.find((one) => one.name === "desk.never"));
      assert.equal(wait.channel, "sip/99");
      await until("the number", () => page.desk.targets.includes("5551"));
      const id = await call("708");
      tracer.error(new Error("what a pity"), id);
      const entry = await until("the error", () =>
        page
          .of("calls")
          .flatMap(({ calls }) => calls)
          .findLast((one) => one.from === "708" && one.errors > 0),
      );
      assert.equal(entry.errors, 1);
      await until("the error of the app", () => app()?.errors[0]?.text.includes("what a pity"));
      waiting.cancel();
      await until("its end", () => app()?.waits.every((one) => one.name !== "desk.never"));
      await drop(id);
    });

    it("goes on after its connection was cut", async (t) => {
      const way = await cuttable(subject.address);
      t.after(() => way.close());
      const page = await openDesk(t, way.address);
      await ready(page.desk);
      page.viewer.follow(everything);
      let back = false;
      page.yate.onState((state) => {
        back = state.kind === "connected" && state.again;
      });
      way.cut();
      await until("the way back", () => back);
      assert.equal(page.desk.facts.state, "connected");
      const id = await call("707");
      await until("a call", () => viewOf(page, "707"));
      await drop(id);
      await until("its end", () => viewOf(page, "707", "ended"));
      await page.close();
    });
  });
}

/** The id of the latest call from somebody, as the page was told. */
function viewOf(
  page: Awaited<ReturnType<typeof openDesk>>,
  from: string,
  state?: string,
): string | undefined {
  if (page.of("calls").length === 0) page.viewer.follow([{ topic: "calls" }]);
  const found = page
    .of("calls")
    .flatMap(({ calls }) => calls)
    .findLast((one) => one.from === from);
  return found && (state === undefined || found.state === state) ? found.id : undefined;
}
