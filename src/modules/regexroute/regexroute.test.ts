// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the rules have placeholders of their own
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock, type ManualClock, silentLogger } from "../../base/index.ts";
import { type Engine, type EngineMessage, parseConfig, startEngine } from "../../engine/index.ts";
import { regexroute } from "./regexroute.ts";

/** What every engine does alike is in test/yate/regexroute.test.ts; here is what is this engine's own. */
describe("regexroute", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function withPlan(
    plan: string,
    warned: string[] = [],
  ): Promise<{ engine: Engine; clock: ManualClock }> {
    const clock = createManualClock();
    running = await startEngine({
      clock,
      log: {
        ...silentLogger,
        warn: (text) => void warned.push(text),
        info: (text) => void warned.push(text),
      },
      modules: [regexroute()],
      config: { regexroute: parseConfig(plan, "regexroute.conf") },
    });
    return { engine: running, clock };
  }

  async function route(
    engine: Engine,
    params: Readonly<Record<string, string>>,
    name = "call.route",
  ): Promise<EngineMessage & { handled: boolean }> {
    const message = engine.message(name, params);
    return Object.assign(message, { handled: await engine.kernel.dispatch(message) });
  }

  it("without a plan nothing is installed", async () => {
    const { engine } = await withPlan("");
    assert.equal((await route(engine, { called: "1" })).get("handlers"), undefined);
  });

  it("rules that need not wait are answered without a pause", async () => {
    const { engine } = await withPlan("[default]\n^1$=tone/dial\n");
    assert.equal(engine.kernel.dispatch(engine.message("call.route", { called: "1" })), true);
  });

  it("msleep holds only its own message", async () => {
    const { engine, clock } = await withPlan("[default]\n^1=msleep 5000\n^.=done \\0\n");
    const slow = route(engine, { called: "1" });
    assert.equal((await route(engine, { called: "2" })).retvalue, "done 2");
    assert.equal(await Promise.race([slow, Promise.resolve("waiting")]), "waiting");
    await clock.advance(5000);
    assert.equal((await slow).retvalue, "done 1");
  });

  it("dispatch waits for its message, enqueue does not; both send only what they are given", async () => {
    const { engine, clock } = await withPlan(
      "[default]\n^1=dispatch test.one;a=${called};$answer=3\n^1=enqueue test.two;b=2\n^1=$(answer)\n",
    );
    const got: string[] = [];
    for (const name of ["test.one", "test.two"]) {
      engine.install({
        name,
        priority: 100,
        async receive(message) {
          await Promise.resolve();
          got.push(`${name} ${[...message.params].map((pair) => pair.join("=")).join(" ")}`);
          return true;
        },
      });
    }
    assert.equal((await route(engine, { called: "1", caller: "x" })).retvalue, "3");
    assert.deepEqual(got.slice(0, 1), ["test.one a=1"]);
    await clock.advance(0);
    assert.deepEqual(got, ["test.one a=1", "test.two b=2"]);
  });

  it("what a caller says is never read as a rule", async () => {
    const { engine } = await withPlan(
      "[default]\n^1=$(upper,${callername})|$(streq,${callername},x)|${callername};name=${callername}\n${callername}^\\(.*\\)$=\\1\n",
    );
    const callername = "a,$(engine,version) ${called} \\0;called=9)";
    const said = await route(engine, { called: "1", callername });
    assert.equal(said.retvalue, `${callername.toUpperCase()}|false|${callername}`);
    assert.equal(said.get("name"), callername);
    assert.equal(said.get("called"), "1");
    assert.equal((await route(engine, { called: "2", callername })).retvalue, callername);
  });

  it("a list that is filled in is a list for index and rotate, and a variable takes turns", async () => {
    const { engine } = await withPlan(
      "[$init]\nturn=0\n[default]\n^1=$(index,$turn,${gateways})\n^2=$(rotate,1,${gateways})\n",
    );
    const gateways = "a,b,c";
    const turns: string[] = [];
    for (let i = 0; i < 4; i++) turns.push((await route(engine, { called: "1", gateways })).retvalue);
    assert.deepEqual(turns, ["a", "b", "c", "a"]);
    assert.equal((await route(engine, { called: "2", gateways })).retvalue, "b c a");
  });

  it("numbers of any length are counted right", async () => {
    const { engine } = await withPlan("[default]\n.*=$(add,\\0,1) $(mul,\\0,10)\n");
    assert.equal((await route(engine, { called: "4930123456789" })).retvalue, "4930123456790 49301234567890");
    assert.equal((await route(engine, { called: "0099" })).retvalue, "0100 0990");
  });

  it("options make expressions extended and blind to case, and set another default rule", async () => {
    const { engine } = await withPlan(
      "[priorities]\nextended=yes\ninsensitive=yes\ndefaultrule=^y\npreroute=0\n[default]\n^(ab|cd)+$=both \\1\n${x}=yes\n.*=no\n[contexts]\n.*=never\n",
    );
    assert.equal((await route(engine, { called: "ABcd" })).retvalue, "both cd");
    assert.equal((await route(engine, { called: "z", x: "Yup" })).retvalue, "yes");
    assert.equal((await route(engine, { called: "z", x: "true" })).retvalue, "no");
    assert.equal((await route(engine, { caller: "1" }, "call.preroute")).handled, false);
  });

  it("a loop of contexts ends at the depth configured, with a warning", async () => {
    const warned: string[] = [];
    const { engine } = await withPlan(
      "[priorities]\nmaxdepth=7\n[default]\n.*=;$n=$(++$n)\n.*=goto default\n",
      warned,
    );
    assert.equal((await route(engine, { called: "1" })).handled, false);
    assert.match(warned.join("\n"), /possible loop/);
    const { engine: other } = await withPlan(
      "[default]\n^1=goto nowhere\n^2=@call nowhere\n^2=ok\n",
      warned.splice(0),
    );
    assert.equal((await route(other, { called: "1" })).handled, false);
    assert.equal((await route(other, { called: "2" })).retvalue, "ok");
  });

  it("echo goes to the log", async () => {
    const logged: string[] = [];
    const { engine } = await withPlan("[default]\n.*=echo from ${caller}; to \\0\n", logged);
    await route(engine, { called: "5", caller: "4" });
    assert.deepEqual(logged, ["from 4; to 5"]);
  });

  it("trace_to_msg tells which rules matched", async () => {
    const { engine } = await withPlan("[default]\n^1=x\n^2=tone/busy\n");
    const traced = await route(engine, { called: "2", trace_to_msg: "true" });
    assert.equal(traced.get("trace_msg_count"), "4");
    assert.deepEqual(
      [0, 1, 2, 3].map((n) => traced.get(`trace_msg_${n}`)),
      [
        "Searching match for 2",
        "Matched:false default:0 - ^1=x",
        "Matched:true default:1 - ^2=tone/busy",
        "Routing call to '2' in context 'default' via 'tone/busy'",
      ],
    );
  });

  const faults: Readonly<Record<string, readonly [string, RegExp]>> = {
    "an expression that cannot be read": ["[default]\n^1=x\n^\\(2=y\n", /regexroute\.conf:3: unmatched/],
    "one in a condition": ["[default]\n^1=if [a=y\n", /regexroute\.conf:2: unmatched \[/],
    "a condition without an action": ["[default]\n^1=if ^2\n", /:2: 'if' needs/],
    "a block without its end": ["[default]\n^1={\n^2=y\n", /:2: this block has no }/],
    "an end without a block": ["[default]\n^1=x\n}\n", /:3: a } without its {/],
    "an arm after the last": ["[default]\n^1={\n} = {\n} ^2 = {\n}\n", /:4: the last arm/],
    "blocks too deep": [`[default]\n${"^1={\n".repeat(11)}`, /:12: blocks are nested/],
    "a function without its end": ["[default]\n^1=$(upper,x\n", /:2: a function \$\( without/],
    "a function in a function": ["[default]\n^1=$(upper,$(lower,x))\n", /:2: a function inside/],
    "a rule without an expression": ["[default]\n=x\n", /:2: a rule needs an expression/],
    "an extra without a priority": ["[extra]\ntest.x=soon\n", /:2: 'soon' is no priority/],
    "an unreadable default rule": ["[priorities]\ndefaultrule=[a\n", /:2: unmatched \[/],
  };
  for (const [fault, [plan, expected]] of Object.entries(faults)) {
    it(`${fault} stops the start, naming file and line`, async () => {
      await assert.rejects(withPlan(plan), (error: Error & { code?: string }) => {
        assert.equal(error.code, "config-invalid");
        assert.match(error.message, expected);
        return true;
      });
    });
  }
});
