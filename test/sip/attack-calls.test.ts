import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tagOf } from "../../src/sip/index.ts";
import {
  account,
  assertCalm,
  type Fortress,
  field,
  request,
  sdp,
  settle,
  startFortress,
  until,
} from "./attack-kit.ts";
import type { PhoneCall } from "./raw-phone.ts";

/** A call of the good phone that is answered, and what somebody who has listened knows of it. */
async function answered(fortress: Fortress, called = "members") {
  const call = fortress.phone.call(called, account);
  const ok = await call.response(200);
  return {
    call,
    theirs: {
      "Call-ID": call.session.callId,
      From: `<sip:100@127.0.0.1>;tag=${tagOf(ok.headers, "from")}`,
      To: `<sip:${called}@127.0.0.1>;tag=${tagOf(ok.headers, "to")}`,
      CSeq: "900 METHOD",
    },
  };
}

async function assertAlive(call: PhoneCall): Promise<void> {
  assert.equal((await call.session.request("OPTIONS")).status, 200);
  assert.equal(call.session.state, "confirmed");
}

describe("a call that strangers meddle with", () => {
  it("lives on when its Call-ID is known and its tags are not: 481", async () => {
    await using fortress = await startFortress();
    const { call, theirs } = await answered(fortress);
    const attacker = await fortress.attacker();
    const wrong = [
      { ...theirs, From: "<sip:100@127.0.0.1>;tag=guess" },
      { ...theirs, To: "<sip:members@127.0.0.1>;tag=guess" },
      { ...theirs, To: "<sip:members@127.0.0.1>" },
      { ...theirs, From: theirs.To, To: theirs.From },
      { ...theirs, "Call-ID": "guess" },
    ];
    const methods = ["BYE", "INFO", "UPDATE", "REFER", "PRACK"];
    for (const more of wrong)
      for (const method of methods)
        attacker.send(
          request(method, "sip:members@127.0.0.1", {
            ...more,
            CSeq: `9 ${method}`,
            "Refer-To": "<sip:open@127.0.0.1>",
            RAck: "1 1 INVITE",
          }),
        );
    for (const more of wrong.filter(({ To }) => /tag/.test(To)))
      attacker.send(request("INVITE", "sip:members@127.0.0.1", { ...more, CSeq: "9 INVITE" }));
    attacker.send(request("CANCEL", "sip:members@127.0.0.1", { ...theirs, CSeq: "1 CANCEL" }));
    // Without a To tag UPDATE, PRACK and BYE belong nowhere; REFER and INFO are answered as what they are outside of a call.
    await until("all are answered", () => attacker.packets.length >= wrong.length * methods.length + 5);
    assert.ok(
      attacker.packets.every((packet) => packet.startsWith("SIP/2.0 481 ")),
      attacker.packets.find((packet) => !packet.startsWith("SIP/2.0 481 ")),
    );
    await assertAlive(call);
    call.hangup();
    assertCalm(fortress, 0);
  });

  it("of an account lives on when even its tags are known: who meddles must know the password, and its way is not moved", async () => {
    await using fortress = await startFortress();
    const { call, theirs } = await answered(fortress);
    const attacker = await fortress.attacker();
    const methods = ["INFO", "REFER", "UPDATE", "INVITE", "BYE"];
    for (const [at, method] of methods.entries())
      attacker.send(
        request(method, "sip:members@127.0.0.1", {
          ...theirs,
          CSeq: `${at + 10} ${method}`,
          "Refer-To": "<sip:open@127.0.0.1>",
        }),
      );
    await until(
      "all are challenged",
      () => attacker.packets.filter((packet) => / 401 /.test(packet)).length >= methods.length,
    );
    attacker.send(request("OPTIONS", "sip:members@127.0.0.1", { ...theirs, CSeq: "20 OPTIONS" }));
    await attacker.answer(/20 OPTIONS/);
    // The engine's own BYE goes to the phone, not to who came last.
    for (const id of fortress.engine.endpoints.keys()) fortress.engine.enqueue("call.drop", { id });
    assert.equal((await call.end()).kind, "bye");
    assert.ok(!attacker.packets.some((packet) => packet.startsWith("BYE ")));
    assertCalm(fortress, 0);
  });

  it("without an account can be ended by who knows its tags, as RFC 3261 has it, and by no one else", async () => {
    await using fortress = await startFortress();
    const { theirs } = await answered(fortress, "open");
    const attacker = await fortress.attacker();
    attacker.send(request("BYE", "sip:open@127.0.0.1", { ...theirs, CSeq: "9 BYE" }));
    await attacker.answer(/^SIP\/2\.0 200 /);
    await until("it is over", () => fortress.figures.sessions === 0);
  });

  it("that rings is not cancelled by a guessed branch of another Call-ID, nor by its Call-ID with another branch", async () => {
    await using fortress = await startFortress();
    const victim = await fortress.attacker("127.0.0.2");
    const via = "SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK-1-1-0";
    victim.send(request("INVITE", "sip:ring@127.0.0.1", { Via: via, "Call-ID": "1-1@127.0.0.2" }, ""));
    await victim.answer(/ 180 /);
    const attacker = await fortress.attacker();
    attacker.send(request("CANCEL", "sip:ring@127.0.0.1", { Via: via }));
    attacker.send(
      request("CANCEL", "sip:ring@127.0.0.1", { Via: via.replace("-0", "-1"), "Call-ID": "1-1@127.0.0.2" }),
    );
    await until("both are answered", () => attacker.packets.length >= 2);
    assert.ok(attacker.packets.every((packet) => packet.startsWith("SIP/2.0 481 ")));
    assert.equal(fortress.figures.sessions, 1);
    victim.send(request("CANCEL", "sip:ring@127.0.0.1", { Via: via, "Call-ID": "1-1@127.0.0.2" }));
    await victim.answer(/ 487 /);
  });

  it("stands a storm of re-INVITEs: one at a time is served, the others are told to come later", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    const invite = request("INVITE", "sip:open@127.0.0.1", { "Content-Type": "application/sdp" }, sdp(9000));
    attacker.send(invite);
    const ok = await attacker.answer(/^SIP\/2\.0 200 /);
    const dialog = { "Call-ID": field(ok, "Call-ID"), From: field(ok, "From"), To: field(ok, "To") };
    attacker.send(request("ACK", "sip:open@127.0.0.1", { ...dialog, CSeq: "1 ACK" }));
    await attacker.flood(1000, (at) =>
      request(
        "INVITE",
        "sip:open@127.0.0.1",
        { ...dialog, CSeq: `${at + 2} INVITE`, "Content-Type": "application/sdp" },
        sdp(9000),
      ),
    );
    await fortress.call();
    const busy = attacker.packets.filter((packet) => /^SIP\/2\.0 (500|491) /.test(packet)).length;
    assert.ok(busy > 500, `${busy} told to come later`);
    await until("the good call is over", () => fortress.figures.sessions <= 1);
    attacker.send(request("BYE", "sip:open@127.0.0.1", { ...dialog, CSeq: "2000 BYE" }));
    await until("it is over", () => fortress.figures.sessions === 0);
    assertCalm(fortress, 1);
  });
});

