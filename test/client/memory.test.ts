import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createManualClock, Disconnected, type Logger, YaytsError } from "../../src/base/index.ts";
import { connect, createMemoryPipe, formatAddress, parseAddress } from "../../src/client/index.ts";
import { type AppLine, formatEngineAnswer } from "../../src/wire/index.ts";
import { memoryPeer } from "./servers.ts";

const code = (wanted: string) => (error: unknown) => error instanceof YaytsError && error.code === wanted;

/** Answers every message with true and its own parameters. */
const echo = (line: AppLine): string[] | undefined =>
  line.kind === "message" ? [formatEngineAnswer(line.id, true, line.name, "echoed", line.params)] : undefined;

/** A logger that keeps what it was told. */
function keepingLogger(): Logger & { readonly texts: string[] } {
  const texts: string[] = [];
  const keep = (text: string): void => void texts.push(text);
  return { texts, debug() {}, info: keep, warn: keep, error: keep };
}

/** All that is under way in the pipe and the client has arrived: each step takes one turn of the event loop. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe("addresses", () => {
  test("are read with their defaults and written back", () => {
    assert.deepEqual(parseAddress("tcp://"), { kind: "tcp", host: "127.0.0.1", port: 5039 });
    assert.deepEqual(parseAddress("tcp://pbx"), { kind: "tcp", host: "pbx", port: 5039 });
    assert.deepEqual(parseAddress("tcp://:6000"), { kind: "tcp", host: "127.0.0.1", port: 6000 });
    assert.deepEqual(parseAddress("tcp://[::1]:6000"), { kind: "tcp", host: "::1", port: 6000 });
    assert.deepEqual(parseAddress("unix:/run/y.sock"), { kind: "unix", path: "/run/y.sock" });
    for (const text of ["tcp://pbx:6000", "tcp://[::1]:6000", "unix:/a b"])
      assert.equal(formatAddress(parseAddress(text)), text);
  });
  test("that are none are refused with what to write", () => {
    for (const text of [
      "",
      "pbx",
      "pbx:5039",
      "http://pbx",
      "tcp://a:b",
      "tcp://a:0",
      "tcp://a:70000",
      "unix:",
      "unix:x",
    ]) {
      assert.throws(() => parseAddress(text), code("bad-argument"), text);
    }
  });
});

describe("a client", { timeout: 10_000 }, () => {
  test("says its role and settings first and swallows what the engine has against the role", async () => {
    const log = keepingLogger();
    const { near, peer } = memoryPeer();
    const yate = await connect(near, { log, trackparam: "ivr" });
    assert.deepEqual(peer.lines, [
      "%%>connect:global",
      "%%>setlocal:trackparam:ivr",
      "%%>setlocal:reenter:true",
      "%%>setlocal:selfwatch:true",
      "%%>setlocal:engine.version:",
    ]);
    assert.deepEqual(log.texts, []);
    await yate.close();
  });

  test("dispatches, and gets name, return value and parameters back, fed byte by byte", async () => {
    const { near } = memoryPeer(echo, { pieceBytes: 1 });
    const yate = await connect(near);
    const sent = yate.msg("call.test", [
      ["a", "x:y%"],
      ["é\udcff", "1"],
      ["n=m", "\r\n"],
    ]);
    const answer = await sent.dispatch();
    assert.equal(answer.handled, true);
    assert.equal(answer.retvalue, "echoed");
    assert.deepEqual(
      [...answer.params],
      [
        ["a", "x:y%"],
        ["é\udcff", "1"],
        ["n=m", "\r\n"],
      ],
    );
    await yate.close();
  });

  test("answers a message with what was changed, and with nothing else", async () => {
    const { near, far, peer } = memoryPeer();
    const yate = await connect(near);
    yate.handle("call.route", (message) => {
      message.set("a", "2");
      message.params.delete("b");
      message.name = "call.other";
      return "sip/x";
    });
    await peer.line((line) => line.startsWith("%%>install"));
    far.write("%%>message:0x1.7:1:call.route:old:a=1:b=2:c=3\n");
    assert.equal(
      await peer.line((line) => line.startsWith("%%<")),
      "%%<message:0x1.7:true:call.other:sip/x:a=2:b",
    );
    await yate.close();
  });

  test("sees what it watches", async () => {
    const { near, far } = memoryPeer();
    const yate = await connect(near);
    const seen = yate.onwatch("chan.hangup", { id: "a:b" });
    far.write("%%<message::false:chan.hangup::id=other\n%%<message::true:chan.hangup:r:id=a%zb:reason=x\n");
    const message = await seen;
    assert.deepEqual([message.handled, message.retvalue, message.get("reason")], [true, "r", "x"]);
    await yate.close();
  });

  test("rejects a dispatch whose line the engine refused", async () => {
    const { near } = memoryPeer((line, text) =>
      line.kind === "message" ? [`Error in: ${text}`] : undefined,
    );
    const yate = await connect(near);
    await assert.rejects(yate.msg("t").dispatch(), code("bad-line"));
    await yate.close();
  });

  test("makes the engine's buffer larger by itself, once, and refuses what no buffer takes", async () => {
    const { near, peer } = memoryPeer(echo);
    const yate = await connect(near);
    assert.equal((await yate.msg("t", { long: "x".repeat(8000) }).dispatch()).get("long")?.length, 8000);
    assert.ok(!peer.lines.some((line) => line.includes("bufsize")));
    const both = [
      yate.msg("t", { long: "é".repeat(10_000) }).dispatch(),
      yate.msg("t", { long: "x".repeat(65_000) }).dispatch(),
    ];
    for (const answer of await Promise.all(both)) assert.equal(answer.handled, true);
    assert.equal(peer.lines.filter((line) => line.includes("bufsize")).length, 1);
    await assert.rejects(yate.msg("t", { long: "x".repeat(65_534) }).dispatch(), code("line-too-long"));
    assert.equal((await yate.msg("t").dispatch()).handled, true);
    await yate.close();
  });

  test("answers false when an answer is too long to travel", async () => {
    const { near, far, peer } = memoryPeer();
    const log = keepingLogger();
    const yate = await connect(near, { log });
    yate.handle("t", (message) => {
      message.set("long", "x".repeat(70_000));
      return true;
    });
    await peer.line((line) => line.startsWith("%%>install"));
    far.write("%%>message:7:1:t:r\n");
    assert.equal(await peer.line((line) => line.startsWith("%%<")), "%%<message:7:false:");
    assert.match(log.texts.join("\n"), /line-too-long/);
    await yate.close();
  });

  test("rejects dispatches while the engine does not read, and goes on when it does", async () => {
    const { near, far } = memoryPeer(echo);
    const yate = await connect(near, { maxBufferedBytes: 200_000 });
    far.pause();
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        yate.msg("t", { a: "x".repeat(8000) }).dispatch({ signal: AbortSignal.timeout(200) }),
      ),
    );
    const overflowed = all.filter((one) => one.status === "rejected" && code("overflow")(one.reason));
    assert.ok(overflowed.length > 10 && overflowed.length < 50, `${overflowed.length}`);
    far.resume();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await yate.msg("t").dispatch()).handled, true);
    await yate.close();
  });

  test("does not read on while the app is at work on what came", async () => {
    const { near, far, peer } = memoryPeer();
    const yate = await connect(near);
    const keys: (string | undefined)[] = [];
    const loop = (async () => {
      while (keys.length < 30) {
        const message = await yate.onmsg("chan.dtmf");
        keys.push(message.get("text"));
        message.ret(true);
      }
    })();
    await peer.line((line) => line.startsWith("%%>install"));
    for (let i = 0; i < 3; i++) {
      far.write(
        Array.from({ length: 10 }, (_, k) => `%%>message:${i}.${k}:1:chan.dtmf::text=${i * 10 + k}\n`).join(
          "",
        ),
      );
    }
    await loop;
    assert.deepEqual(
      keys,
      Array.from({ length: 30 }, (_, i) => String(i)),
    );
    await yate.close();
  });

  test("kicks at half a line, once, and at its end, and only if it is told to on this transport", async () => {
    for (const kick of [true, "auto"] as const) {
      const { near, far, peer } = memoryPeer();
      const yate = await connect(near, { kick });
      const seen = yate.onwatch("t");
      await peer.line((line) => line.startsWith("%%>watch"));
      await settled();
      const before = peer.kicks;
      far.write("%%<message::true:t::a=");
      await settled();
      far.write("1");
      await settled();
      assert.equal(peer.kicks - before, kick === true ? 1 : 0);
      far.write("\n");
      assert.equal((await seen).get("a"), "1");
      await settled();
      assert.equal(peer.kicks - before, kick === true ? 2 : 0);
      await yate.close();
    }
  });

  test("does not kick when the app has something to say anyway", async () => {
    const { near, far, peer } = memoryPeer();
    const yate = await connect(near, { kick: true });
    yate.handle("t", () => true);
    await peer.line((line) => line.startsWith("%%>install"));
    await settled();
    const before = peer.kicks;
    far.write("%%>message:1:0:t::a=1\n");
    await peer.line((line) => line.startsWith("%%<message:1:true"));
    assert.equal(peer.kicks, before);
    await yate.close();
  });

  test("takes no line that is longer than its limit", async () => {
    const { near, far } = memoryPeer();
    const yate = await connect(near, { maxLineBytes: 1000 });
    const wait = yate.onmsg("t");
    far.write("x".repeat(1001));
    await assert.rejects(wait, Disconnected);
    assert.equal(yate.state.kind, "closed");
  });

  test("survives lines that mean nothing", async () => {
    const { near, far } = memoryPeer(echo);
    const log = keepingLogger();
    const yate = await connect(near, { log });
    far.write(
      "hello\n%%<message\n%%<message:99:true:t:\n%%<install:x\nError in: nonsense\n%%<message:a:b\n\n%%<setlocal:q:1:true\n",
    );
    assert.equal((await yate.msg("t").dispatch()).handled, true);
    assert.ok(log.texts.length >= 4);
    await yate.close();
  });
});

describe("a lost connection", { timeout: 10_000 }, () => {
  test("is made again, later each time, with role, settings, handlers and watches; the app is told", async () => {
    const clock = createManualClock();
    const made: ReturnType<typeof memoryPeer>[] = [];
    let refuse = 0;
    const factory = () => {
      if (refuse-- > 0) return Promise.reject(new YaytsError("connect-refused", "nobody"));
      made.push(memoryPeer(echo));
      return Promise.resolve((made.at(-1) as (typeof made)[number]).near);
    };
    const yate = await connect(factory, { clock, reconnect: { jitter: 0 }, trackparam: "ivr" });
    const states: string[] = [];
    yate.onState((state) =>
      states.push(
        state.kind === "reconnecting"
          ? `retry ${state.attempt} in ${state.retryMs}`
          : `${state.kind} ${state.kind === "connected" && state.downMs}`,
      ),
    );
    yate.handle("call.route", { priority: 50 }, () => true);
    const ended = assert.rejects(yate.onwatch("chan.hangup"), Disconnected);
    await yate.setlocal("timeout", 5000);
    const unanswered = assert.rejects(yate.onmsg("x"), Disconnected);

    refuse = 2;
    made[0]?.drop(new Error("broken"));
    await Promise.all([ended, unanswered]);
    await assert.rejects(yate.msg("t").dispatch(), Disconnected);
    await clock.advance(99);
    assert.equal(made.length, 1);
    await clock.advance(601);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(states, ["retry 1 in 100", "retry 2 in 200", "retry 3 in 400", "connected 700"]);
    assert.equal((await yate.msg("t").dispatch()).handled, true);
    const again = made[1]?.peer.lines ?? [];
    for (const line of [
      "%%>connect:global",
      "%%>setlocal:trackparam:ivr",
      "%%>setlocal:timeout:5000",
      "%%>install:50:call.route",
      "%%>watch:chan.hangup",
    ]) {
      assert.ok(again.includes(line), line);
    }
    await yate.close();
  });

  test("is not made again when the program closed it, also while it is waiting to try", async () => {
    const clock = createManualClock();
    let tries = 0;
    const first = memoryPeer();
    const yate = await connect(
      () => (tries++ === 0 ? Promise.resolve(first.near) : Promise.reject(new Error("no"))),
      { clock },
    );
    first.drop();
    assert.equal(yate.state.kind, "reconnecting");
    yate.abort();
    await clock.advance(60_000);
    assert.equal(tries, 1);
    assert.equal(clock.pending, 0);
  });

  test("stays lost without reconnect, and every wait ends", async () => {
    const { near, drop } = memoryPeer();
    const yate = await connect(near);
    const waits = [yate.onmsg("a"), yate.onwatch("b"), yate.msg("c").dispatch(), yate.setlocal("timeout")];
    drop();
    for (const wait of waits) await assert.rejects(wait, Disconnected);
    assert.equal(yate.state.kind, "closed");
  });
});

describe("a memory pipe", () => {
  test("delays and cuts what goes through it, in order", async () => {
    const clock = createManualClock();
    const { near, far } = createMemoryPipe({ delayMs: 50, pieceBytes: 2, clock });
    const got: string[] = [];
    far.start({ data: (bytes) => got.push(Buffer.from(bytes).toString()), closed: () => got.push("closed") });
    near.write("abcde");
    await near.close();
    await clock.advance(49);
    assert.deepEqual(got, []);
    await clock.advance(1);
    assert.deepEqual(got, ["ab", "cd", "e", "closed"]);
  });
});
