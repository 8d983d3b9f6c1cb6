/** The same parked, queued and picked up calls on the embedded engine and on a real YATE: answers and tellings must be alike. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine, parseConfig } from "yayts/engine";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

/** What is sent: a new call of `dumb/` with its target, or any message. `c0` is the first channel of the story. */
type Act = readonly [what: "call" | (string & {}), targetOrParams: string | Params, more?: Params];

type Params = Readonly<Record<string, string>>;

interface Story {
  readonly acts: readonly Act[];
  /** The outcome of each act. */
  readonly outcomes: readonly string[];
  /** What was told meanwhile, in any order. */
  readonly told: readonly string[];
}

const queuesConf = `
[channels]
incoming=lobby
[queue desk]
notify=app
detail=yes
length=3
greeting=welcome
onhold=tone/dial
[queue single]
notify=app
single=yes
copyparams=called
[queue closed]
enabled=no
`;

const stories: Readonly<Record<string, Story>> = {
  "a call is parked, and picked up": {
    acts: [
      ["call", "park/desk", { source: "tone/dial", caller: "200" }],
      ["chan.locate", { id: "park/desk" }],
      ["chan.locate", { id: "park/nobody" }],
      ["call.drop", { id: "park/desk" }],
      ["call", "pickup/park/desk"],
      ["call.drop", { id: "c0", reason: "bye" }],
      ["call", "pickup/park/desk"],
    ],
    outcomes: [
      "true peerid=park/desk targetid=park/desk",
      "true",
      "true",
      "false",
      "true peerid=c0 targetid=c0",
      "true reason=bye",
      "false error=nocall",
    ],
    told: [
      "chan.startup id=park/desk caller=200 called=100 status=outgoing driver=park cdrwrite=false",
      "call.ringing handled id=park/desk targetid=c0 peerid=c0 driver=park",
      "chan.hangup id=park/desk targetid=c0 reason=pickup driver=park",
      "call.answered handled id=c0 targetid=park/desk peerid=c1 reason=pickup",
      "call.answered handled id=c1 targetid=c0 peerid=c0 reason=pickup",
      "chan.disconnected id=c1 targetid=c0 reason=bye",
      "chan.hangup id=c0 targetid=park/desk",
      "chan.hangup id=c1",
      "chan.hangup id=c2",
    ],
  },
  "park/any is the first free number, a place that is taken fails": {
    acts: [
      ["call", "park/any"],
      ["call", "park/any"],
      ["call", "park/1"],
      ["call.execute", { callto: "park/" }],
      ["call.drop", { id: "c0", reason: "tired" }],
      ["call", "park/any"],
      ["engine.status", { module: "park" }],
    ],
    outcomes: [
      "true peerid=park/1 targetid=park/1",
      "true peerid=park/2 targetid=park/2",
      "false error=failure",
      "false",
      "true reason=tired",
      "true peerid=park/1 targetid=park/1",
      "true retvalue=name=park,type=misc;",
    ],
    told: [
      "chan.startup id=park/1 caller=dumb/caller called=100 status=outgoing driver=park cdrwrite=false",
      "call.ringing handled id=park/1 targetid=c0 peerid=c0 driver=park",
      "chan.startup id=park/2 caller=dumb/caller called=100 status=outgoing driver=park cdrwrite=false",
      "call.ringing handled id=park/2 targetid=c1 peerid=c1 driver=park",
      "chan.hangup id=c2",
      "chan.hangup id=park/1 targetid=c0 reason=tired driver=park",
      "chan.hangup id=c0 targetid=park/1",
      "chan.startup id=park/1 caller=dumb/caller called=100 status=outgoing driver=park cdrwrite=false",
      "call.ringing handled id=park/1 targetid=c3 peerid=c3 driver=park",
    ],
  },
  "one of two that talk is parked, and the other one is left": {
    acts: [
      ["call", "dumb/b"],
      ["chan.masquerade", { message: "call.execute", id: "c1", callto: "park/later", reason: "parked" }],
      ["call", "pickup/park/later", { reason: "back" }],
    ],
    outcomes: [
      "true peerid=c1 targetid=c1",
      "true peerid=park/later targetid=park/later reason=parked",
      "true peerid=c1 targetid=c1 reason=back",
    ],
    told: [
      "chan.disconnected id=c0 targetid=c1 reason=parked",
      "chan.hangup id=c0",
      "chan.startup id=park/later status=outgoing driver=park cdrwrite=false",
      "call.ringing id=park/later targetid=c1 peerid=c1 driver=park",
      "chan.hangup id=park/later targetid=c1 reason=back driver=park",
      "call.answered handled id=c1 targetid=c0 peerid=c2 reason=back",
      "call.answered id=c2 targetid=c1 peerid=c1 reason=back",
    ],
  },
  "who is talked to is picked up; with pickup_peer=false who is named": {
    acts: [
      ["call", "dumb/b"],
      ["call", "pickup/c1"],
      ["call", "pickup/c2", { pickup_peer: "false", reason: "mine" }],
      ["call", "pickup/dumb/999999"],
      ["call.execute", { callto: "pickup/c2" }],
    ],
    outcomes: [
      "true peerid=c1 targetid=c1",
      "true peerid=c0 targetid=c0",
      "true peerid=c2 targetid=c2 reason=mine",
      "false error=nocall",
      "false error=failure",
    ],
    told: [
      "chan.disconnected id=c1 targetid=c0 reason=pickup",
      "chan.hangup id=c1",
      "call.answered handled id=c0 targetid=c1 peerid=c2 reason=pickup",
      "call.answered handled id=c2 targetid=c0 peerid=c0 reason=pickup",
      "chan.disconnected id=c0 targetid=c1 reason=mine",
      "chan.hangup id=c0",
      "call.answered handled id=c2 targetid=c0 peerid=c3 reason=mine",
      "call.answered id=c3 targetid=c2 peerid=c2 reason=mine",
      "chan.hangup id=c4",
    ],
  },
  "chan.connect joins those that are named, or their peers": {
    acts: [
      ["call", "dumb/b"],
      ["call", "dumb/d"],
      ["chan.connect", { id: "c0", targetid: "c2", targetid_peer: "true", reason: "moved" }],
      ["chan.connect", { id: "c0", targetid: "dumb/999999" }],
    ],
    outcomes: [
      "true peerid=c1 targetid=c1",
      "true peerid=c3 targetid=c3",
      "true targetid=c2 reason=moved",
      "false targetid=dumb/999999",
    ],
    told: [
      "chan.disconnected id=c1 targetid=c0 reason=moved",
      "chan.disconnected id=c2 targetid=c3 reason=moved",
      "chan.hangup id=c1",
      "chan.hangup id=c2",
    ],
  },
  "calls wait in a queue, the urgent first, and are picked up": {
    acts: [
      ["call", "queue/desk", { caller: "200", callername: "Ann" }],
      ["call", "queue/desk", { caller: "201" }],
      ["call", "queue/desk", { caller: "202", priority: "true" }],
      ["call", "queue/desk", { priority: "true" }],
      ["engine.command", { line: "queues" }],
      ["engine.status", { module: "queues" }],
      ["call", "pickup/desk/dumb/999999"],
      ["call", "pickup/desk"],
      ["call", "pickup/desk/c1"],
      ["call.drop", { id: "c0" }],
    ],
    outcomes: [
      "true peerid=tone",
      "true peerid=tone",
      "true peerid=tone",
      "false error=congestion reason=Queue is full",
      "true retvalue=Queue desk 3|  c2  (0/0)|  c0  (0/0)|  c1  (0/0)",
      "true retvalue=name=queues,type=misc;queues=1",
      "false error=nocall reason=The call is not in queue",
      "true targetid=c2",
      "true targetid=c1",
      "true",
    ],
    told: [
      "lobby queue=desk greeting=wave/play/sounds/welcome source=tone/dial position=0",
      "lobby queue=desk greeting=wave/play/sounds/welcome source=tone/dial position=1",
      "lobby queue=desk greeting=wave/play/sounds/welcome source=tone/dial position=0",
      "chan.notify targetid=app event=created queue=desk",
      "chan.notify id=c0 targetid=app event=queued queue=desk position=0 caller=200 callername=Ann",
      "chan.notify id=c1 targetid=app event=queued queue=desk position=1 caller=201",
      "chan.notify id=c0 targetid=app event=position queue=desk position=1 caller=200 callername=Ann",
      "chan.notify id=c1 targetid=app event=position queue=desk position=2 caller=201",
      "chan.notify id=c2 targetid=app event=queued queue=desk position=0 caller=202",
      "chan.hangup id=c3",
      "chan.hangup id=c4",
      "chan.notify id=c2 targetid=app event=pickup queue=desk position=0 caller=202",
      "chan.notify id=c0 targetid=app event=position queue=desk position=0 caller=200 callername=Ann",
      "chan.notify id=c1 targetid=app event=position queue=desk position=1 caller=201",
      "chan.disconnected id=tone",
      "call.answered id=c5 targetid=c2",
      "call.answered handled id=c2 targetid=c5 queuetime=0",
      "chan.notify id=c1 targetid=app event=pickup queue=desk position=1 caller=201",
      "chan.disconnected id=tone",
      "call.answered id=c6 targetid=c1",
      "call.answered handled id=c1 targetid=c6 queuetime=0",
      "chan.disconnected id=tone",
      "chan.hangup id=c0",
      "chan.notify id=c0 targetid=app event=hangup queue=desk position=0 caller=200 callername=Ann",
      "chan.notify targetid=app event=destroyed queue=desk",
    ],
  },
  "a queue that is not there is no route, nor a closed one": {
    acts: [
      ["call", "queue/nowhere"],
      ["call", "queue/closed"],
      ["call", "queue/"],
      ["call", "queue/a/b"],
      ["call", "pickup/nowhere"],
    ],
    outcomes: [
      "false error=noroute reason=Queue does not exist",
      "false error=noroute reason=Queue does not exist",
      "false",
      "false",
      "false error=nocall",
    ],
    told: [0, 1, 2, 3, 4].map((n) => `chan.hangup id=c${n}`),
  },
  "an answer from outside, or a failed operator of a queue of one attempt, ends the waiting": {
    acts: [
      ["call", "queue/single"],
      ["call", "queue/single"],
      ["call.answered", { id: "x/1", targetid: "c0", reason: "queued" }],
      ["call.answered", { id: "x/1", targetid: "c0" }],
      ["chan.hangup", { id: "x/2", queue: "single", notify: "c1" }],
    ],
    outcomes: [
      "true peerid=tone",
      "true peerid=tone",
      "false targetid=c0 reason=queued",
      "false targetid=c0",
      "false",
    ],
    told: [
      "lobby queue=single source=tone/ring position=0",
      "lobby queue=single source=tone/ring position=1",
      "chan.notify targetid=app event=created queue=single",
      "chan.notify id=c0 targetid=app event=queued queue=single position=0 called=100",
      "chan.notify id=c1 targetid=app event=queued queue=single position=1 called=100",
      "call.answered id=x/1 targetid=c0 reason=queued",
      "call.answered id=x/1 targetid=c0",
      "call.update id=c0 queuetime=0",
      "chan.notify id=c0 targetid=app event=answered queue=single position=0 called=100",
      "chan.hangup id=x/2 queue=single",
      "chan.notify id=c1 targetid=app event=noanswer queue=single position=0 called=100",
      "chan.notify targetid=app event=destroyed queue=single",
      "chan.disconnected id=tone reason=noanswer",
      "chan.hangup id=c1",
    ],
  },
  "call.drop of a queue drops its first call, a given one, or all": {
    acts: [
      ["call", "queue/desk"],
      ["call", "queue/desk"],
      ["call", "queue/desk"],
      ["call.drop", { id: "desk/c1", reason: "one" }],
      ["call.drop", { id: "desk/dumb/999999", reason: "none" }],
      ["call.drop", { id: "desk", reason: "first" }],
      ["call.drop", { id: "desk/*", reason: "all" }],
      ["call.drop", { id: "desk", reason: "none" }],
    ],
    outcomes: [
      "true peerid=tone",
      "true peerid=tone",
      "true peerid=tone",
      "true reason=one",
      "false reason=none",
      "true reason=first",
      "true reason=all",
      "false reason=none",
    ],
    told: [
      ...[0, 1, 2].flatMap((n) => [
        `lobby queue=desk greeting=wave/play/sounds/welcome source=tone/dial position=${n}`,
        `chan.notify id=c${n} targetid=app event=queued queue=desk position=${n} caller=dumb/caller`,
        `chan.hangup id=c${n}`,
      ]),
      ...["one", "first", "all"].map((reason) => `chan.disconnected id=tone reason=${reason}`),
      "chan.notify targetid=app event=created queue=desk",
      "chan.notify id=c1 targetid=app event=hangup queue=desk position=1 caller=dumb/caller",
      "chan.notify id=c2 targetid=app event=position queue=desk position=1 caller=dumb/caller",
      "chan.notify id=c0 targetid=app event=hangup queue=desk position=0 caller=dumb/caller",
      "chan.notify id=c2 targetid=app event=position queue=desk position=0 caller=dumb/caller",
      "chan.notify id=c2 targetid=app event=hangup queue=desk position=0 caller=dumb/caller",
      "chan.notify targetid=app event=destroyed queue=desk",
    ],
  },
};

