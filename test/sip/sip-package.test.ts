import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Yate } from "yayts";
import { installPhone, placeCaller } from "yayts/testing";
import { type SipEngine, startSipEngine } from "./sip-engine.ts";
import { type PackageDialog, type PackageMessage, startSipPeer, withDescription } from "./sip-package.ts";

const { content } = withDescription;
const regfile = "[100]\npassword=secret\n\n[200]\npassword=other\n";

/** A call of the peer to a number, answered and acknowledged. */
async function callOf(
  peer: Awaited<ReturnType<typeof startSipPeer>>,
  engine: SipEngine,
  number: string,
): Promise<PackageDialog> {
  const ok = await peer.request("INVITE", `sip:${number}@${engine.sip}`, { user: "100", content });
  assert.equal(ok.status, 200);
  return peer.acknowledge(ok);
}

const registered = (yate: Yate, username: string) => yate.onwatch("user.register", { username });

describe("the package sip 0.0.6 as a phone", { concurrency: 2 }, () => {
  it("registers with digest, but not with a wrong password, and unregisters", async () => {
    await using engine = await startSipEngine({ regfile });
    using peer = await startSipPeer();
    const { yate } = engine.embedded;
    const uri = `sip:${engine.sip}`;
    const wrong = await peer.request("REGISTER", uri, { user: "100", password: "secrer" });
    assert.equal(wrong.status, 401);
    const register = registered(yate, "100");
    const ok = await peer.request("REGISTER", uri, {
      user: "100",
      password: "secret",
      headers: { expires: 120 },
    });
    assert.equal(ok.status, 200);
    assert.equal((await register).get("data"), `sip/sip:100@127.0.0.1:${peer.port}`);
    const [binding] = ok.headers.contact ?? [];
    assert.equal(binding?.uri, `sip:100@127.0.0.1:${peer.port}`);
    assert.equal(Number(binding?.params.expires), 120);
    const gone = await peer.request("REGISTER", uri, {
      user: "100",
      password: "secret",
      headers: { expires: 0 },
    });
    assert.equal(gone.status, 200);
    assert.equal(gone.headers.contact?.length ?? 0, 0);
  });

  it("calls a number that rings and answers, and hangs up", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const phone = await installPhone(engine.embedded.connect(), "500");
    const early: (number | undefined)[] = [];
    const asked = peer.request("INVITE", `sip:500@${engine.sip}`, {
      user: "100",
      content,
      early: ({ status }) => early.push(status),
    });
    const call = await phone.ring();
    assert.equal(call.caller, "100");
    call.answer();
    const ok = await asked;
    assert.equal(ok.status, 200);
    assert.ok(early.includes(100), `${early}`);
    assert.match(ok.content ?? "", /m=audio \d+ RTP\/AVP 8 101\r\n/);
    const dialog = peer.acknowledge(ok);
    assert.equal((await peer.inDialog(dialog, "BYE")).status, 200);
    await call.ended;
    assert.equal((await peer.inDialog(dialog, "BYE")).status, 481);
  });

  it("is hung up on by the engine", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const phone = await installPhone(engine.embedded.connect(), "500");
    const calling = callOf(peer, engine, "500");
    const call = await phone.ring();
    call.answer();
    const dialog = await calling;
    const [, bye] = await Promise.all([
      call.hangup("enough"),
      peer.take("BYE").then((request) => {
        peer.respond(request, 200);
        return request;
      }),
    ]);
    assert.equal(bye.headers["call-id"], dialog.callId);
    assert.equal(bye.headers.from.params.tag, dialog.remote.params.tag);
    assert.equal(bye.headers.to.params.tag, dialog.local.params.tag);
  });

  it("cancels a call that rings", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const phone = await installPhone(engine.embedded.connect(), "500");
    const asked = peer.request("INVITE", `sip:500@${engine.sip}`, { user: "100", content });
    const call = await phone.ring();
    assert.ok(peer.lastInvite);
    assert.equal((await peer.cancel(peer.lastInvite)).status, 200);
    assert.equal((await asked).status, 487);
    assert.equal((await call.ended).reason, "Cancelled");
  });

  it("is told busy", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const phone = await installPhone(engine.embedded.connect(), "500");
    const asked = peer.request("INVITE", `sip:500@${engine.sip}`, { user: "100", content });
    await (await phone.ring()).reject("busy");
    assert.equal((await asked).status, 486);
  });

  it("meets the challenge of a call, and that of its end", async () => {
    await using engine = await startSipEngine({ regfile });
    using peer = await startSipPeer();
    const { yate } = engine.embedded;
    const asked: (string | undefined)[] = [];
    const route = yate.handle("call.route", { priority: 10, filter: { called: "500" } }, (message) => {
      asked.push(message.get("username"));
      if (message.get("username") === "100") return "tone/dial";
      message.set("error", "noauth");
      return "-";
    });
    await route.ready;
    const options = { user: "100", content };
    const wrong = await peer.request("INVITE", `sip:500@${engine.sip}`, { ...options, password: "nope" });
    assert.equal(wrong.status, 401);
    const ok = await peer.request("INVITE", `sip:500@${engine.sip}`, { ...options, password: "secret" });
    assert.equal(ok.status, 200);
    assert.equal(asked.at(-1), "100");
    const dialog = peer.acknowledge(ok);
    // Who was asked for a password when calling is asked again: nobody else ends the call.
    assert.equal((await peer.inDialog(dialog, "BYE")).status, 401);
    const credentials = { user: "100", password: "secret" };
    assert.equal((await peer.inDialog(dialog, "BYE", {}, credentials)).status, 200);
  });

  for (const who of ["the engine", "the phone"]) {
    it(`is called by its number, answers, and ${who} hangs up`, async () => {
      await using engine = await startSipEngine({ regfile });
      using peer = await startSipPeer();
      const uri = `sip:${engine.sip}`;
      await peer.request("REGISTER", uri, { user: "100", password: "secret", headers: { expires: 120 } });
      const calling = placeCaller(engine.embedded.connect(), "100", { caller: "500" });
      const invite = await peer.take("INVITE");
      assert.equal(invite.headers.from.uri.replace(/@.*/, ""), "sip:500");
      peer.respond(invite, 180);
      await using caller = await calling;
      peer.respond(invite, 200, {}, content);
      await caller.answered;
      const dialog = peer.dialogOf(invite);
      if (who === "the phone") {
        assert.equal((await peer.inDialog(dialog, "BYE")).status, 200);
        await caller.ended;
      } else {
        const ending = caller.hangup();
        peer.respond(await peer.take("BYE"), 200);
        await ending;
      }
      assert.ok(peer.acks.has(dialog.callId));
      assert.ok(caller.transcript.some(({ kind }) => kind === "ringing"));
    });
  }

  it("is no longer called when its caller gives up, and says busy to another", async () => {
    await using engine = await startSipEngine({ regfile });
    using peer = await startSipPeer();
    const uri = `sip:${engine.sip}`;
    await peer.request("REGISTER", uri, { user: "100", password: "secret", headers: { expires: 120 } });
    const callers = engine.embedded.connect();
    const calling = placeCaller(callers, "100");
    const invite = await peer.take("INVITE");
    peer.respond(invite, 180);
    const caller = await calling;
    const ending = caller.hangup();
    const cancel = await peer.take("CANCEL");
    assert.deepEqual(cancel.headers.cseq, { seq: invite.headers.cseq.seq, method: "CANCEL" });
    peer.respond(cancel, 200);
    peer.respond(invite, 487);
    await ending;

    const again = placeCaller(callers, "100");
    peer.respond(await peer.take("INVITE"), 486);
    await using refused = await again;
    assert.equal((await refused.ended).reason, "busy");
  });

  it("sends its caller elsewhere by REFER, and is told how that went", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const app = engine.embedded.connect();
    const [first, second] = [await installPhone(app, "500"), await installPhone(app, "600")];
    const calling = callOf(peer, engine, "500");
    const call = await first.ring();
    call.answer();
    const dialog = await calling;
    const referring = peer.inDialog(dialog, "REFER", { "refer-to": `<sip:600@${engine.sip}>` });
    const arrived = await second.ring();
    assert.equal((await referring).status, 202);
    const notify = await peer.take("NOTIFY");
    peer.respond(notify, 200);
    assert.match(notify.content ?? "", /^SIP\/2\.0 200 /);
    assert.match(String(notify.headers["subscription-state"]), /^terminated/);
    const bye: PackageMessage = await peer.take("BYE");
    peer.respond(bye, 200);
    assert.equal(arrived.callerid, call.id);
    arrived.answer();
    await arrived.hangup();
    await call.ended;
  });

  it("connects the parties of its two calls by REFER with Replaces", async () => {
    await using engine = await startSipEngine();
    using peer = await startSipPeer();
    const app = engine.embedded.connect();
    const [first, second] = [await installPhone(app, "500"), await installPhone(app, "600")];
    const answered = async (phone: typeof first, number: string) => {
      const calling = callOf(peer, engine, number);
      const call = await phone.ring();
      call.answer();
      return { call, dialog: await calling };
    };
    const one = await answered(first, "500");
    const two = await answered(second, "600");
    const replaces = [
      two.dialog.callId,
      `to-tag=${two.dialog.remote.params.tag}`,
      `from-tag=${two.dialog.local.params.tag}`,
    ].join(";");
    const target = `<sip:600@${engine.sip}?Replaces=${encodeURIComponent(replaces)}>`;
    const joined = app.onwatch("chan.connected", { id: one.call.id, peerid: two.call.id });
    assert.equal((await peer.inDialog(one.dialog, "REFER", { "refer-to": target })).status, 202);
    await joined;
    const notify = await peer.take("NOTIFY");
    peer.respond(notify, 200);
    assert.match(notify.content ?? "", /^SIP\/2\.0 200 /);
    const ended = [await peer.take("BYE"), await peer.take("BYE")];
    for (const bye of ended) peer.respond(bye, 200);
    assert.deepEqual(
      new Set(ended.map((bye) => bye.headers["call-id"])),
      new Set([one.dialog.callId, two.dialog.callId]),
    );
    await one.call.hangup();
    await two.call.ended;
  });
});
