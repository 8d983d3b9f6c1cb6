import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts";
import { installPhone, type Leg, placeCaller } from "yayts/testing";
import { type Baresip, noBaresip, phoneOf, startBaresip, wav } from "./baresip.ts";
import { createCertificate, noOpenssl } from "./certificate.ts";
import { compareSound, join, pause, speech } from "./hear.ts";
import { type SipEngine, startSipEngine } from "./sip-engine.ts";

const regfile = ["100", "200"].map((user) => `[${user}]\npassword=secret${user}\n`).join("\n");

/** Keys that a channel sends, as they come. */
function keysOf(yate: Yate): { readonly keys: string[]; until(count: number): Promise<string[]> } {
  const keys: string[] = [];
  void (async () => {
    for await (const message of yate.watches("chan.dtmf", {}))
      keys.push(`${message.get("text")} ${message.get("detected")}`);
  })().catch(() => {});
  return {
    keys,
    async until(count) {
      for (let tries = 0; tries < 300 && keys.length < count; tries++) await delay(50);
      // One too many would come now.
      await delay(500);
      return keys;
    },
  };
}

/** Waits until a leg has heard something for so long. */
async function hasHeard(leg: Leg, ms: number): Promise<void> {
  for (let tries = 0; tries < 600 && (await leg.recording()).length < ms * 8; tries++) await delay(50);
}

/** A phone calls a number of the engine, and somebody there answers. */
async function connected(engine: SipEngine, phone: Baresip, number: string): Promise<Leg> {
  const callee = await installPhone(engine.embedded.connect(), number);
  const dialled = phone.command("dial", `${number}@${engine.sip}`);
  const call = await callee.ring();
  call.answer();
  await dialled;
  await phone.event("CALL_ESTABLISHED");
  return call;
}

/** How many packets of sound have come to the phone in its call, as it counts them. */
async function packetsTo(phone: Baresip): Promise<number> {
  const [, count] = /rcvd=(\d+)/.exec(await phone.command("audio_debug")) ?? [];
  return Number(count ?? 0);
}

function assertSame(t: TestContext, what: string, said: Int16Array, heard: Int16Array): void {
  const { score, gapMs, shiftMs } = compareSound(said, heard);
  t.diagnostic(
    `${what}: correlation ${score.toFixed(4)}, longest gap ${gapMs} ms, longest shift ${shiftMs} ms`,
  );
  assert.ok(score >= 0.95, `${what}: correlation ${score}`);
  assert.ok(gapMs <= 40 && shiftMs <= 40, `${what}: gap ${gapMs} ms, shift ${shiftMs} ms`);
}

/** The phone says its file while it is told another; both are as they were. Ends the call, and the phone. */
async function talkBothWays(
  t: TestContext,
  phone: Baresip,
  call: Leg,
  says: Int16Array,
  told: Int16Array,
): Promise<void> {
  const file = joinPath(phone.folder, "told.wav");
  await writeFile(file, wav(join(pause(500), told, pause(500))));
  await call.say(file);
  await hasHeard(call, 1000 + says.length / 8 + 1500);
  await phone.command("hangup");
  await phone.event("CALL_CLOSED");
  await call.ended;
  assertSame(t, "engine heard", says, await call.recording());
  await phone.quit();
  const [heard = new Int16Array(0)] = await phone.heard();
  assertSame(t, "phone heard", told, heard);
}

/**
 * Sound is compared on a clean network. A machine that is busy with other things lets packets wait, as a bad network does: then the
 * whole is tried again, some times.
 */
async function whenClean(t: TestContext, attempt: () => Promise<void>): Promise<void> {
  for (let left = 4; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || left === 0) throw error;
      t.diagnostic(`once more: ${error.message}`);
    }
  }
}