const told = [
  "chan.startup",
  "chan.hangup",
  "chan.disconnected",
  "chan.notify",
  "call.ringing",
  "call.answered",
  "call.update",
];

/** What is looked at in a message that is told, and in the answer to an act. */
const toldParams = [
  ...["id", "targetid", "peerid", "reason", "event", "queue", "greeting", "source", "position"],
  ...["caller", "callername", "called", "queuetime", "status", "driver", "cdrwrite"],
];
const answerParams = ["peerid", "targetid", "error", "reason"];

/** The number of the last channel made by `dumb/`. */
async function lastNumber(yate: Yate): Promise<number> {
  const { retvalue } = await yate.msg("engine.status", { module: "dumb" }).dispatch();
  return Number(/total=(\d+)/.exec(retvalue)?.[1]);
}

async function play(yate: Yate, { acts, told: expected }: Story): Promise<[string[], string[]]> {
  const base = (await lastNumber(yate)) + 1;
  const named = (text: string): string =>
    text
      .replace(/dumb\/(\d+)/g, (id, n) => (Number(n) >= 999_999 ? id : `c${Number(n) - base}`))
      .replace(/tone\/\d+/g, "tone")
      .trimEnd()
      .replace(/(\r\n)+/g, "|");
  const real = (text: string): string => text.replace(/\bc(\d+)$/, (_, n) => `dumb/${base + Number(n)}`);
  const view = (params: ReadonlyMap<string, string>, names: readonly string[]): string =>
    names.map((name) => (params.get(name) ? ` ${name}=${named(params.get(name) ?? "")}` : "")).join("");

  const lines: string[] = [];
  for (const name of told) {
    const watching = yate.watches(name);
    const follow = async (): Promise<void> => {
      for await (const { handled, params } of watching) {
        if (name === "chan.startup" && params.get("driver") !== "park") continue;
        // Of all others nothing depends on whether somebody took them.
        const taken = handled && (name === "call.ringing" || name === "call.answered") ? " handled" : "";
        const names = toldParams.filter((each) => each !== "status" || name === "chan.startup");
        lines.push(`${name}${taken}${view(new Map(params), own(name, params.get("driver"), names))}`);
      }
    };
    follow().catch(() => {});
  }
  // The target that waiting calls are sent to, as an app: it lets them hear what the queue says.
  yate.handle("call.execute", { priority: 60, filter: { callto: "lobby" } }, (message) => {
    lines.push(`lobby${view(new Map(message.params), ["queue", "greeting", "source", "position"])}`);
    message.params.set("callto", message.params.get("source") ?? "");
    return false;
  });
  await yate.setlocal("engine.version");

  const outcomes: string[] = [];
  for (const [what, first, more = {}] of acts) {
    const given = typeof first === "string" ? more : first;
    const params = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, real(value)]));
    const message =
      typeof first === "string"
        ? yate.msg("call.execute", {
            callto: "dumb/caller",
            target: "100",
            direct: real(first),
            copyparams: Object.keys(params).join(","),
            ...params,
          })
        : yate.msg(what, params);
    const { handled, retvalue, params: answer } = await message.dispatch();
    const value = retvalue ? ` retvalue=${named(retvalue).replace(/\(\d\/\d\)/g, "(0/0)")}` : "";
    // What the act has put in the engine's queue is over before the next one.
    await lastNumber(yate);
    outcomes.push(`${handled}${view(new Map(answer), answerParams)}${value}`);
  }
  for (let i = 0; i < 200 && lines.length < expected.length; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const said = [...lines];
  for (let n = base; n <= (await lastNumber(yate)); n++)
    await yate.msg("call.drop", { id: `dumb/${n}` }).dispatch();
  return [outcomes, said];
}

