import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock } from "../base/index.ts";
import { CallEndpoint, connectInProcess, type Engine, startEngine } from "../engine/index.ts";
import { dumb } from "./dumb.ts";
import { park } from "./park.ts";
import { pbx } from "./pbx.ts";
import { tone } from "./tone/index.ts";

type Values = Readonly<Record<string, string>>;

interface Stage {
  readonly engine: Engine;
  /** A new caller calls `callto`: the channels are `dumb/1`, `dumb/2`, … in the order of their making. */
  call(callto: string, more?: Values): Promise<{ handled: boolean; params: Values }>;
  send(name: string, params: Values): Promise<{ handled: boolean; params: Values }>;
  all(name: string): Values[];
  peerOf(id: string): string | undefined;
  /** The names of what was dispatched, with the channel it was about. */
  readonly order: string[];
}

/** An endpoint that nobody can locate, as that of an app. */
class Unlisted extends CallEndpoint {
  protected override destroyed(): void {}
}

describe("pbx", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(): Promise<Stage> {
    const clock = createManualClock();
    const engine = await startEngine({ clock, modules: [dumb(), tone(), park(), pbx()] });
    running = engine;
    const yate = connectInProcess(engine);
    const seen: { name: string; params: Values }[] = [];
    const order: string[] = [];
    engine.kernel.hook(({ name, params }) => {
      seen.push({ name, params: params.toObject() });
      order.push(`${name} ${params.get("id") ?? ""}`);
    });
    const send: Stage["send"] = async (name, params) => {
      const { handled, params: answer } = await yate.msg(name, params).dispatch();
      for (let round = 0; round < 3; round++) await clock.advance(0);
      return { handled, params: answer.toObject() };
    };
    return {
      engine,
      send,
      order,
      all: (name) => seen.filter((each) => each.name === name).map(({ params }) => params),
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

  const disconnected = ({ all }: Stage): (string | undefined)[][] =>
    all("chan.disconnected").map(({ id, reason }) => [id, reason]);

  it("chan.connect joins two calls, and who was left is told why", async () => {
    const it = await stage();
    await it.call("dumb/b");
    await it.call("dumb/d");
    const joined = await it.send("chan.connect", { id: "dumb/1", targetid: "dumb/4", reason: "moved" });
    assert.equal(joined.handled, true);
    assert.equal(it.peerOf("dumb/1"), "dumb/4");
    assert.deepEqual(disconnected(it).sort(), [
      ["dumb/2", "moved"],
      ["dumb/3", "moved"],
    ]);
  });

  it("id_peer and targetid_peer mean the peers of those that are named", async () => {
    const it = await stage();
    await it.call("dumb/b");
    await it.call("dumb/d");
    await it.send("chan.connect", {
      id: "dumb/1",
      id_peer: "true",
      targetid: "dumb/4",
      targetid_peer: "true",
    });
    assert.equal(it.peerOf("dumb/2"), "dumb/3");
  });

  it("chan.connect of a channel that is not there is not handled", async () => {
    const { call, send } = await stage();
    await call("dumb/b");
    assert.equal((await send("chan.connect", { id: "dumb/1", targetid: "dumb/9" })).handled, false);
    assert.equal((await send("chan.connect", { targetid: "dumb/1" })).handled, false);
  });

  it("chan.connect takes the sender's own endpoint, though nobody could locate it", async () => {
    const { call, engine, peerOf } = await stage();
    await call("dumb/b");
    const own = new Unlisted("app/1");
    const handled = await engine.dispatch("chan.connect", { id: "app/1", targetid: "dumb/1" }, own);
    assert.equal(handled, true);
    assert.equal(peerOf("dumb/1"), "app/1");
  });

  it("pickup/<channel> takes the place of that channel, and both are answered", async () => {
    const it = await stage();
    await it.call("dumb/b");
    it.order.length = 0;
    const { handled, params } = await it.call("pickup/dumb/2");
    assert.equal(handled, true);
    assert.equal(params.peerid, "dumb/1");
    assert.equal(params.targetid, "dumb/1");
    assert.equal(it.peerOf("dumb/1"), "dumb/3");
    assert.deepEqual(disconnected(it), [["dumb/2", "pickup"]]);
    assert.deepEqual(
      it.all("call.answered").map(({ id, peerid, reason }) => [id, peerid, reason]),
      [
        ["dumb/1", "dumb/3", "pickup"],
        ["dumb/3", "dumb/1", "pickup"],
      ],
    );
    const told = it.order.filter((each) => /^call\.|chan\.connected/.test(each));
    assert.deepEqual(told, [
      "call.answered dumb/1",
      "call.execute dumb/3",
      "call.execute dumb/3",
      "chan.connected dumb/3",
      "chan.connected dumb/1",
      "call.answered dumb/3",
    ]);
  });

  it("with pickup_peer=false the named channel itself is taken over, with the reason given", async () => {
    const it = await stage();
    await it.call("dumb/b");
    await it.call("pickup/dumb/2", { pickup_peer: "false", reason: "mine" });
    assert.equal(it.peerOf("dumb/2"), "dumb/3");
    assert.deepEqual(disconnected(it), [["dumb/1", "mine"]]);
  });

  it("what cannot be masqueraded answers all the same", async () => {
    const { call, all } = await stage();
    await call("park/desk");
    await call("pickup/park/desk", { pickup_peer: "false" });
    assert.deepEqual(
      all("call.answered").map(({ id, peerid, reason }) => [id, peerid, reason]),
      [
        ["park/desk", "dumb/2", "pickup"],
        ["dumb/2", "park/desk", "pickup"],
      ],
    );
  });

  it("a pickup says what it lacks: a channel of its own, or the other one", async () => {
    const { call, send } = await stage();
    await call("park/desk");
    assert.equal((await send("call.execute", { callto: "pickup/park/desk" })).params.error, "failure");
    assert.equal((await call("pickup/dumb/9")).params.error, "nocall");
    const empty = await call("pickup/");
    assert.equal(empty.handled, false);
    assert.equal(empty.params.error, undefined);
  });

  it("a dash takes sound away, and ends the dispatch only when it was all that was asked", async () => {
    const { call, send, engine } = await stage();
    await call("park/desk");
    const masquerade = (message: string, params: Values): Promise<{ handled: boolean }> =>
      send("chan.masquerade", { message, id: "dumb/1", ...params });
    const source = () => engine.endpoints.get("dumb/1")?.audio.source;
    await masquerade("chan.attach", { source: "tone/dial" });
    assert.notEqual(source(), undefined);
    assert.equal((await masquerade("chan.attach", { source: "-" })).handled, false);
    assert.equal(source(), undefined);
    assert.equal((await masquerade("chan.attach", { source: "-", single: "true" })).handled, true);
    assert.equal((await masquerade("chan.record", { call: "-" })).handled, false);
    assert.equal((await masquerade("chan.record", { call: "-", peer: "-" })).handled, true);
  });
});
