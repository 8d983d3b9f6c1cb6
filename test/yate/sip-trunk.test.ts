/** A real YATE as the other end of a SIP trunk: every test is played both ways. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Params, ParamValue, Yate } from "yayts";
import { connect } from "yayts/client";
import { compareSound, join as joinSounds, pause, speech } from "../sip/hear.ts";
import { createRawPhone, phoneSdp, textOf } from "../sip/raw-phone.ts";
import { startSipEngine } from "../sip/sip-engine.ts";
import { Watched } from "../sip/watching.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

/** One end of the trunk. */
interface Side {
  readonly ours: boolean;
  readonly yate: Yate;
  readonly watched: Watched;
  readonly port: number;
}

/** Ids of the two channels that a call has on each side: the one that plays the person, and the one of the trunk. */
interface Call {
  readonly near: { readonly person: string; readonly trunk: string };
  readonly far: { readonly person: string; readonly trunk: string };
}

const watchedNames = [
  "call.answered",
  "call.execute",
  "call.preroute",
  "call.progress",
  "call.ringing",
  "chan.disconnected",
  "chan.dtmf",
  "chan.hangup",
  "user.notify",
];

const users = ["[100]", "password=secret", "[200]", "password=other"];
const skip = whyNoYate();

describe("a trunk between the embedded engine and a real YATE", { skip, timeout: 120_000 }, () => {
  const sides: Side[] = [];
  const ends: (() => PromiseLike<unknown>)[] = [];
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "yayts-trunk-"));
    const engine = await startSipEngine({ regfile: `${users.join("\n")}\n` });
    const account = ["[provider]", "protocol=sip", "username=200", "password=other", "domain=127.0.0.1"];
    const yate = await startYate({
      sip: true,
      routes: [],
      config: {
        "regfile.conf": users,
        "accfile.conf": [...account, `registrar=127.0.0.1:${engine.sipPort}`, "enabled=yes"],
      },
    });
    ends.push(
      () => engine[Symbol.asyncDispose](),
      () => yate.stop(),
      () => rm(folder, { recursive: true, force: true }),
    );
    const side = async (ours: boolean, address: string, port: number): Promise<Side> => {
      const connection = await connect(address);
      const watched = new Watched(connection, watchedNames);
      await connection.setlocal("engine.version");
      return { ours, yate: connection, watched, port };
    };
    sides.push(await side(true, `tcp://${engine.apps}`, engine.sipPort));
    sides.push(await side(false, yate.tcp, yate.sipPort));
  });
  after(async () => {
    for (const { yate } of sides) yate.abort();
    for (const end of ends) await end();
  });

  let numbers = 5000;

  /** The handlers that were asked for are in their places. */
  const settled = (side: Side): Promise<unknown> => side.yate.setlocal("engine.version");

  /** Routes a number of its own at that side. */
  async function routed(side: Side, decide: (params: Params) => string): Promise<string> {
    const number = String(++numbers);
    side.yate.handle("call.route", { filter: { called: number }, priority: 50 }, (message) => {
      return decide(message.params);
    });
    await settled(side);
    return number;
  }

  async function call(near: Side, far: Side, called: string, more: Record<string, ParamValue> = {}) {
    const result = await near.yate
      .msg("call.execute", {
        callto: "dumb/near",
        target: called,
        caller: "bob",
        callername: "Bob B.",
        autoring: false,
        direct: `sip/sip:${called}@127.0.0.1:${far.port}`,
        copyparams: "autoring,line",
        ...more,
      })
      .dispatch();
    assert.equal(result.handled, true, result.get("reason"));
    return { person: result.get("id") ?? "", trunk: result.get("peerid") ?? "" };
  }

  /** A call to somebody who does not answer yet. */
  async function ringing(near: Side, far: Side, more: Record<string, ParamValue> = {}): Promise<Call> {
    const called = await routed(far, (params) => {
      params.set("autoring", "false");
      return "dumb/far";
    });
    const ids = await call(near, far, called, more);
    const { params } = await far.watched.take("call.execute", { called, callto: "dumb/far" });
    return {
      near: ids,
      far: { person: params.get("targetid") ?? "", trunk: params.get("id") ?? "" },
    };
  }

  async function answered(near: Side, far: Side, more: Record<string, ParamValue> = {}): Promise<Call> {
    const ids = await ringing(near, far, more);
    const { person: id, trunk: targetid } = ids.far;
    await far.yate.msg("call.answered", { id, targetid }).dispatch();
    await near.watched.take("call.answered", { id: ids.near.trunk });
    // The ACK is on its way; sound flows after it.
    await delay(200);
    return ids;
  }

  async function attach(side: Side, id: string, params: Record<string, ParamValue>): Promise<void> {
    // What a tone or a file takes is answered with false all the same.
    await side.yate.msg("chan.masquerade", { message: "chan.attach", id, ...params }).dispatch();
  }

  async function hangUp(side: Side, id: string, reason?: string): Promise<void> {
    await side.yate.msg("call.drop", { id, ...(reason === undefined ? {} : { reason }) }).dispatch();
  }

  async function samples(file: string): Promise<Int16Array> {
    const bytes = await readFile(join(folder, file));
    return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1).slice();
  }

  async function said(file: string, ...names: string[]): Promise<Int16Array> {
    const sound = joinSounds(pause(300), await speech(...names));
    await writeFile(join(folder, file), new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength));
    return sound;
  }

  function bothWays(body: (near: () => Side, far: () => Side) => void): void {
    const at = (index: number) => (): Side => {
      const side = sides[index];
      assert.ok(side);
      return side;
    };
    describe("from the embedded engine to YATE", () => body(at(0), at(1)));
    describe("from YATE to the embedded engine", () => body(at(1), at(0)));
  }

  it("an account in YATE's accfile registers with us, and is called", async () => {
    const [ours, yate] = sides;
    assert.ok(ours && yate);
    const until = Date.now() + 5000;
    const found = async (): Promise<boolean> =>
      (await ours.yate.msg("call.route", { called: "200" }).dispatch()).handled;
    while (!(await found())) {
      assert.ok(Date.now() < until, "YATE has not registered");
      await delay(50);
    }
    yate.yate.handle("call.route", { filter: { in_line: "provider" }, priority: 50 }, () => "dumb/mine");
    await settled(yate);
    const out = await ours.yate
      .msg("call.execute", { callto: "dumb/x", target: "200", caller: "alice", autoring: false })
      .dispatch();
    assert.equal(out.handled, true, out.get("reason"));
    const { params } = await yate.watched.take("call.execute", { callto: "dumb/mine" });
    assert.equal(params.get("caller"), "alice");
    await hangUp(ours, out.get("id") ?? "");
    await yate.watched.take("chan.hangup", { id: params.get("id") });
  });

  bothWays((near, far) => {
    it("tells the far side who calls, and rings, progresses and answers back", async () => {
      const ids = await ringing(near(), far());
      const { params } = await far().watched.take("call.preroute", { id: ids.far.trunk });
      assert.equal(params.get("caller"), "bob");
      assert.equal(params.get("callername"), "Bob B.");
      assert.equal(params.get("media"), "yes");
      const { person: id, trunk: targetid } = ids.far;
      await far().yate.msg("call.ringing", { id, targetid }).dispatch();
      const rings = await near().watched.take("call.ringing", { id: ids.near.trunk });
      assert.equal(rings.params.get("status"), "ringing");
      assert.equal(rings.params.get("earlymedia"), "false");
      await far().yate.msg("call.answered", { id, targetid }).dispatch();
      const taken = await near().watched.take("call.answered", { id: ids.near.trunk });
      assert.equal(taken.params.get("answered"), "true");
      assert.match(taken.params.get("formats") ?? "", /^mulaw,alaw/);
      await hangUp(near(), ids.near.person);
      await far().watched.take("chan.hangup", { id: ids.far.trunk });
    });

    it("carries speech both ways", async () => {
      const ids = await answered(near(), far());
      const [here, there] = [await said("here.slin", "en/welcome"), await said("there.slin", "en/welcome")];
      const lengthMs = Math.max(here.length, there.length) / 8;
      await attach(near(), ids.near.person, { consumer: `wave/record/${join(folder, "heard-here.slin")}` });
      await attach(far(), ids.far.person, { consumer: `wave/record/${join(folder, "heard-there.slin")}` });
      await attach(near(), ids.near.person, { source: `wave/play/${join(folder, "here.slin")}` });
      await attach(far(), ids.far.person, { source: `wave/play/${join(folder, "there.slin")}` });
      await delay(lengthMs + 700);
      await hangUp(near(), ids.near.person);
      await far().watched.take("chan.hangup", { id: ids.far.person });
      for (const [spoken, file] of [
        [there, "heard-here.slin"],
        [here, "heard-there.slin"],
      ] as const) {
        const { score, gapMs } = compareSound(spoken, await samples(file));
        assert.ok(score >= 0.95, `${file}: ${score}`);
        assert.ok(gapMs <= 40, `${file}: ${gapMs} ms without sound`);
      }
    });

    it("carries early media before anybody answers", async () => {
      const ids = await ringing(near(), far());
      const spoken = await said("early.slin", "en/welcome");
      const { person: id, trunk: targetid } = ids.far;
      await far().yate.msg("call.progress", { id, targetid, earlymedia: true }).dispatch();
      const early = await near().watched.take("call.progress", { id: ids.near.trunk });
      assert.equal(early.params.get("earlymedia"), undefined);
      await attach(near(), ids.near.person, { consumer: `wave/record/${join(folder, "heard-early.slin")}` });
      await attach(far(), id, { source: `wave/play/${join(folder, "early.slin")}` });
      await delay(spoken.length / 8 + 700);
      await hangUp(near(), ids.near.person);
      await far().watched.take("chan.hangup", { id: ids.far.trunk });
      const { score } = compareSound(spoken, await samples("heard-early.slin"));
      assert.ok(score >= 0.95, String(score));
    });

    for (const [methods, detected] of [
      ["rfc2833", "rfc2833"],
      ["info", "sip-info"],
    ] as const) {
      it(`carries each key once both ways by ${methods}`, async () => {
        const ids = await answered(near(), far());
        // YATE sends events in the place of sound, so there must be some.
        await attach(near(), ids.near.person, { source: "tone/dial" });
        await attach(far(), ids.far.person, { source: "tone/dial" });
        await delay(300);
        const press = async (from: Side, to: Side, at: Call["near"], id: string): Promise<void> => {
          const heard: (string | undefined)[] = [];
          for (const text of ["1", "*", "#", "9"]) {
            const { person, trunk: targetid } = at;
            await from.yate.msg("chan.dtmf", { id: person, targetid, text, methods }).dispatch();
            const { params } = await to.watched.take("chan.dtmf", { id, detected });
            heard.push(params.get("text"));
            await delay(300);
          }
          assert.deepEqual(heard, ["1", "*", "#", "9"]);
          const all = to.watched.all.filter(
            ({ name, params }) => name === "chan.dtmf" && params.get("id") === id,
          );
          assert.equal(all.length, 4);
        };
        await press(near(), far(), ids.near, ids.far.trunk);
        await press(far(), near(), ids.far, ids.near.trunk);
        await hangUp(near(), ids.near.person);
        await far().watched.take("chan.hangup", { id: ids.far.trunk });
      });
    }

    for (const [error, reason, status] of [
      ["busy", "busy", "486"],
      ["noroute", "noroute", "404"],
      ["noanswer", "noanswer", "480"],
      ["rejected", "rejected", "406"],
      ["forbidden", "forbidden", "403"],
      ["congestion", "noanswer", "480"],
      ["offline", "noroute", "404"],
      ["failure", "failure", "500"],
      ["noconn", "noconn", "503"],
      ["unallocated", "unallocated", "410"],
    ] as const) {
      it(`tells ${reason} of a call that is refused with ${error}`, async () => {
        const called = await routed(far(), (params) => {
          params.set("error", error);
          return "-";
        });
        const { person } = await call(near(), far(), called);
        const { params } = await near().watched.take("chan.disconnected", { id: person });
        assert.equal(params.get("reason"), reason);
        assert.equal(params.get("cause_sip"), status);
      });
    }

    for (const [reason, heard] of [
      ["busy", "Busy Here"],
      ["enough said", "enough said"],
      [undefined, undefined],
    ] as const) {
      it(`tells ${heard ?? "no reason"} when either person hangs up with ${reason ?? "none"}`, async () => {
        for (const nearFirst of [true, false]) {
          const ids = await answered(near(), far());
          const [from, to] = nearFirst ? [near(), far()] : [far(), near()];
          const [mine, theirs] = nearFirst ? [ids.near, ids.far] : [ids.far, ids.near];
          await hangUp(from, mine.person, reason);
          const gone = await to.watched.take("chan.hangup", { id: theirs.trunk });
          assert.equal(gone.params.get("reason"), heard);
          const left = await to.watched.take("chan.disconnected", { id: theirs.person });
          assert.equal(left.params.get("reason"), heard);
          assert.match(left.params.get("rtp_stats") ?? "", /^PS=\d+,/);
        }
      });
    }

    it("cancels a call that nobody has answered", async () => {
      const ids = await ringing(near(), far());
      await hangUp(near(), ids.near.person);
      const { params } = await far().watched.take("chan.disconnected", { id: ids.far.person });
      assert.equal(params.get("reason"), "Cancelled");
      const gone = await far().watched.take("chan.hangup", { id: ids.far.trunk });
      assert.equal(gone.params.get("reason"), "Request Terminated");
    });

    it("tells where a call is redirected to", async () => {
      const called = await routed(far(), (params) => {
        params.set("redirect", "true").set("calledname", "Elsewhere");
        return "sip/sip:777@example.org";
      });
      const { person } = await call(near(), far(), called);
      const { params } = await near().watched.take("chan.disconnected", { id: person });
      assert.equal(params.get("redirect"), "true");
      assert.equal(params.get("called"), "777");
      assert.equal(params.get("calledname"), "Elsewhere");
      assert.equal(params.get("calleduri"), "sip:777@example.org");
      assert.equal(params.get("cause_sip"), "302");
    });

    it("takes a phone's call over the trunk, and sends its far end elsewhere by REFER", async () => {
      await using phone = await createRawPhone(near().port);
      const first = await routed(far(), () => "dumb/first");
      const second = await routed(far(), () => "dumb/second");
      const over = (called: string): Promise<string> =>
        routed(near(), () => `sip/sip:${called}@127.0.0.1:${far().port}`);
      const [dialled, wanted] = [await over(first), await over(second)];
      const talk = phone.call(dialled, { body: phoneSdp(4000) });
      await far().watched.take("call.execute", { called: first, callto: "dumb/first" });
      const taken = far().watched.all.findLast(
        (m) => m.name === "call.execute" && m.params.get("called") === first,
      );
      const [id, targetid] = [taken?.params.get("targetid") ?? "", taken?.params.get("id") ?? ""];
      await far().yate.msg("call.answered", { id, targetid }).dispatch();
      await talk.response(200);
      await delay(200);
      const refer = await talk.session.request("REFER", {
        headers: [["Refer-To", `<sip:${wanted}@127.0.0.1>`]],
      });
      assert.equal(refer.status, 202);
      // A YATE that has said BYE by then may have its NOTIFY refused.
      if (near().ours) assert.match(textOf(await talk.request("NOTIFY")), /^SIP\/2\.0 200 /);
      assert.equal((await talk.end()).kind, "bye");
      const { params } = await far().watched.take("call.execute", { called: second, callto: "dumb/second" });
      const other = params.get("targetid") ?? "";
      await far()
        .yate.msg("call.answered", { id: other, targetid: params.get("id") })
        .dispatch();
      await delay(300);
      await hangUp(far(), other, "over");
      const gone = await far().watched.take("chan.disconnected", { id });
      assert.equal(gone.params.get("reason"), "over");
    });

    it("registers as a user of the other, calls through its line, and is called on it", async () => {
      const line = `line${near().port}`;
      const login = {
        account: line,
        protocol: "sip",
        username: "100",
        password: "secret",
        domain: "127.0.0.1",
      };
      const taken = await near()
        .yate.msg("user.login", { ...login, registrar: `127.0.0.1:${far().port}` })
        .dispatch();
      assert.equal(taken.handled, true);
      const { params } = await near().watched.take("user.notify", { account: line });
      assert.equal(params.get("registered"), "true");

      const called = await routed(far(), (message) => {
        if (message.get("username") === "100") return "dumb/known";
        message.set("error", "noauth");
        return "-";
      });
      const out = await call(near(), far(), called, {
        line,
        direct: `sip/sip:${called}@127.0.0.1:${far().port}`,
      });
      const known = await far().watched.take("call.execute", { called, callto: "dumb/known" });
      assert.equal(known.params.get("username"), "100");
      await hangUp(near(), out.person);
      await far().watched.take("chan.hangup", { id: known.params.get("id") });

      near().yate.handle("call.route", { filter: { in_line: line }, priority: 50 }, () => "dumb/mine");
      await settled(near());
      const back = await far()
        .yate.msg("call.execute", { callto: "dumb/x", target: "100", caller: "alice", autoring: false })
        .dispatch();
      assert.equal(back.handled, true, back.get("reason"));
      const mine = await near().watched.take("call.execute", { callto: "dumb/mine" });
      assert.equal(mine.params.get("in_line"), line);
      assert.equal(mine.params.get("caller"), "alice");
      await hangUp(far(), back.get("id") ?? "");

      await near().yate.msg("user.login", { account: line, protocol: "sip", operation: "logout" }).dispatch();
      const gone = await near().watched.take("user.notify", { account: line });
      assert.equal(gone.params.get("registered"), "false");
      await delay(300);
      const later = await far().yate.msg("call.route", { called: "100" }).dispatch();
      assert.equal(later.get("error"), "offline");
    });

    it("learns that a registration with a wrong password is refused", async () => {
      const account = `bad${near().port}`;
      const login = { account, protocol: "sip", username: "100", password: "wrong", domain: "127.0.0.1" };
      await near()
        .yate.msg("user.login", { ...login, registrar: `127.0.0.1:${far().port}` })
        .dispatch();
      const { params } = await near().watched.take("user.notify", { account });
      assert.equal(params.get("registered"), "false");
      await near().yate.msg("user.login", { account, protocol: "sip", operation: "delete" }).dispatch();
    });
  });
});