/** Channels tell much more than this is about. */
function own(name: string, driver: string | undefined, names: readonly string[]): readonly string[] {
  const brief = driver === undefined && name !== "chan.notify";
  return brief
    ? names.filter((each) => ["id", "targetid", "peerid", "reason", "queue", "queuetime"].includes(each))
    : names;
}

function check(connection: () => Promise<Yate>): void {
  for (const [promise, story] of Object.entries(stories)) {
    it(promise, async () => {
      const yate = await connection();
      await yate.setlocal("selfwatch", "true");
      try {
        const [outcomes, said] = await play(yate, story);
        assert.deepEqual(outcomes, story.outcomes);
        // The engines may tell what happened at one time in different orders.
        assert.deepEqual(said.sort(), [...story.told].sort());
      } finally {
        yate.abort();
      }
    });
  }
}

describe("parked and queued calls on the embedded engine", () => {
  let engine: EmbeddedEngine;
  before(async () => {
    engine = await createEngine({ config: { queues: parseConfig(queuesConf, "queues.conf") } });
  });
  after(() => engine.stop());
  check(async () => engine.connect());
});

describe("the same parked and queued calls on a real YATE", { skip: whyNoYate() ?? false }, () => {
  let real: RunningYate;
  before(async () => {
    real = await startYate({
      modules: ["extmodule", "dumbchan", "tonegen", "pbx", "park", "queues"],
      config: { "queues.conf": queuesConf.trim().split("\n") },
    });
  });
  after(() => real?.stop());
  check(() => connect(real.tcp));
});
