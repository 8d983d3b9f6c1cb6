import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock } from "../base/index.ts";
import { connectInProcess, type Engine, type EngineModule, startEngine } from "../engine/index.ts";
import { dumb } from "./dumb.ts";
import { park } from "./park.ts";
import { pbx } from "./pbx.ts";
import { tone } from "./tone/index.ts";

type Values = Readonly<Record<string, string>>;

interface Stage {
  readonly engine: Engine;
  /** A new caller `dumb/<n>` calls `callto`, with further parameters of its call. */
  call(callto: string, more?: Values): Promise<{ handled: boolean; params: Values }>;
  send(name: string, params: Values): Promise<{ handled: boolean; retvalue: string; params: Values }>;
  /** The messages of that name that tell of the module's own places, without the names of their handlers. */
  told(name: string): Values[];
  all(name: string): Values[];
}

describe("park", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(more: readonly EngineModule[] = []): Promise<Stage> {
    const clock = createManualClock();
    const engine = await startEngine({ clock, modules: [dumb(), tone(), pbx(), park(), ...more] });
    running = engine;
    const yate = connectInProcess(engine);
    const seen: { name: string; params: Record<string, string> }[] = [];
    engine.kernel.hook(({ name, params }) => {
      const { handlers: _, ...rest } = params.toObject();
      seen.push({ name, params: rest });
    });
    const send: Stage["send"] = async (name, params) => {
      const { handled, retvalue, params: answer } = await yate.msg(name, params).dispatch();
      for (let round = 0; round < 3; round++) await clock.advance(0);
      return { handled, retvalue, params: answer.toObject() };
    };
    const all: Stage["all"] = (name) => seen.filter((each) => each.name === name).map(({ params }) => params);
    return {
      engine,
      send,
      all,
      told: (name) => all(name).filter(({ driver }) => driver === "park"),
      call: (direct, given = {}) =>
        send("call.execute", {
          callto: "dumb/caller",
          target: "100",
          direct,
          copyparams: Object.keys(given).join(","),
          ...given,
        }),
    };
  }

  it("a parked call is told ringing and hears its sound", async () => {
    const { call, told, engine } = await stage();
    const { handled, params } = await call("park/desk", { source: "tone/dial", caller: "200" });
    assert.equal(handled, true);
    assert.equal(params.peerid, "park/desk");
    assert.equal(params.targetid, "park/desk");
    const place = { driver: "park", id: "park/desk" };
    assert.deepEqual(told("chan.startup"), [
      { ...place, status: "outgoing", cdrwrite: "false", caller: "200", called: "100" },
    ]);
    assert.deepEqual(told("call.ringing"), [
      { ...place, status: "ringing", targetid: "dumb/1", peerid: "dumb/1" },
    ]);
    assert.equal(engine.endpoints.get("dumb/1")?.peer?.id, "park/desk");
    assert.notEqual(engine.endpoints.get("park/desk")?.audio.source, undefined);
  });

  it("park/any is the first number that nobody has, named ones too", async () => {
    const { call, send } = await stage();
    const places: (string | undefined)[] = [];
    const parkAny = async (): Promise<void> => void places.push((await call("park/any")).params.peerid);
    await call("park/2");
    await parkAny();
    await parkAny();
    await send("call.drop", { id: "dumb/2" });
    await parkAny();
    assert.deepEqual(places, ["park/1", "park/3", "park/1"]);
  });

  it("a place that is taken and a call without a channel fail, and a place without a name is nobody's", async () => {
    const { call, send, told } = await stage();
    await call("park/desk");
    const taken = await call("park/desk");
    assert.equal(taken.handled, false);
    assert.equal(taken.params.error, "failure");
    const bare = await send("call.execute", { callto: "park/other" });
    assert.equal(bare.handled, false);
    assert.equal(bare.params.error, "failure");
    const nameless = await call("park/");
    assert.equal(nameless.handled, false);
    assert.equal(nameless.params.error, undefined);
    assert.equal(told("chan.startup").length, 1);
    assert.equal(told("chan.hangup").length, 0);
  });

  it("who picks the place up talks to who was parked, and the place is free again", async () => {
    const { call, told, engine } = await stage();
    await call("park/desk");
    const fetched = await call("pickup/park/desk");
    assert.equal(fetched.handled, true);
    assert.equal(fetched.params.peerid, "dumb/1");
    assert.equal(engine.endpoints.get("dumb/1")?.peer?.id, "dumb/2");
    assert.deepEqual(told("chan.hangup"), [
      { driver: "park", id: "park/desk", targetid: "dumb/1", reason: "pickup" },
    ]);
    assert.equal(engine.endpoints.has("park/desk"), false);
    const again = await call("pickup/park/desk");
    assert.equal(again.handled, false);
    assert.equal(again.params.error, "nocall");
    assert.equal((await call("park/desk")).handled, true);
  });

  it("a parked party that hangs up leaves the place, with its reason", async () => {
    const { call, send, told, engine } = await stage();
    await call("park/desk");
    await send("call.drop", { id: "dumb/1", reason: "tired" });
    assert.deepEqual(told("chan.hangup"), [
      { driver: "park", id: "park/desk", targetid: "dumb/1", reason: "tired" },
    ]);
    assert.equal(engine.endpoints.size, 0);
  });

  it("every place can be located, even where nobody is", async () => {
    const { send } = await stage();
    assert.equal((await send("chan.locate", { id: "park/nobody" })).handled, true);
    assert.equal((await send("chan.locate", { id: "dumb/9" })).handled, false);
  });

  it("parked calls end with reason shutdown when the engine does", async () => {
    const { call, engine, all, told } = await stage();
    await call("park/desk");
    await engine.stop();
    assert.deepEqual(
      all("chan.disconnected").map(({ id, reason }) => [id, reason]),
      [["dumb/1", "shutdown"]],
    );
    assert.deepEqual(
      told("chan.hangup").map(({ id, targetid }) => [id, targetid]),
      [["park/desk", "dumb/1"]],
    );
  });

  it("who left while the sound was being found is not told ringing", async () => {
    const asked = Promise.withResolvers<void>();
    const found = Promise.withResolvers<boolean>();
    const slow: EngineModule = {
      name: "slow",
      start(engine) {
        const receive = (): Promise<boolean> => {
          asked.resolve();
          return found.promise;
        };
        engine.install({ name: "chan.attach", priority: 50, receive });
      },
    };
    const { call, send, told, engine } = await stage([slow]);
    const parking = call("park/desk", { source: "tone/dial" });
    await asked.promise;
    await send("call.drop", { id: "dumb/1" });
    found.resolve(false);
    await parking;
    assert.equal(told("call.ringing").length, 0);
    assert.equal(told("chan.hangup").length, 1);
    assert.equal(engine.endpoints.size, 0);
  });

  it("the status names the module", async () => {
    const { send } = await stage();
    const { handled, retvalue } = await send("engine.status", { module: "park" });
    assert.equal(handled, true);
    assert.equal(retvalue, "name=park,type=misc;\r\n");
  });
});
