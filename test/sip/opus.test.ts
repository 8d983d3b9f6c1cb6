import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectInProcess, parseConfig, startEngine } from "../../src/engine/index.ts";
import { bytesOf, identify, samplesOf } from "../../src/media/index.ts";
import { dumb } from "../../src/modules/dumb.ts";
import { createOpusLibrary } from "../../src/modules/opus.ts";
import { rtp } from "../../src/modules/rtp/index.ts";
import { sip } from "../../src/modules/sip/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";
import { seeded } from "../simulated-sound.ts";
import { compareSound, join, pause, speech } from "./hear.ts";
import { createRawPhone, textOf } from "./raw-phone.ts";
import { type SipEngine, startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

const general = "[general]\naddr=127.0.0.1\nport=0\n";
const onlyOpus = { ysipchan: `${general}[codecs]\ndefault=no\nopus=yes\n` };
const onlyAlaw = { ysipchan: `${general}[codecs]\ndefault=no\nalaw=yes\n` };

/** A folder for what is said and heard. */
async function createFolder() {
  const folder = await mkdtemp(joinPath(tmpdir(), "yayts-opus-"));
  const path = (name: string): string => joinPath(folder, `${name}.slin`);
  return {
    path,
    async write(name: string, samples: Int16Array): Promise<void> {
      await writeFile(path(name), bytesOf(samples));
    },
    async read(name: string): Promise<Int16Array> {
      return samplesOf(Uint8Array.from(await readFile(path(name))));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A side of a call: who is at it plays a file and records what it hears. */
async function attach(engine: SipEngine, id: string, params: Record<string, string | number>): Promise<void> {
  const { yate } = engine.embedded;
  await yate.msg("chan.masquerade", { message: "chan.attach", id, ...params }).dispatch();
}

async function answerBy(engine: SipEngine, target: string): Promise<void> {
  await engine.embedded.yate.handle("call.route", {}, () => target).ready;
}

/** Calls from a dumb channel of one engine to the other; both ends, once it has been answered. */
async function call(
  from: SipEngine,
  to: SipEngine,
  at: SipEngine = to,
): Promise<{ near: string; far: string }> {
  await answerBy(at, "dumb/far");
  const there = new Watched(at.embedded.yate, ["call.execute"]);
  const here = new Watched(from.embedded.yate, ["call.answered"]);
  await delay(50);
  const placed = await from.embedded.yate
    .msg("call.execute", { callto: "dumb/near", target: "x", direct: `sip/sip:any@${to.sip}` })
    .dispatch();
  assert.equal(placed.handled, true, placed.get("reason"));
  const { params } = await there.take("call.execute", { callto: "dumb/far" });
  const [id = "", targetid = ""] = [params.get("targetid"), params.get("id")];
  await at.embedded.yate.msg("call.answered", { id, targetid }).dispatch();
  await here.take("call.answered");
  await delay(200);
  return { near: placed.get("id") ?? "", far: id };
}

const here = ["en/welcome", "en/press-a-key"];
const there = ["en/you-pressed", "en/thank-you"];

/** Who was to be heard was: the prompts are known again, and the sound is near to what it was. */
async function assertHeard(
  test: TestContext,
  heard: Int16Array,
  said: Int16Array,
  names: readonly string[],
  least = 0.9,
): Promise<void> {
  const { score, gapMs } = compareSound(said, heard);
  test.diagnostic(`correlation ${score.toFixed(3)}, longest gap ${gapMs} ms`);
  assert.ok(score >= least, `correlation ${score}`);
  const prompts = (await loadPrompts()).filter(({ name }) => name.startsWith("en/"));
  const found = identify(heard, prompts, { minScore: least - 0.1 }).map(({ name }) => name);
  assert.deepEqual(
    found.filter((name) => names.includes(name)),
    names,
  );
}

/** Both talk at once; each records what it hears. */
async function talk(test: TestContext, one: SipEngine, other: SipEngine, ids: { near: string; far: string }) {
  await using folder = await createFolder();
  const said = join(pause(300), await speech(...here), pause(700));
  const answered = join(pause(300), await speech(...there), pause(700));
  await folder.write("here", said);
  await folder.write("there", answered);
  await attach(one, ids.near, { consumer: `wave/record/${folder.path("at-near")}` });
  await attach(other, ids.far, { consumer: `wave/record/${folder.path("at-far")}` });
  await attach(one, ids.near, { source: `wave/play/${folder.path("here")}` });
  await attach(other, ids.far, { source: `wave/play/${folder.path("there")}` });
  await delay(Math.max(said.length, answered.length) / 8 + 500);
  await one.embedded.yate.msg("call.drop", { id: ids.near }).dispatch();
  await delay(300);
  await assertHeard(test, await folder.read("at-far"), said, here);
  await assertHeard(test, await folder.read("at-near"), answered, there);
}

describe("Opus", { concurrency: 2, timeout: 60_000 }, () => {
  it("carries speech both ways between two engines", async (test) => {
    await using callee = await startSipEngine(onlyOpus);
    await using caller = await startSipEngine(onlyOpus);
    const sessions = new Watched(caller.embedded.yate, ["chan.rtp", "call.answered", "chan.hangup"]);
    const ids = await call(caller, callee);
    assert.equal((await sessions.take("call.answered")).params.get("formats"), "opus");
    const started = await sessions.take("chan.rtp", { status: "updated" });
    assert.equal(started.params.get("format"), "opus");
    assert.equal(started.params.get("payload"), "111");
    await talk(test, caller, callee, ids);
    const gone = await sessions.take("chan.hangup", { module: "sip" });
    const [, octets, packets] = /OS=(\d+),PR=(\d+)/.exec(gone.params.get("rtp_stats") ?? "") ?? [];
    assert.ok(Number(packets) > 100, String(packets));
    assert.ok(Number(octets) / Number(packets) < 100, "about 60 bytes for 20 ms");
  });

  it("is bridged to A-law by an engine between a phone of the one and a phone of the other", async (test) => {
    await using caller = await startSipEngine(onlyOpus);
    await using between = await startSipEngine();
    await using callee = await startSipEngine(onlyAlaw);
    await between.embedded.yate.handle("call.route", {}, ({ params }) => {
      // As it is, who is called gets no other formats than the caller has.
      params.set("formats", "opus,alaw");
      return `sip/sip:any@${callee.sip}`;
    }).ready;
    const sessions = new Watched(between.embedded.yate, ["chan.rtp"]);
    const ids = await call(caller, between, callee);
    await sessions.take("chan.rtp", { status: "updated", format: "alaw" });
    assert.ok(sessions.all.some(({ params }) => params.get("format") === "opus"));
    await talk(test, caller, callee, ids);
  });

  it("is taken of a phone that likes it best, and passed over of one that likes it last", async () => {
    await using engine = await startSipEngine();
    await using phone = await createRawPhone(engine.sipPort);
    await answerBy(engine, "dumb/far");
    engine.embedded.yate.handle("call.execute", { priority: 90 }, () => false);
    const watched = new Watched(engine.embedded.yate, ["call.execute"]);
    await delay(50);
    for (const [payloads, answer] of [
      ["96 8 101 97", /m=audio \d+ RTP\/AVP 96 8 (101 97|97 101)\r\n/],
      ["8 96 101 97", /m=audio \d+ RTP\/AVP 8 96 (101 97|97 101)\r\n/],
    ] as const) {
      const lines = [
        ..."v=0|o=p 1 1 IN IP4 127.0.0.1|s=-|c=IN IP4 127.0.0.1|t=0 0".split("|"),
        `m=audio 4000 RTP/AVP ${payloads}`,
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:101 telephone-event/8000",
        "a=rtpmap:97 telephone-event/48000",
      ];
      const body = { type: "application/sdp", bytes: new TextEncoder().encode(`${lines.join("\r\n")}\r\n`) };
      const incoming = phone.call("any", { body });
      const { params } = await watched.take("call.execute", { callto: "dumb/far" });
      const [id = "", targetid = ""] = [params.get("targetid"), params.get("id")];
      await engine.embedded.yate.msg("call.answered", { id, targetid }).dispatch();
      assert.match(textOf(await incoming.response(200)), answer);
      incoming.hangup();
    }
  });

  it("is known neither in offers nor in answers without its package, and who asked for it is told", async () => {
    const opus = createOpusLibrary(() => Promise.reject(new Error("Cannot find package")));
    for (const [codecs, told] of [
      ["", 0],
      ["[codecs]\nopus=yes\n", 1],
    ] as const) {
      const warned: string[] = [];
      const silent = (): void => {};
      const phones = sip({ opus });
      const engine = await startEngine({
        log: { debug: silent, info: silent, warn: (text) => void warned.push(text), error: silent },
        config: { ysipchan: parseConfig(general + codecs, "ysipchan") },
        modules: [dumb(), rtp({ opus }), phones],
      });
      try {
        await using phone = await createRawPhone(phones.addresses.get("general")?.port ?? 0);
        const yate = connectInProcess(engine);
        const direct = `sip/${phone.uri}`;
        await yate.msg("call.execute", { callto: "dumb/near", target: "x", direct }).dispatch();
        const { session } = await phone.calls.take("the call");
        assert.doesNotMatch(textOf(session.invite), /opus/i);
        session.reject(486);
        const installs = warned.filter((text) => /\[codecs\] opus.*npm install @evan\/opus/.test(text));
        assert.equal(installs.length, told, warned.join("\n"));
      } finally {
        await engine.stop();
      }
    }
  });

  it("is understood when a tenth of its packets are lost", async (test) => {
    await using folder = await createFolder();
    await using sender = await startSipEngine();
    await using receiver = await startSipEngine();
    await using relay = await startLossyLink(0.1);
    const pair = async ({ embedded }: SipEngine): Promise<[string, string]> => {
      const placed = { callto: "dumb/a", target: "b", direct: "dumb/b" };
      const two = await embedded.yate.msg("call.execute", placed).dispatch();
      return [two.get("id") ?? "", two.get("peerid") ?? ""];
    };
    const [speaker, mouth] = await pair(sender);
    const [ear, listener] = await pair(receiver);
    const said = join(pause(300), await speech(...here, ...there), pause(700));
    await folder.write("said", said);
    const session = await receiver.embedded.yate
      .msg("chan.masquerade", {
        message: "chan.attach",
        id: ear,
        source: "rtp/x",
        remoteip: "127.0.0.1",
        remoteport: relay.port,
        format: "opus",
      })
      .dispatch();
    assert.equal(session.handled, true, JSON.stringify(session.params.toObject()));
    relay.target = Number(session.get("localport"));
    await attach(receiver, listener, { consumer: `wave/record/${folder.path("heard")}` });
    const target = { remoteip: "127.0.0.1", remoteport: relay.port, format: "opus" };
    await attach(sender, mouth, { consumer: "rtp/x", ...target });
    await attach(sender, speaker, { source: `wave/play/${folder.path("said")}` });
    await delay(said.length / 8 + 700);
    await receiver.embedded.yate.msg("call.drop", { id: ear }).dispatch();
    await delay(200);
    test.diagnostic(`lost ${relay.lost} of ${relay.lost + relay.passed}`);
    assert.ok(relay.lost > 5);
    await assertHeard(test, await folder.read("heard"), said, [...here, ...there], 0.7);
  });
});

/** A way for packets that loses some of them, the same in every run. */
async function startLossyLink(loss: number) {
  const socket: Socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const random = seeded(11);
  const link = {
    port: socket.address().port,
    target: 0,
    passed: 0,
    lost: 0,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => socket.close(() => done())),
  };
  socket.on("message", (packet, from) => {
    if (from.port === link.target || link.target === 0) return;
    if (link.passed > 5 && random() < loss) link.lost++;
    else {
      link.passed++;
      socket.send(packet, link.target, "127.0.0.1");
    }
  });
  return link;
}
