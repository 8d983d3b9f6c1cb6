import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { WatchedMessage, Yate } from "yayts";
import { freePort } from "../free-port.ts";
import { type LossyRelay, startLossyRelay } from "./lossy-relay.ts";
import { startSipEngine } from "./sip-engine.ts";
import { type PackageMessage, startSipPeer, withDescription } from "./sip-package.ts";
import { noSipp, playSipp } from "./sipp.ts";

/** Calls of each of the four kinds. */
const calls = 100;
const perSecond = 20;
const loss = 0.2;
/** The last repetitions of RFC 3261 §17 come after half a minute; the rest is for a machine that has other things to do. */
const limitSec = 100;

/** What the engine has: channels, RTP sessions, transactions. */
async function holdings(yate: Yate): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const module of ["sip", "dumb", "yrtp"]) {
    const { retvalue } = await yate.msg("engine.status", { module, details: false }).dispatch();
    for (const name of ["chans", "transactions"]) {
      const [, count] = new RegExp(`[;,]${name}=(\\d+)`).exec(retvalue) ?? [];
      if (count !== undefined) found[`${module} ${name}`] = Number(count);
    }
  }
  return found;
}

const nothing = { "sip chans": 0, "sip transactions": 0, "dumb chans": 0, "yrtp chans": 0 };

/** Waits until the engine has nothing left, as long as transactions may live (64 × T1) and some more. */
async function emptied(yate: Yate): Promise<Record<string, number>> {
  let held = await holdings(yate);
  for (let tries = 0; tries < 120 && JSON.stringify(held) !== JSON.stringify(nothing); tries++) {
    await delay(500);
    held = await holdings(yate);
  }
  return held;
}

function each(yate: Yate, name: string, tell: (message: WatchedMessage) => void): void {
  const stream = yate.watches(name, {});
  void (async () => {
    for await (const message of stream) tell(message);
  })().catch(() => {});
}

