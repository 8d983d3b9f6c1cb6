/** The same forks on the embedded engine and on a real YATE: what is told to whom must be alike. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

/** One test: how the fork is called, what happens then, and what was told, in words of `tell`. */
interface Story {
  readonly callto: string;
  readonly more?: Readonly<Record<string, string>>;
  /** Channels in the order of their making: `0` is the caller, `1` the first target. */
  readonly acts: readonly (readonly ["ring" | "progress" | "answer" | "drop" | "key", number, string?])[];
  readonly told: readonly string[];
}

const stories: Readonly<Record<string, Story>> = {
  "the first leg that rings is heard, who answers is connected": {
    callto: "fork dumb/a dumb/b",
    acts: [
      ["ring", 1],
      ["ring", 2],
      ["answer", 2],
      ["drop", 0, "bye"],
    ],
    told: [
      "call.ringing 1 to 0 handled",
      "call.ringing 2 to leg2",
      "call.answered 2 to 0 handled",
      "chan.replaced fork newid=2 peerid=0",
      "chan.disconnected 1 pickup",
      "chan.disconnected 2 bye",
    ],
  },
  "the next group is called when one has failed, and the caller learns the last reason": {
    callto: "fork dumb/a dumb/b | dumb/c",
    acts: [
      ["drop", 1, "busy"],
      ["drop", 2, "noanswer"],
      ["drop", 3, "offline"],
    ],
    told: ["chan.disconnected 0 offline"],
  },
  "fork.stop spares the next group": {
    callto: "fork dumb/a | dumb/b",
    more: { "fork.stop": "^\\(busy\\|rejected\\)$" },
    acts: [["drop", 1, "busy"]],
    told: ["chan.disconnected 0 busy"],
  },
  "targets learn hangup when the caller goes": {
    callto: "fork dumb/a dumb/b",
    acts: [["drop", 0, "gone"]],
    told: ["chan.disconnected 1 hangup", "chan.disconnected 2 hangup"],
  },
  "a key goes to every target": {
    callto: "fork dumb/a dumb/b",
    acts: [
      ["key", 0],
      ["drop", 0],
    ],
    told: [
      "chan.dtmf 0 to fork handled",
      "chan.dtmf 0 to 1",
      "chan.dtmf 0 to 2",
      "chan.disconnected 1 hangup",
      "chan.disconnected 2 hangup",
    ],
  },
  "an answer's reason is that of the others": {
    callto: "fork nope/a dumb/a dumb/b",
    more: { "fork.autoring": "true" },
    acts: [
      ["progress", 1],
      ["answer", 1, "why"],
      ["drop", 1],
    ],
    told: [
      "call.ringing 1 to 0 handled",
      "call.progress 1 to 0",
      "call.answered 1 to 0 handled",
      "chan.replaced fork newid=1 peerid=0",
      "chan.disconnected 2 why",
      "chan.disconnected 0 ",
    ],
  },
};

const told = [
  "call.ringing",
  "call.progress",
  "call.answered",
  "chan.replaced",
  "chan.disconnected",
  "chan.dtmf",
];

async function play(yate: Yate, { callto, more = {}, acts }: Story, expected: number): Promise<string[]> {
  // Names are looked up at the end: a channel's start may be told after what it did.
  const lines: (() => string)[] = [];
  const numbers = new Set<number>();
  const nameOf = (id: string | undefined): string => {
    const [, leg] = /^fork\/\d+\/(\d+)$/.exec(id ?? "") ?? [];
    if (leg) return `leg${leg}`;
    return id?.startsWith("fork/")
      ? "fork"
      : String(Number(id?.slice("dumb/".length)) - Math.min(...numbers));
  };
  const watching = told.map(async (name) => {
    for await (const { handled, params } of yate.watches(name)) {
      const [id, peerid] = [params.get("id"), params.get("peerid")];
      lines.push(() => {
        if (name === "chan.disconnected") return `${name} ${nameOf(id)} ${params.get("reason") ?? ""}`;
        if (name === "chan.replaced")
          return `${name} ${nameOf(id)} newid=${nameOf(params.get("newid"))} peerid=${nameOf(peerid)}`;
        return `${name} ${nameOf(id)} to ${nameOf(peerid)}${handled ? " handled" : ""}`;
      });
    }
  });
  for (const each of watching) each.catch(() => {});
  const started = yate.watches("chan.startup");
  const collect = async (): Promise<void> => {
    for await (const { params } of started) numbers.add(Number(params.get("id")?.slice("dumb/".length)));
  };
  collect().catch(() => {});
  await yate.setlocal("engine.version");

  const copyparams = Object.keys(more).join(",");
  await yate
    .msg("call.execute", { callto: "dumb/c", target: "t", direct: callto, copyparams, ...more })
    .dispatch();
  const idOf = async (number: number): Promise<string> => {
    for (let i = 0; i < 200; i++) {
      const found = [...numbers].sort((a, b) => a - b)[number];
      if (found !== undefined) return `dumb/${found}`;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`there was no channel ${number}: ${lines.map((line) => line()).join("; ")}`);
  };
  for (const [act, number, reason] of acts) {
    const id = await idOf(number);
    const why = reason === undefined ? {} : { reason };
    const status = await yate.msg("engine.status", { module: id }).dispatch();
    const peerid = /peerid=([^,;]*)/.exec(status.retvalue)?.[1] ?? "";
    if (act === "drop") await yate.msg("call.drop", { id, ...why }).dispatch();
    else if (act === "key") await yate.msg("chan.dtmf", { id, peerid, text: "5" }).dispatch();
    else {
      const message = { ring: "call.ringing", progress: "call.progress", answer: "call.answered" }[act];
      await yate.msg("chan.masquerade", { id, message, ...why }).dispatch();
    }
  }
  for (let i = 0; i < 100 && lines.length < expected; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return lines.map((line) => line());
}

function check(connection: () => Promise<Yate>): void {
  for (const [promise, story] of Object.entries(stories)) {
    it(promise, async () => {
      const yate = await connection();
      await yate.setlocal("selfwatch", "true");
      try {
        // The engines may tell what happened at one time in different orders.
        assert.deepEqual((await play(yate, story, story.told.length)).sort(), [...story.told].sort());
      } finally {
        yate.abort();
      }
    });
  }
}

describe("forks on the embedded engine", () => {
  let engine: EmbeddedEngine;
  before(async () => {
    engine = await createEngine();
  });
  after(() => engine.stop());
  check(async () => engine.connect());
});

describe("the same forks on a real YATE", { skip: whyNoYate() ?? false }, () => {
  let real: RunningYate;
  before(async () => {
    real = await startYate({ modules: ["extmodule", "dumbchan", "tonegen", "callfork"] });
  });
  after(() => real?.stop());
  check(() => connect(real.tcp));
});
