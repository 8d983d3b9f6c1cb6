import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock } from "../../base/index.ts";
import { connectInProcess, type Engine, parseConfig, startEngine } from "../../engine/index.ts";
import { dumb } from "../dumb.ts";
import { pbx } from "../pbx.ts";
import { tone } from "../tone/index.ts";
import { callfork } from "./callfork.ts";

/** A message as it was dispatched. */
interface Seen {
  readonly name: string;
  readonly handled: boolean;
  readonly params: Readonly<Record<string, string>>;
}

interface Stage {
  readonly engine: Engine;
  /** A new caller calls `callto`, with further parameters of its call. */
  call(callto: string, more?: Readonly<Record<string, string>>): Promise<Seen>;
  send(name: string, params: Readonly<Record<string, string>>): Promise<Seen>;
  /** Lets time pass, and what follows from it happen. */
  pass(ms: number): Promise<void>;
  /** The messages of that name, in order. */
  all(name: string): Readonly<Record<string, string>>[];
}

describe("callfork", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(config = ""): Promise<Stage> {
    const clock = createManualClock();
    const engine = await startEngine({
      clock,
      modules: [dumb(), tone(), pbx(), callfork()],
      config: { callfork: parseConfig(config, "callfork.conf") },
    });
    running = engine;
    const yate = connectInProcess(engine);
    const seen: Seen[] = [];
    engine.kernel.hook(
      ({ name, params }, handled) => void seen.push({ name, handled, params: params.toObject() }),
    );
    const pass = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      // Each is one round of the message queue: what a message causes is itself a message.
      for (let round = 0; round < 3; round++) await clock.advance(0);
    };
    const send = async (name: string, params: Readonly<Record<string, string>>): Promise<Seen> => {
      const answer = await yate.msg(name, params).dispatch();
      await pass(0);
      return { name: answer.name, handled: answer.handled, params: answer.params.toObject() };
    };
    return {
      engine,
      pass,
      send,
      call: (direct, more = {}) =>
        send("call.execute", {
          callto: "dumb/caller",
          target: "100",
          direct,
          copyparams: Object.keys(more).join(","),
          ...more,
        }),
      all: (name) => seen.filter((each) => each.name === name).map(({ params }) => ({ ...params })),
    };
  }

  it("every target gets a leg, and the caller waits at the master", async () => {
    const { call, all, send } = await stage();
    const result = await call("fork dumb/a dumb/b");
    assert.equal(result.handled, true);
    assert.equal(result.params.peerid, "fork/1");
    assert.equal(result.params.targetid, "fork/1");
    const legs = all("call.execute").filter(({ id }) => id?.startsWith("fork/"));
    assert.deepEqual(
      legs.map((leg) => [leg.id, leg.callto, leg.cdrtrack, leg["fork.master"], leg["fork.origid"]]),
      [
        ["fork/1/1", "dumb/a", "false", "fork/1", "dumb/1"],
        ["fork/1/2", "dumb/b", "false", "fork/1", "dumb/1"],
      ],
    );
    assert.equal((await send("chan.locate", { id: "fork/1" })).handled, true);
    assert.equal((await send("chan.locate", { id: "fork/1/2" })).handled, true);
    assert.equal((await send("chan.locate", { id: "fork/1/3" })).handled, false);
  });

  it("only the first leg that rings is heard by the caller", async () => {
    const { call, send } = await stage();
    await call("fork dumb/a dumb/b");
    const first = await send("chan.masquerade", { id: "dumb/2", message: "call.ringing" });
    assert.equal(first.handled, true);
    assert.equal(first.params.targetid, "dumb/1");
    assert.equal(first.params["fork.master"], "fork/1");
    const second = await send("chan.masquerade", { id: "dumb/3", message: "call.ringing" });
    assert.equal(second.handled, false);
    assert.equal(second.params.targetid, "fork/1/2");
  });

  it("who answers is connected to the caller, the others are told pickup", async () => {
    const { call, send, all, engine } = await stage();
    await call("fork dumb/a dumb/b");
    const answer = await send("chan.masquerade", { id: "dumb/3", message: "call.answered" });
    assert.equal(answer.handled, true);
    assert.equal(answer.params.peerid, "dumb/1");
    assert.equal(engine.endpoints.get("dumb/1")?.peer?.id, "dumb/3");
    assert.deepEqual(all("chan.replaced"), [
      {
        id: "fork/1",
        newid: "dumb/3",
        peerid: "dumb/1",
        "id.1": "fork/1/2",
        "newid.1": "dumb/1",
        "peerid.1": "dumb/3",
      },
    ]);
    assert.deepEqual(
      all("chan.disconnected").map(({ id, reason }) => [id, reason]),
      [["dumb/2", "pickup"]],
    );
    assert.deepEqual([...engine.endpoints.keys()], ["dumb/1", "dumb/3"]);
  });

  it("a group is called when the one before has failed, and the caller learns the last reason", async () => {
    const { call, send, all, engine } = await stage();
    await call("fork dumb/a dumb/b | dumb/c");
    await send("call.drop", { id: "dumb/2", reason: "busy" });
    assert.equal(engine.endpoints.has("dumb/4"), false);
    await send("call.drop", { id: "dumb/3", reason: "noanswer" });
    assert.equal(all("call.execute").find(({ id }) => id === "fork/1/3")?.["fork.reason"], "noanswer");
    await send("call.drop", { id: "dumb/4", reason: "offline" });
    assert.deepEqual(
      all("chan.disconnected").map(({ id, reason }) => [id, reason]),
      [["dumb/1", "offline"]],
    );
    assert.equal(engine.endpoints.size, 0);
  });

  it("a fork that cannot reach anybody is not handled, one without targets fails", async () => {
    const { call, engine } = await stage();
    const none = await call("fork nope/a | nope/b");
    assert.equal(none.handled, false);
    const empty = await call("fork");
    assert.equal(empty.handled, false);
    assert.equal(empty.params.error, "failure");
    assert.equal(engine.endpoints.size, 0);
  });

  it("fork.stop ends the search at a reason that fits", async () => {
    const { call, send, engine } = await stage();
    await call("fork dumb/a | dumb/b", { "fork.stop": "^\\(busy\\|rejected\\)$" });
    await send("call.drop", { id: "dumb/2", reason: "busy" });
    assert.equal(engine.endpoints.size, 0);
    await call("fork dumb/a | dumb/b", { "fork.stop": "^busy$^" });
    await send("call.drop", { id: "dumb/4", reason: "busy" });
    assert.equal(engine.endpoints.has("dumb/5"), true);
  });

  it("the legs go when the caller does", async () => {
    const { call, send, all, engine } = await stage();
    await call("fork dumb/a dumb/b");
    await send("call.drop", { id: "dumb/1", reason: "gone" });
    assert.deepEqual(
      all("chan.disconnected").map(({ id, reason }) => [id, reason]),
      [
        ["dumb/2", "hangup"],
        ["dumb/3", "hangup"],
      ],
    );
    assert.equal(engine.endpoints.size, 0);
  });

  it("|next adds a group in time, |drop replaces the one before", async () => {
    const { call, pass, engine, all } = await stage();
    await call("fork dumb/a |drop=1500 dumb/b |next=1500 dumb/c");
    await pass(1000);
    assert.equal(engine.endpoints.has("dumb/3"), false);
    await pass(1000);
    assert.equal(engine.endpoints.has("dumb/3"), true);
    assert.equal(engine.endpoints.has("dumb/2"), false);
    await pass(2000);
    assert.equal(engine.endpoints.has("dumb/3"), true);
    assert.equal(engine.endpoints.has("dumb/4"), true);
    assert.deepEqual(
      all("chan.disconnected").map(({ id, reason }) => [id, reason]),
      [["dumb/2", "hangup"]],
    );
  });

  it("|exec connects the caller past the fork", async () => {
    const { call, pass, engine, all } = await stage();
    await call("fork dumb/a |exec=1000 dumb/b");
    await pass(2000);
    assert.equal(engine.endpoints.get("dumb/1")?.peer?.id, "dumb/3");
    assert.deepEqual(all("chan.replaced"), [{ id: "fork/1", newid: "dumb/3", peerid: "dumb/1" }]);
    assert.deepEqual([...engine.endpoints.keys()], ["dumb/1", "dumb/3"]);
    const direct = await call("fork nope/a |exec dumb/c");
    assert.equal(direct.params.peerid, "dumb/5");
    assert.equal(engine.endpoints.get("dumb/4")?.peer?.id, "dumb/5");
  });

  it("an auxiliary leg does not keep the fork, a persistent one survives |drop", async () => {
    const { call, send, pass, engine } = await stage();
    await call("fork", {
      "callto.1": "dumb/a",
      "callto.1.colour": "red",
      "callto.2": "tone/ring",
      "callto.2.fork.calltype": "auxiliar",
    });
    await send("call.drop", { id: "dumb/2", reason: "busy" });
    assert.equal(engine.endpoints.size, 0);
    await call("fork", {
      "callto.1": "dumb/a",
      "callto.1.fork.calltype": "persistent",
      "callto.2": "dumb/b",
      "callto.3": "|drop=500",
      "callto.4": "dumb/c",
    });
    await pass(2000);
    assert.deepEqual(
      [...engine.endpoints.keys()].filter((id) => id.startsWith("dumb/")),
      ["dumb/3", "dumb/4", "dumb/6"],
    );
  });

  it("a target's own parameters reach its call only", async () => {
    const { call, all } = await stage();
    await call("fork", { "callto.1": "dumb/a", "callto.1.colour": "red", "callto.2": "dumb/b" });
    const legs = all("call.execute").filter(({ id }) => id?.startsWith("fork/"));
    assert.deepEqual(
      legs.map((leg) => [leg.callto, leg.colour, leg["callto.1"]]),
      [
        ["dumb/a", "red", undefined],
        ["dumb/b", undefined, undefined],
      ],
    );
  });

  it("a key pressed by the caller goes to every target", async () => {
    const { call, send, all } = await stage();
    await call("fork dumb/a dumb/b");
    const key = await send("chan.dtmf", { id: "dumb/1", peerid: "fork/1", text: "5" });
    assert.equal(key.handled, true);
    assert.deepEqual(
      all("chan.dtmf").map(({ peerid, text }) => [peerid, text]),
      [
        ["fork/1", "5"],
        ["dumb/2", "5"],
        ["dumb/3", "5"],
      ],
    );
  });

  it("other messages are sent on as configured", async () => {
    const { call, send, all } = await stage("[messages]\nchan.text=targetid\n");
    await call("fork dumb/a");
    assert.equal(
      (await send("chan.text", { id: "dumb/1", targetid: "fork/1", text: "hello" })).handled,
      true,
    );
    assert.deepEqual(
      all("chan.text").map(({ targetid }) => targetid),
      ["fork/1", "dumb/2"],
    );
    assert.equal((await send("chan.dtmf", { peerid: "fork/1", text: "1" })).handled, false);
  });

  it("fork.autoring and fork.fake let the caller hear ringing at once; fork.setid speaks as the fork", async () => {
    const { call, all, engine } = await stage();
    await call("fork dumb/a dumb/b", {
      "fork.autoring": "true",
      "fork.fake": "tone/ring",
      "fork.setid": "true",
    });
    assert.deepEqual(all("call.ringing"), [
      {
        id: "fork/1",
        peerid: "dumb/1",
        targetid: "dumb/1",
        "fork.origid": "dumb/2",
        handlers: all("call.ringing")[0]?.handlers ?? "",
      },
    ]);
    assert.notEqual(engine.endpoints.get("fork/1")?.audio.source, undefined);
  });

  it("a leg answered while the others are still being called wins", async () => {
    const { call, engine } = await stage();
    engine.install({
      name: "call.execute",
      priority: 120,
      async receive(message) {
        if (message.get("callto") !== "slow") return false;
        await engine.dispatch("chan.masquerade", { id: "dumb/2", message: "call.answered" });
        return false;
      },
    });
    const result = await call("fork dumb/a slow dumb/b");
    assert.equal(result.handled, true);
    assert.equal(result.params.targetid, "dumb/2");
    assert.deepEqual([...engine.endpoints.keys()], ["dumb/1", "dumb/2"]);
  });

  it("the status line counts forks", async () => {
    const { call, engine } = await stage();
    await call("fork dumb/a");
    const message = engine.message("engine.status", { module: "callfork" });
    assert.equal(await engine.kernel.dispatch(message), true);
    assert.equal(message.retvalue, "name=callfork,type=misc;total=1,forks=1\r\n");
  });
});