describe("20 % of the packets each way are lost", { concurrency: 2, skip: noSipp }, () => {
  const lossOf = (relay: LossyRelay): number => relay.lost / (relay.lost + relay.passed);
  const network = (enginePort: number, seed: number, peerPort: number): Promise<LossyRelay> =>
    startLossyRelay({ enginePort, peerPort, loss, seed, callOf: /loss-\d+-\w+/ });

  it("200 of 200 calls to the engine are answered and end as they should", {
    timeout: 240_000,
  }, async (t) => {
    await using engine = await startSipEngine();
    const { yate } = engine.embedded;
    const wanted = /^loss-\d+-(in|drop)$/;
    const route = yate.handle("call.route", (message) =>
      wanted.test(message.get("called") ?? "") ? "dumb/" : false,
    );
    const legs = new Map<string, string>();
    const ends: string[] = [];
    each(yate, "call.execute", (message) => {
      const called = message.get("called") ?? "";
      if (!wanted.test(called)) return;
      const [targetid = "", id = ""] = [message.get("id"), message.get("targetid")];
      legs.set(targetid, called);
      yate.msg("call.ringing", { id, targetid }).enqueue();
      yate.msg("call.answered", { id, targetid }).enqueue();
      if (called.endsWith("-drop")) setTimeout(() => yate.msg("call.drop", { id }).enqueue(), 1000);
    });
    each(yate, "chan.hangup", (message) => {
      if (legs.has(message.get("id") ?? ""))
        ends.push(`${message.get("answered")} ${message.get("reason") ?? ""}`);
    });
    await route.ready;
    const play = async (scenario: string, seed: number): Promise<number> => {
      const port = await freePort();
      await using relay = await network(engine.sipPort, seed, port);
      const { failed } = await playSipp({
        ...{ scenario, calls, perSecond, port, limitSec },
        target: `127.0.0.1:${relay.engineSide}`,
        words: { peer_side: String(relay.peerSide) },
      });
      assert.equal(failed, "", scenario);
      return lossOf(relay);
    };
    const losses = await Promise.all([play("loss-caller-hangs-up", 1), play("loss-caller-is-left", 2)]);
    t.diagnostic(`lost ${losses.map((part) => `${(part * 100).toFixed(1)} %`).join(", ")}`);
    assert.equal(legs.size, 2 * calls, "each call was routed once");
    assert.deepEqual(await emptied(yate), nothing);
    assert.equal(ends.length, 2 * calls);
    assert.deepEqual([...new Set(ends)], ["true "]);
  });

  it("200 of 200 calls of the engine are answered and end as they should", {
    timeout: 240_000,
  }, async (t) => {
    await using engine = await startSipEngine();
    const { yate } = engine.embedded;
    const answered = new Map<string, number>();
    const ends: string[] = [];
    const called = new Map<string, string>();
    each(yate, "call.answered", (message) => {
      const id = message.get("id") ?? "";
      answered.set(id, (answered.get(id) ?? 0) + 1);
      if (called.get(id) === "left") setTimeout(() => yate.msg("call.drop", { id }).enqueue(), 1000);
    });
    each(yate, "chan.hangup", (message) => {
      if (called.has(message.get("id") ?? "")) ends.push(message.get("reason") ?? "");
    });
    const callAll = async (word: string, port: number): Promise<void> => {
      for (let i = 1; i <= calls; i++) {
        const execute = await yate
          .msg("call.execute", {
            callto: "dumb/",
            target: `loss-${i}-${word}`,
            caller: "engine",
            direct: `sip/sip:loss-${i}-${word}@127.0.0.1:${port}`,
          })
          .dispatch();
        called.set(execute.get("peerid") ?? "", word);
        await delay(1000 / perSecond);
      }
    };
    /** SIPp answers at once, and hangs up. */
    const hangsUp = async (): Promise<number> => {
      const port = await freePort();
      await using relay = await network(engine.sipPort, 3, port);
      const words = { peer_side: String(relay.engineSide) };
      const scenario = "loss-callee-hangs-up";
      const playing = playSipp({ scenario, calls, perSecond, port, limitSec, words });
      await callAll("hangs", relay.peerSide);
      assert.equal((await playing).failed, "");
      return lossOf(relay);
    };
    /** The package `sip` rings first, and waits for the engine to hang up. */
    const isLeft = async (): Promise<number> => {
      const byes = new Set<string>();
      using peer = await startSipPeer({
        onRequest: (request) => (request.method === "INVITE" ? ring(request) : left(request)),
      });
      await using relay = await network(engine.sipPort, 4, peer.port);
      const contact = [{ uri: `sip:peer@127.0.0.1:${relay.engineSide}`, params: {} }];
      const left = (request: PackageMessage): void => {
        byes.add(request.headers["call-id"]);
        peer.respond(request, 200);
      };
      const ring = (invite: PackageMessage): void => {
        peer.respond(invite, 180, { contact });
        // Repeating the 200 is left to who uses the package.
        const answer = (nextMs: number): void => {
          if (peer.acks.has(invite.headers["call-id"])) return;
          peer.respond(invite, 200, { contact }, withDescription.content);
          setTimeout(answer, nextMs, Math.min(2 * nextMs, 4000));
        };
        setTimeout(answer, 700, 500);
      };
      await callAll("left", relay.peerSide);
      for (let tries = 0; tries < 2 * limitSec && byes.size < calls; tries++) await delay(500);
      assert.equal(byes.size, calls);
      // The answers to them may have been lost: the peer stays until the engine has no call any more.
      assert.deepEqual(await emptied(yate), nothing);
      return lossOf(relay);
    };
    const losses = await Promise.all([hangsUp(), isLeft()]);
    t.diagnostic(`lost ${losses.map((part) => `${(part * 100).toFixed(1)} %`).join(", ")}`);
    assert.deepEqual(await emptied(yate), nothing);
    assert.equal(called.size, 2 * calls);
    assert.equal(answered.size, 2 * calls);
    assert.deepEqual([...new Set(answered.values())], [1], "each call was answered once");
    assert.equal(ends.length, 2 * calls);
  });
});