describe("baresip as a phone", { concurrency: 2, skip: noBaresip, timeout: 180_000 }, () => {
  it("registers with digest, and not with a wrong password", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    assert.equal(phone.events("REGISTER_FAIL").length, 0);
    const wrong = { user: "200", password: "wrong", server: engine.sip };
    await using stranger = await startBaresip(wrong);
    await stranger.event("REGISTER_FAIL");
    assert.equal(stranger.events("REGISTER_OK").length, 0);
  });

  for (const transport of ["udp", "tcp"] as const) {
    it(`what it says arrives, and so does what it is told, over ${transport}`, async (t) => {
      await whenClean(t, async () => {
        const says = await speech("en/welcome", "en/press-a-key", "en/thank-you");
        const told = await speech("en/you-pressed", "en/hold-please", "en/goodbye");
        const general = "[general]\naddr=127.0.0.1\nport=0\n";
        const ysipchan = transport === "udp" ? general : `${general}type=tcp\n`;
        await using engine = await startSipEngine({ regfile, ysipchan });
        await using phone = await phoneOf(engine, "100", {
          transport,
          says: join(pause(1000), says),
        });
        const call = await connected(engine, phone, "500");
        await talkBothWays(t, phone, call, says, told);
      });
    });
  }

  it("keys that it sends as events come each once", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    const keys = keysOf(engine.embedded.connect());
    const call = await connected(engine, phone, "500");
    const pressed = [..."1590*#ABCD"];
    for (const key of pressed) await phone.command("sndcode", key);
    await phone.command("sndcode", "77");
    assert.deepEqual(
      await keys.until(pressed.length + 2),
      [...pressed, "7", "7"].map((key) => `${key} rfc2833`),
    );
    await call.hangup();
    await phone.event("CALL_CLOSED");
  });

  it("keys of the engine's side come each once", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    const call = await connected(engine, phone, "500");
    await call.press("159#");
    for (const key of "159#") await phone.event("CALL_DTMF_START", new RegExp(`^[${key}]$`));
    await delay(500);
    assert.equal(phone.events("CALL_DTMF_START").length, 4);
    await call.hangup();
    await phone.event("CALL_CLOSED");
  });

  it("holds and resumes: held it is sent no sound, resumed it is heard and is sent sound again", async () => {
    const says = await speech("en/welcome");
    const sound = join(...Array.from({ length: 60 }, () => join(says, pause(500))));
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100", { says: sound });
    const app = engine.embedded.connect();
    const updates = app.watches("call.update", { operation: "notify" });
    const call = await connected(engine, phone, "500");
    await writeFile(joinPath(phone.folder, "told.wav"), wav(sound));
    const telling = call.say(joinPath(phone.folder, "told.wav")).catch(() => {});
    await hasHeard(call, 2000);
    const before = await packetsTo(phone);
    assert.ok(before > 0);
    await phone.command("hold");
    const held = (await updates.next()).value;
    assert.equal(held?.get("sdp_sendonly"), "");
    // What was under way when it held has come after that.
    await delay(500);
    const atHold = await packetsTo(phone);
    await delay(1500);
    assert.equal(await packetsTo(phone), atHold);
    await phone.command("resume");
    const resumed = (await updates.next()).value;
    assert.equal(resumed?.get("sdp_sendonly"), undefined);
    const heardBefore = (await call.recording()).length;
    await hasHeard(call, heardBefore / 8 + 5000);
    const { score } = compareSound(says, (await call.recording()).subarray(heardBefore));
    assert.ok(score >= 0.8, `resumed, it is heard: ${score}`);
    assert.ok((await packetsTo(phone)) > atHold + 100);
    await phone.command("hangup");
    await call.ended;
    await telling;
  });

  it("transfers its call blindly by REFER, and is told that it worked", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    const second = await installPhone(engine.embedded.connect(), "600");
    const call = await connected(engine, phone, "500");
    await phone.command("transfer", `sip:600@${engine.sip}`);
    const arrived = await second.ring();
    assert.equal(arrived.callerid, call.id);
    arrived.answer();
    await phone.event("CALL_CLOSED");
    assert.equal(phone.events("TRANSFER_FAILED").length, 0);
    await arrived.hangup();
    await call.ended;
  });

  it("is told when its transfer did not work, and then hangs up by itself", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    const call = await connected(engine, phone, "500");
    await phone.command("transfer", `sip:999@${engine.sip}`);
    await phone.event("TRANSFER_FAILED", /^404 /);
    await call.ended;
  });

  it("is called by its number, answers, and hangs up", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    await using caller = await placeCaller(engine.embedded.connect(), "100", { caller: "500" });
    const incoming = await phone.event("CALL_INCOMING");
    assert.match(incoming.peeruri, /^sip:500@/);
    await phone.command("accept");
    await caller.answered;
    await phone.event("CALL_ESTABLISHED");
    assert.ok(caller.transcript.some(({ kind }) => kind === "ringing"));
    await phone.command("hangup");
    await caller.ended;
  });

  it("refuses a call, and is spared one that its caller gives up", async () => {
    await using engine = await startSipEngine({ regfile });
    await using phone = await phoneOf(engine, "100");
    const callers = engine.embedded.connect();
    await using refused = await placeCaller(callers, "100");
    await phone.event("CALL_INCOMING");
    await phone.command("hangup");
    assert.match((await refused.ended).reason, /busy|rejected/);
    await phone.event("CALL_CLOSED");
    await using caller = await placeCaller(callers, "100");
    await phone.event("CALL_INCOMING");
    await caller.hangup();
    await phone.event("CALL_CLOSED");
  });

  it("talks with another baresip through the engine", async (t) => {
    await whenClean(t, async () => {
      const [one, two] = [
        await speech("en/welcome", "en/transfer"),
        await speech("en/thank-you", "en/goodbye"),
      ];
      await using engine = await startSipEngine({ regfile });
      await using first = await phoneOf(engine, "100", { says: join(pause(1000), one) });
      await using second = await phoneOf(engine, "200", { says: join(pause(1000), two) });
      await first.command("dial", `200@${engine.sip}`);
      await second.event("CALL_INCOMING");
      await second.command("accept");
      await first.event("CALL_ESTABLISHED");
      const longest = 1000 + Math.max(one.length, two.length) / 8 + 1500;
      for (const phone of [first, second])
        for (let tries = 0; tries < 300 && (await phone.received()).length < longest * 8; tries++)
          await delay(100);
      await first.command("hangup");
      await second.event("CALL_CLOSED");
      await Promise.all([first.quit(), second.quit()]);
      const [[heardByFirst], [heardBySecond]] = [await first.heard(), await second.heard()];
      assertSame(t, "the second heard", one, heardBySecond ?? new Int16Array(0));
      assertSame(t, "the first heard", two, heardByFirst ?? new Int16Array(0));
    });
  });

  it("is secure: SIP over TLS, SRTP with keys in the session description, sound both ways", {
    skip: noOpenssl,
  }, async (t) => {
    const says = await speech("en/welcome", "en/press-a-key", "en/thank-you");
    const told = await speech("en/you-pressed", "en/hold-please", "en/goodbye");
    await whenClean(t, async () => {
      await using files = await createCertificate();
      await using engine = await startSipEngine({
        regfile,
        ysipchan: "[general]\naddr=127.0.0.1\nport=0\ntype=tls\nsslcontext=test\n",
        openssl: `[test]\ncertificate=${files.certificate}\nkey=${files.key}\n`,
      });
      await using phone = await phoneOf(engine, "100", {
        transport: "tls",
        account: ";mediaenc=srtp-mand",
        modules: ["srtp"],
        says: join(pause(1000), says),
      });
      const calls = engine.embedded.connect().watches("call.execute", { called: "500" });
      const call = await connected(engine, phone, "500");
      const execute = (await calls.next()).value;
      assert.equal(execute?.get("ip_transport"), "TLS");
      assert.equal(execute?.get("transport"), "RTP/SAVP");
      await talkBothWays(t, phone, call, says, told);
    });
  });
});