describe("a call that a fault of the engine hits", () => {
  it("is answered 500, and told as an error; the next one is served", async () => {
    await using fortress = await startFortress();
    const { kernel } = fortress.engine;
    const { dispatch } = kernel;
    Object.assign(kernel, {
      dispatch(message: Parameters<typeof dispatch>[0]) {
        if (message.name === "user.auth" && message.get("called") === "fault") throw new Error("oops");
        return dispatch.call(kernel, message);
      },
    });
    const call = fortress.phone.call("fault");
    await call.response(500);
    assert.deepEqual(
      fortress.warnings().map(({ text }) => text),
      ["a SIP call could not be routed"],
    );
    await fortress.call();
    await until("nothing is left", () => fortress.engine.endpoints.size === 0);
  });
});

describe("a loop", () => {
  it("of a call routed to the engine itself ends with 483, and nothing is left of it", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    for (let n = 0; n < 5; n++)
      attacker.send(request("INVITE", "sip:self@127.0.0.1", { "Content-Type": "application/sdp" }, sdp(9)));
    const refused = await attacker.answer(/^SIP\/2\.0 [45]/);
    assert.match(refused, /^SIP\/2\.0 483 /);
    await until("no call is left", () => fortress.figures.sessions === 0);
    await fortress.call();
    assertCalm(fortress, 1);
  });

  it("of REFERs leads to one transfer at a time, and ends with the call", async () => {
    await using fortress = await startFortress();
    const { call } = await answered(fortress);
    const statuses: number[] = [];
    const referrals = Array.from({ length: 40 }, () =>
      call.session
        .request("REFER", {
          headers: [
            ["Refer-To", "<sip:self@127.0.0.1>"],
            ["Contact", "<sip:x@127.0.0.1>"],
          ],
        })
        .then(({ status }) => statuses.push(status)),
    );
    await Promise.all(referrals);
    assert.ok(statuses.length === 40 && statuses.every((status) => status >= 200));
    call.hangup();
    await until("no call is left", () => fortress.figures.sessions === 0);
    await fortress.call();
    assertCalm(fortress, 1);
  });
});

describe("parameters of an app", () => {
  it("with line ends in them make no header fields of their own", async () => {
    await using fortress = await startFortress();
    const evil = "x\r\nX-Evil: yes\r\n\r\nbody\nX-Evil: yes";
    const { yate } = fortress;
    const attacker = await fortress.attacker();
    const harmless = "caller,callername,calledname,diverter,divertername,divert_reason,osip_X-Good";
    for (const copyparams of [harmless, `${harmless},domain,osip_X-Evil: yes\r\nX-Evil`]) {
      const names = copyparams.split(",");
      await yate
        .msg("call.execute", {
          callto: "dumb/",
          target: "x",
          direct: `sip/sip:bob@127.0.0.66:${attacker.port}`,
          ...Object.fromEntries(names.map((name) => [name, evil])),
          copyparams,
        })
        .dispatch();
    }
    const invite = await attacker.answer(/^INVITE /);
    assert.equal(field(invite, "X-Good"), "x X-Evil: yes body X-Evil: yes");
    assert.equal(field(invite, "Content-Type"), "application/sdp");
    assert.match(field(invite, "From"), /^"x X-Evil/);
    await until(
      "the other has come",
      () => new Set(attacker.packets.map((packet) => field(packet, "Call-ID"))).size === 2,
    );
    // What goes back to a caller: a reason, a name, a place to go.
    yate.handle("call.route", { priority: 5 }, ({ params }) => {
      if (params.get("called") === "refused") {
        params.set("error", "busy").set("reason", evil).set("osip_X-Good", evil);
        return "-";
      }
      params.set("redirect", "true").set("calledname", evil).set("diversion", evil);
      return `sip/sip:${evil}@127.0.0.1`;
    });
    for (const called of ["refused", "elsewhere"])
      attacker.send(request("INVITE", `sip:${called}@127.0.0.1`));
    await attacker.answer(/^SIP\/2\.0 486 /);
    await attacker.answer(/^SIP\/2\.0 302 /);
    await settle();
    for (const packet of attacker.packets) assert.doesNotMatch(packet, /^X-Evil/m);
    assertCalm(fortress, 0);
  });
});
