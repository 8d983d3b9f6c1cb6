import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock } from "../../base/index.ts";
import { connectInProcess, type Engine, parseConfig, startEngine } from "../../engine/index.ts";
import { dumb } from "../dumb.ts";
import { pbx } from "../pbx.ts";
import { tone } from "../tone/index.ts";
import { queues } from "./queues.ts";

type Values = Readonly<Record<string, string>>;

interface Answer {
  readonly handled: boolean;
  readonly retvalue: string;
  readonly params: Values;
}

interface Stage {
  readonly engine: Engine;
  /** A new caller `dumb/<n>` calls `callto`, with further parameters of its call. */
  call(callto: string, more?: Values): Promise<Answer>;
  send(name: string, params: Values): Promise<Answer>;
  pass(ms: number): Promise<void>;
  all(name: string): Values[];
  /** The `call.execute` of the last caller, as it came to its target. */
  executed(): Values;
  /** The notifications, as `event`, or `event id@position`. */
  events(): string[];
  peerOf(id: string): string | undefined;
}

const usual = `
[channels]
incoming=tone/ring
[queue desk]
notify=app
detail=yes
length=3
greeting=welcome
onhold=tone/dial
[queue plain]
[queue single]
single=yes
notify=app
[queue closed]
enabled=no
[queue jazz]
onhold=jazz
greeting=wave/play//tmp/hello.au
copyparams=called
notify=app
`;

