import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Attacker,
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

/** Calls of the good phone while `attack` goes on; all of them are served. Their longest duration, in ms. */
async function callsDuring(fortress: Fortress, attack: Promise<unknown>): Promise<number> {
  let going = true;
  let longestMs = 0;
  let calls = 0;
  const over = attack.finally(() => {
    going = false;
  });
  while (going || calls === 0) {
    longestMs = Math.max(longestMs, await fortress.call());
    calls++;
  }
  await over;
  return longestMs;
}

/** Less than what phones give up at; a machine that is busy with other tests is slow. */
const patienceMs = 5000;

describe("a flood", () => {
  it("of REGISTERs with wrong passwords and with none is held to its rate; the password is in no log", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    attacker.send(request("REGISTER", "sip:127.0.0.1"));
    const nonce = /nonce="([^"]+)"/.exec(await attacker.answer(/401 Unauthorized/))?.[1];
    assert.ok(nonce);
    const wrong = `Digest username="100", realm="Yate", nonce="${nonce}", uri="sip:127.0.0.1", algorithm=MD5, response="${"0".repeat(32)}"`;
    const longestMs = await callsDuring(
      fortress,
      attacker.flood(3000, (at) =>
        request("REGISTER", "sip:127.0.0.1", { Authorization: at % 2 ? wrong : undefined }),
      ),
    );
    assert.ok(longestMs < patienceMs, `${longestMs} ms`);
    assert.ok(fortress.figures.flooded > 1500, `${fortress.figures.flooded} dropped`);
    assert.ok(!attacker.packets.some((packet) => / 200 /.test(packet)));
    assertCalm(fortress, 1);
    assert.match(
      fortress.warnings()[0]?.text ?? "",
      /127\.0\.0\.66: sends too many requests, REGISTER dropped/,
    );
    // Another phone of another address registers meanwhile, and nothing of its account is told.
    const registered = await fortress.phone.ask("REGISTER", "", {
      ...account,
      headers: [["Contact", `<sip:100@127.0.0.1:${fortress.phone.port}>`]],
    });
    assert.equal(registered.status, 200);
    assert.ok(!JSON.stringify(fortress.log).includes(account.password));
  });

  it("of INVITEs that are refused, challenged, and never acknowledged is held to its rate and given up in time", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    const targets = ["sip:members@127.0.0.1", "sip:nobody@127.0.0.1", "sip:open@127.0.0.1"];
    const invite = (at: number) =>
      request("INVITE", targets[at % 3] ?? "", { "Content-Type": "application/sdp" }, sdp(9000));
    const longestMs = await callsDuring(fortress, attacker.flood(1500, invite));
    assert.ok(longestMs < patienceMs, `${longestMs} ms`);
    assert.ok(fortress.figures.flooded > 500, `${fortress.figures.flooded} dropped`);
    assert.ok(fortress.figures.transactions < 2000);
    assertCalm(fortress, 1);
    const calls = fortress.figures.sessions;
    assert.ok(calls > 50 && calls < 500, `${calls} half-open calls`);
  });

  it("of INVITEs that ring for ever ends by the limits of the call", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    fortress.yate.handle("call.route", { priority: 5, filter: { called: "soon" } }, ({ params }) => {
      params.set("maxcall", "1000");
      return "dumb/ring";
    });
    await attacker.flood(100, (at) =>
      request("INVITE", `sip:${at % 2 ? "soon" : "ring"}@127.0.0.1`, at % 2 ? {} : { Expires: "1" }),
    );
    await until("they ring", () => fortress.figures.sessions > 0);
    await until("no call is left", () => fortress.figures.sessions === 0);
    await fortress.call();
    assertCalm(fortress, 1);
  });

  it("of OPTIONS, of requests for dialogs that are not, of ACKs and of responses leaves room for calls", async () => {
    // A rate that a busy machine is over, too.
    await using fortress = await startFortress({
      ysipchan: "[general]\naddr=127.0.0.1\nport=0\nfloodrate=50\n",
    });
    const stranger = "<sip:open@127.0.0.1>;tag=none";
    const kinds: ((at: number) => string)[] = [
      () => request("OPTIONS", "sip:x@127.0.0.1"),
      () => request("BYE", "sip:x@127.0.0.1", { To: stranger }),
      () => request("INVITE", "sip:x@127.0.0.1", { To: stranger }),
      () => request("ACK", "sip:x@127.0.0.1", { To: stranger }),
      () => request("CANCEL", "sip:x@127.0.0.1"),
      (at) =>
        request("INVITE", "sip:x@127.0.0.1").replace(
          /^.*\r\n/,
          `SIP/2.0 ${[100, 180, 200, 486][at % 4]} Fine\r\n`,
        ),
    ];
    const attackers: Attacker[] = [];
    for (let n = 0; n < kinds.length; n++) attackers.push(await fortress.attacker(`127.0.0.${70 + n}`));
    const all = async (): Promise<void> => {
      for (let at = 0; at < 1200; at++) {
        for (const [n, attacker] of attackers.entries()) attacker.send(kinds[n]?.(at) ?? "");
        if (at % 4 === 3) await settle(1);
      }
    };
    const longestMs = await callsDuring(fortress, all());
    assert.ok(longestMs < patienceMs, `${longestMs} ms`);
    assert.ok(fortress.figures.flooded > 300, `${fortress.figures.flooded} dropped`);
    assert.deepEqual(
      [attackers[3]?.packets.length, attackers[5]?.packets.length],
      [0, 0],
      "ACKs and responses are not answered",
    );
    assert.ok(attackers[1]?.packets.every((packet) => packet.startsWith("SIP/2.0 481 ")));
    assertCalm(fortress, attackers.length);
  });

  it("from forged sources is bounded by all of them together, and the log by its sources", async () => {
    await using fortress = await startFortress({
      ysipchan: "[general]\naddr=0.0.0.0\nport=0\nfloodrate=5\n",
    });
    const attackers: Attacker[] = [];
    for (let n = 0; n < 220; n++) attackers.push(await fortress.attacker(`127.1.${n >> 4}.${1 + (n & 15)}`));
    for (const attacker of attackers)
      for (let n = 0; n < 30; n++) attacker.send(request("REGISTER", "sip:x@y"));
    await settle(200);
    await fortress.call();
    assert.ok(fortress.figures.flooded > 1000, `${fortress.figures.flooded}`);
    assert.ok(fortress.figures.trackedSources <= 221);
    assertCalm(fortress, 201);
  });

  it("is not made larger by the answers: what is sent to who has not proved anything is about twice what came", async () => {
    await using fortress = await startFortress();
    const uri = "sip:members@127.0.0.1";
    for (const [name, packet] of [
      ["OPTIONS", () => request("OPTIONS", uri)],
      ["REGISTER", () => request("REGISTER", uri)],
      // What is repeated until it is acknowledged comes on top: a challenge five times (src/sip/transactions).
      ["INVITE", () => request("INVITE", uri, { "Content-Type": "application/sdp" }, sdp(9))],
      ["BYE", () => request("BYE", uri, { To: `<${uri}>;tag=1` })],
      ["a method of its own", () => request("DANCE", uri)],
      ["a bad request", () => request("OPTIONS", uri, { CSeq: "many OPTIONS" })],
      ["a response", () => request("INVITE", uri).replace(/^.*\r\n/, "SIP/2.0 200 OK\r\n")],
    ] as const) {
      const attacker = await fortress.attacker();
      for (let n = 0; n < 10; n++) attacker.send(packet());
      await new Promise((resolve) => setTimeout(resolve, 100));
      const times = attacker.receivedBytes / attacker.sentBytes;
      assert.ok(times < 2.2, `${name}: ${times.toFixed(1)} times`);
    }
  });

  it("of answers to what nobody asked makes nobody send anything", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    const forged = (at: number): string =>
      request("INVITE", "sip:x@127.0.0.1", {
        From: `<sip:x@127.0.0.1>;tag=${at}`,
        To: "<sip:victim@127.0.0.66>;tag=2",
      }).replace(/^.*\r\n/, "SIP/2.0 200 OK\r\n");
    await attacker.flood(1000, forged);
    await settle();
    assert.equal(attacker.packets.length, 0);
    assert.equal(fortress.figures.transactions, 0);
    await fortress.call();
    assertCalm(fortress, 0);
  });
});