describe("queues", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(config = usual): Promise<Stage> {
    const clock = createManualClock();
    const engine = await startEngine({
      clock,
      modules: [dumb(), tone(), pbx(), queues()],
      config: { queues: parseConfig(config, "queues.conf") },
    });
    running = engine;
    const yate = connectInProcess(engine);
    const seen: { name: string; params: Values }[] = [];
    engine.kernel.hook(({ name, params }) => void seen.push({ name, params: params.toObject() }));
    const pass = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      for (let round = 0; round < 3; round++) await clock.advance(0);
    };
    const send: Stage["send"] = async (name, params) => {
      const { handled, retvalue, params: answer } = await yate.msg(name, params).dispatch();
      await pass(0);
      return { handled, retvalue, params: answer.toObject() };
    };
    const all: Stage["all"] = (name) => seen.filter((each) => each.name === name).map(({ params }) => params);
    return {
      engine,
      pass,
      send,
      all,
      executed: () => all("call.execute").findLast(({ id, direct }) => id && direct === undefined) ?? {},
      events: () =>
        all("chan.notify").map(({ event = "", id, position }) =>
          id === undefined ? event : `${event} ${id}@${position}`,
        ),
      peerOf: (id) => engine.endpoints.get(id)?.peer?.id,
      call: (direct, more = {}) =>
        send("call.execute", {
          callto: "dumb/caller",
          target: "100",
          direct,
          copyparams: Object.keys(more).join(","),
          ...more,
        }),
    };
  }

  it("a call goes to the incoming target, which is told what the caller shall hear and where it stands", async () => {
    const { call, executed, peerOf } = await stage();
    assert.equal((await call("queue/desk")).handled, true);
    const { queue, greeting, source, position, callto } = executed();
    assert.deepEqual(
      { queue, greeting, source, position, callto },
      {
        queue: "desk",
        greeting: "wave/play/sounds/welcome",
        source: "tone/dial",
        position: "0",
        callto: "tone/ring",
      },
    );
    assert.equal(peerOf("dumb/1"), "tone/1");
    await call("queue/desk");
    assert.equal(executed().position, "1");
  });

  it("a bare name of what is heard is music, none is ringing, a target stands as it is", async () => {
    const { call, executed } = await stage();
    await call("queue/plain");
    assert.equal(executed().source, "tone/ring");
    assert.equal(executed().greeting, undefined);
    await call("queue/jazz");
    assert.equal(executed().source, "moh/jazz");
    assert.equal(executed().greeting, "wave/play//tmp/hello.au");
  });

  it("a queue that is not there, or is closed, is no route", async () => {
    const { call, events } = await stage();
    for (const name of ["nowhere", "closed"]) {
      const { handled, params } = await call(`queue/${name}`);
      assert.equal(handled, false);
      assert.equal(params.error, "noroute");
      assert.equal(params.reason, "Queue does not exist");
    }
    assert.deepEqual(events(), []);
  });

  it("a full queue is congestion, also for those of high priority", async () => {
    const { call } = await stage();
    for (let n = 0; n < 3; n++) await call("queue/desk");
    const { handled, params } = await call("queue/desk", { priority: "true" });
    assert.equal(handled, false);
    assert.equal(params.error, "congestion");
    assert.equal(params.reason, "Queue is full");
  });

  it("what names no queue, and calls without an incoming target, pass by", async () => {
    const named = await stage();
    for (const target of ["queue/", "queue/a/b"])
      assert.equal((await named.call(target)).params.error, undefined);
    await running?.stop();
    const without = await stage("[queue desk]\n");
    const { handled, params } = await without.call("queue/desk");
    assert.equal(handled, false);
    assert.equal(params.error, undefined);
  });

  it("a call without a channel neither waits nor picks up", async () => {
    const { call, send, events } = await stage();
    assert.equal((await send("call.execute", { callto: "queue/desk" })).params.error, "failure");
    assert.deepEqual(events(), []);
    await call("queue/desk");
    assert.equal((await send("call.execute", { callto: "pickup/desk" })).params.error, "failure");
    assert.deepEqual(events(), ["created", "queued dumb/1@0"]);
  });

  it("priority=true goes before the others, who are told where they stand now", async () => {
    const { call, executed, events } = await stage();
    await call("queue/desk");
    await call("queue/desk", { priority: "true" });
    assert.equal(executed().position, "0");
    assert.deepEqual(events(), ["created", "queued dumb/1@0", "position dumb/1@1", "queued dumb/2@0"]);
  });

  it("notifications carry who is told, the queue, and what is known of the call", async () => {
    const { call, send, all } = await stage();
    await call("queue/desk", { caller: "200", callername: "Ann" });
    const [created, queued] = all("chan.notify").map((params) => ({ ...params }));
    assert.deepEqual(created, { event: "created", targetid: "app", queue: "desk" });
    assert.deepEqual(queued, {
      caller: "200",
      callername: "Ann",
      id: "dumb/1",
      position: "0",
      event: "queued",
      targetid: "app",
      queue: "desk",
    });
    const known = (): unknown => {
      const { caller, called } = all("chan.notify").at(-1) ?? {};
      return { caller, called };
    };
    await call("queue/jazz", { caller: "201" });
    assert.deepEqual(known(), { caller: undefined, called: "100" });
    await send("call.execute", {
      callto: "queue/jazz",
      id: "x/1",
      caller: "202",
      called: "100",
      copyparams: "caller",
    });
    assert.deepEqual(known(), { caller: "202", called: undefined });
  });

  it("pickup/<queue> connects with who waits longest, and both are answered", async () => {
    const { call, events, all, peerOf, pass } = await stage();
    await call("queue/desk");
    await call("queue/desk");
    await pass(2600);
    const fetched = await call("pickup/desk");
    assert.equal(fetched.handled, true);
    assert.equal(fetched.params.targetid, "dumb/1");
    assert.equal(peerOf("dumb/1"), "dumb/3");
    assert.deepEqual(
      all("call.answered").map(({ id, targetid, queuetime }) => [id, targetid, queuetime]),
      [
        ["dumb/3", "dumb/1", undefined],
        ["dumb/1", "dumb/3", "3"],
      ],
    );
    assert.deepEqual(events().slice(3), ["pickup dumb/1@0", "position dumb/2@0"]);
    await call("pickup/desk/dumb/2");
    assert.equal(peerOf("dumb/2"), "dumb/4");
    assert.deepEqual(events().slice(5), ["pickup dumb/2@0", "destroyed"]);
  });

  it("a call that is not in the queue cannot be picked up, and a channel of that name can", async () => {
    const { call, peerOf } = await stage();
    await call("queue/desk");
    const missing = await call("pickup/desk/dumb/9");
    assert.equal(missing.handled, false);
    assert.equal(missing.params.error, "nocall");
    assert.equal(missing.params.reason, "The call is not in queue");
    assert.equal((await call("pickup/plain")).params.error, "nocall");
    const { handled } = await call("pickup/tone/1");
    assert.equal(handled, true);
    assert.equal(peerOf("dumb/1"), "dumb/4");
  });

  it("a call that somebody answered leaves; the answer of the queue itself changes nothing", async () => {
    const { call, send, events, all, pass } = await stage();
    await call("queue/desk");
    await pass(1000);
    await send("call.answered", { id: "x/1", targetid: "dumb/1", reason: "queued" });
    assert.deepEqual(events(), ["created", "queued dumb/1@0"]);
    await send("call.answered", { id: "x/1", targetid: "dumb/1" });
    assert.deepEqual(events().slice(2), ["answered dumb/1@0", "destroyed"]);
    const update = all("call.update").map(({ id, queuetime }) => [id, queuetime]);
    assert.deepEqual(update, [["dumb/1", "1"]]);
  });

  it("a caller who hangs up leaves", async () => {
    const { call, send, events } = await stage();
    await call("queue/desk");
    await call("queue/desk");
    await send("call.drop", { id: "dumb/1" });
    assert.deepEqual(events().slice(3), ["hangup dumb/1@0", "position dumb/2@0"]);
  });

  it("when the call to an operator fails the caller waits on, or with single=yes is dropped", async () => {
    const { call, send, events, all, pass, engine } = await stage();
    await call("queue/desk");
    await pass(5000);
    await send("chan.hangup", { id: "x/1", queue: "desk", notify: "dumb/1" });
    assert.deepEqual(events(), ["created", "queued dumb/1@0"]);
    await pass(2000);
    const { retvalue } = await send("engine.command", { line: "queues" });
    assert.equal(retvalue, "Queue desk 1\r\n  dumb/1  (2/7)\r\n");
    await call("queue/single");
    await send("chan.hangup", { id: "x/2", queue: "single", notify: "dumb/2" });
    assert.deepEqual(events().slice(4), ["noanswer dumb/2@0", "destroyed"]);
    assert.equal(engine.endpoints.has("dumb/2"), false);
    assert.equal(all("call.drop").at(-1)?.reason, "noanswer");
  });

  it("call.drop of a queue drops its first call, a given one, or all", async () => {
    const { call, send, engine } = await stage();
    for (let n = 0; n < 3; n++) await call("queue/desk");
    await call("queue/plain");
    const left = (): string[] => [...engine.endpoints.keys()].filter((id) => id.startsWith("dumb/"));
    const drop = async (id: string): Promise<boolean> =>
      (await send("call.drop", { id, reason: "closing" })).handled;
    assert.equal(await drop("desk/dumb/3"), true);
    assert.deepEqual(left(), ["dumb/1", "dumb/2", "dumb/4"]);
    assert.equal(await drop("desk"), true);
    assert.deepEqual(left(), ["dumb/2", "dumb/4"]);
    assert.equal(await drop("desk/dumb/4"), false);
    await call("queue/desk");
    assert.equal(await drop("desk/*"), true);
    assert.deepEqual(left(), ["dumb/4"]);
  });

  it("the command queues lists who waits, and the status counts queues with calls", async () => {
    const { call, send } = await stage();
    const status = async (): Promise<string> => (await send("engine.status", { module: "queues" })).retvalue;
    assert.equal(await status(), "name=queues,type=misc;queues=0\r\n");
    await call("queue/desk");
    await call("queue/plain");
    await call("queue/desk");
    assert.equal(await status(), "name=queues,type=misc;queues=2\r\n");
    const { handled, retvalue } = await send("engine.command", { line: "queues" });
    assert.equal(handled, true);
    assert.equal(
      retvalue,
      "Queue desk 2\r\n  dumb/1  (0/0)\r\n  dumb/3  (0/0)\r\n\r\nQueue plain 1\r\n  dumb/2  (0/0)\r\n",
    );
    const completed = await send("engine.command", { partline: "", partword: "que" });
    assert.equal(completed.retvalue, "queues");
  });

  it("priorities are configured, and 0 leaves a message alone", async () => {
    const { call, send, executed, events } = await stage(
      `[general]\npriority=30\n[priorities]\nchan.hangup=0\n${usual}`,
    );
    await call("queue/desk");
    assert.match(executed().handlers ?? "", /queues:30/);
    await send("call.drop", { id: "dumb/1" });
    assert.deepEqual(events(), ["created", "queued dumb/1@0"]);
  });
});