describe("digest credentials", () => {
  const registration = (contact: string, more: Readonly<Record<string, string>>): string =>
    request("REGISTER", "sip:127.0.0.1", {
      From: "<sip:100@127.0.0.1>;tag=r",
      To: "<sip:100@127.0.0.1>",
      Contact: `<${contact}>`,
      ...more,
    });

  /** The good phone's REGISTER as it stands on the wire, made by the attacker's own means out of a password he does not know otherwise. */
  async function sniffed(fortress: Fortress) {
    const { createHash } = await import("node:crypto");
    const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
    const phone = await fortress.attacker("127.0.0.2");
    const id = { "Call-ID": "reg-1", CSeq: "1 REGISTER" };
    phone.send(registration("sip:100@127.0.0.2:5060", id));
    const challenge = await phone.answer(/ 401 /);
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? "";
    const response = md5(`${md5(`100:Yate:${account.password}`)}:${nonce}:${md5("REGISTER:sip:127.0.0.1")}`);
    const authorization = `Digest username="100", realm="Yate", nonce="${nonce}", uri="sip:127.0.0.1", algorithm=MD5, response="${response}"`;
    const packet = registration("sip:100@127.0.0.2:5060", {
      ...id,
      CSeq: "2 REGISTER",
      Authorization: authorization,
    });
    phone.send(packet);
    assert.match(field(await phone.answer(/ 200 /), "Contact"), /127\.0\.0\.2/);
    return { phone, packet, authorization, nonce };
  }

  it("that were overheard are worth nothing elsewhere, nor in another request", async () => {
    await using fortress = await startFortress();
    const { packet, authorization } = await sniffed(fortress);
    const thief = await fortress.attacker();
    const own = { "Call-ID": "reg-1", Contact: "<sip:100@127.0.0.66:9>" };
    const tries = [
      // The copy, with the branch of another transaction, and with a later CSeq and the thief's own contact.
      packet.replace(/branch=[^\r;]*/, "branch=z9hG4bK-thief"),
      registration("sip:100@127.0.0.66:9", { ...own, CSeq: "3 REGISTER", Authorization: authorization }),
      registration("sip:100@127.0.0.66:9", { CSeq: "1 REGISTER", Authorization: authorization }),
      request("INVITE", "sip:members@127.0.0.1", { Authorization: authorization }),
      request("INVITE", "sip:members@127.0.0.1", {
        Authorization: authorization.replace("REGISTER", "INVITE"),
      }),
    ];
    for (const text of tries) thief.send(text);
    await until(
      "all are answered",
      () => thief.packets.filter((text) => / 401 /.test(text)).length >= tries.length,
    );
    assert.ok(!thief.packets.some((text) => / 200 /.test(text)));
    assert.ok(
      thief.packets.some((text) => /stale=TRUE/i.test(text)),
      "a replay is challenged anew",
    );
    // The same packet to the byte from another port is the phone's own transaction, and tells the thief nothing.
    const { length } = thief.packets;
    thief.send(packet);
    await settle();
    assert.equal(thief.packets.length, length);
    await fortress.call();
    assertCalm(fortress, 0);
  });

  it("whose nonce is old, forged or of another server are challenged", async () => {
    await using fortress = await startFortress();
    const { authorization, nonce } = await sniffed(fortress);
    const attacker = await fortress.attacker();
    const [head = "", time = ""] = nonce.split(".");
    const forged = [
      `${head}.${Number(time) + 5}`,
      `${head}.${Number(time) - 3600}`,
      `${"0".repeat(32)}.${time}`,
      "",
      "x".repeat(8000),
      `${nonce}.1`,
    ];
    for (const other of forged)
      attacker.send(
        registration("sip:100@127.0.0.66:9", { Authorization: authorization.replace(nonce, other) }),
      );
    await until("all are answered", () => attacker.packets.length >= forged.length);
    assert.ok(attacker.packets.every((packet) => packet.startsWith("SIP/2.0 401 ")));
    assertCalm(fortress, 0);
  });
});
