import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settled, startMemoryEngine } from "../../../test/memory-app.ts";
import { parseConfig } from "../config.ts";
import { CallEndpoint } from "../endpoint.ts";

describe("lines", () => {
  it("takes bytes that are no UTF-8 through unchanged", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    app.push(Buffer.from("%%>message:1:0:t.m::a=\xe9\xff\n", "latin1"));
    assert.deepEqual(await app.heard(), ["%%<message:1:false:t.m::a=\udce9\udcff"]);
  });

  it("takes what is fed byte by byte as what is fed whole", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    for (const byte of Buffer.from("%%>watch:żółw\r\n\n%%>unwatch:żółw\n")) app.push(Uint8Array.of(byte));
    assert.deepEqual(await app.heard(), ["%%<watch:żółw:true", "%%<unwatch:żółw:true"]);
  });

  it("discards a last line that has no end", async () => {
    await using memory = await startMemoryEngine();
    const [app, watcher] = [memory.app(), memory.app()];
    watcher.say("%%>watch:t.m");
    app.push(Buffer.from("%%>message:1:0:t.m::"));
    app.connection.lost();
    assert.deepEqual(await watcher.heard(), ["%%<watch:t.m:true"]);
  });

  it("cuts a connection at a line that is too long, without a word, and reports it", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    app.say(`%%>watch:${"x".repeat(8182)}`);
    assert.deepEqual(await app.heard(), []);
    assert.equal(app.ended, "cut");
    assert.match(memory.warnings.join(), /line longer than its buffer of 8192 bytes/);
  });

  it("counts the lines that it refuses", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    assert.deepEqual(await app.ask("hello"), ["Error in: hello"]);
    assert.equal(app.connection.figures.badLines, 1);
  });

  it("writes a message to an app and reads the same back", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    app.say("%%>install:10:t.m");
    await app.heard();
    const message = memory.engine.message("t.m", [
      ["id", "a"],
      ["id", "b"],
      ["x:y", "50%\n"],
    ]);
    const result = memory.engine.kernel.dispatch(message);
    const [line = ""] = await app.heard();
    assert.match(line, /^%%>message:[^:%]+:1767225600:t\.m::id=a:id=b:x%zy=50%%%J$/);
    app.say(`%%<message:${line.split(":")[1]}:true::r:x%zy=1`);
    assert.equal(await result, true);
    assert.deepEqual(
      [...message.params],
      [
        ["id", "a"],
        ["id", "b"],
        ["x:y", "1"],
      ],
    );
  });
});

describe("roles", () => {
  it("gives the first line the say, and refuses what is no role", async () => {
    await using memory = await startMemoryEngine();
    for (const line of ["%%>connect:global", "%%>connect:channel:id:type"]) {
      const app = memory.app({ role: undefined });
      assert.deepEqual(await app.ask(line), []);
      assert.equal(app.ended, "no");
      assert.deepEqual(await app.ask("%%>connect:global"), ["Error in: %%>connect:global"]);
    }
    for (const line of ["%%>connect:record", "%%>connect", "%%>watch:x", "%%<quit"]) {
      const app = memory.app({ role: undefined });
      app.say(line, "%%>watch:y");
      assert.deepEqual(await app.heard(), [], line);
      assert.equal(app.ended, "cut", line);
    }
  });
});

describe("messages that an app holds", () => {
  it("go on without it after the timeout, which is reported", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>install:10:t.m");
    const result = memory.engine.dispatch("t.m");
    const id = await app.heldId();
    await memory.clock.advance(9_999);
    assert.equal(app.connection.held, 1);
    await memory.clock.advance(1);
    assert.equal(await result, false);
    assert.deepEqual(memory.warnings, ["memory did not answer t.m within 10000 ms"]);
    assert.equal(app.connection.figures.timeouts, 1);
    assert.deepEqual(await app.ask(`%%<message:${id}:true::late`), []);
    assert.equal(app.connection.figures.badAnswers, 1);
  });

  it("are waited for as long as it takes when the timeout is 0 or below", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>setlocal:timeout:-1");
    await app.ask("%%>install:10:t.m");
    const result = memory.engine.dispatch("t.m");
    const id = await app.heldId();
    await memory.clock.advance(100_000);
    app.say(`%%<message:${id}:true:`);
    assert.equal(await result, true);
  });

  it("take the connection with them when timebomb is set", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ initial: { timebomb: true, timeoutMs: 100 } });
    await app.ask("%%>install:10:t.m");
    const [first, second] = [memory.engine.dispatch("t.m"), memory.engine.dispatch("t.m")];
    await settled();
    await memory.clock.advance(100);
    assert.deepEqual([await first, await second], [false, false]);
    assert.equal(app.ended, "flushed");
  });

  it("are given back when the app is lost, and its handlers go", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>install:10:t.m");
    await app.ask("%%>watch:");
    const result = memory.engine.dispatch("t.m");
    assert.equal(memory.engine.kernel.figures.hooks, 1);
    app.connection.lost();
    assert.equal(await result, false);
    assert.equal(memory.engine.kernel.figures.hooks, 0);
    assert.equal(memory.engine.dispatch("t.m"), false);
  });

  it("are no more than maxqueue", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ initial: { maxQueue: 2 } });
    await app.ask("%%>install:10:t.m");
    const results = [1, 2, 3].map((n) => memory.engine.dispatch("t.m", { n }));
    assert.equal(results[2], false);
    assert.equal((await app.heard()).length, 2);
  });

  it("return the flag of a broken answer at the timeout", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>install:10:t.m");
    const result = memory.engine.dispatch("t.m");
    const id = await app.heldId();
    app.say(`%%<message:${id}:true:name`);
    await memory.clock.advance(10_000);
    assert.equal(await result, true);
  });
});

describe("answers that cannot be used", () => {
  it("are reported once a kind and connection, and counted", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>install:10:t.m");
    const result = memory.engine.dispatch("t.m");
    const id = await app.heldId();
    for (let i = 0; i < 3; i++) app.say(`%%<message:${id}:maybe::`, "%%<message:nosuch:true::");
    assert.equal(app.connection.figures.badAnswers, 6);
    assert.equal(memory.warnings.length, 2);
    app.say(`%%<message:${id}:true::`);
    assert.equal(await result, true);
  });
});

describe("settings", () => {
  it("begin with the protocol's defaults", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ name: "tcp" });
    const expected: Record<string, string> = {
      trackparam: "",
      timeout: "10000",
      timebomb: "false",
      maxqueue: "1000",
      bufsize: "8192",
      restart: "false",
      reenter: "false",
      setdata: "true",
      settime: "false",
      selfwatch: "false",
      debugname: "tcp",
      runid: memory.engine.runId,
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(await app.ask(`%%>setlocal:${name}:`), [`%%<setlocal:${name}:${value}:true`]);
    }
  });

  it("tell the main configuration and the modules", async () => {
    const yate = parseConfig("[general]\nnodename=n1\n[telephony]\nmaxroute=5\n", "yate");
    await using memory = await startMemoryEngine({
      config: { yate },
      modules: [{ name: "dumbchan", start() {} }],
    });
    const app = memory.app();
    assert.deepEqual(await app.ask("%%>setlocal:config.telephony.maxroute:"), [
      "%%<setlocal:config.telephony.maxroute:5:true",
    ]);
    assert.deepEqual(await app.ask("%%>setlocal:config.telephony.maxroute:6"), [
      "%%<setlocal:config.telephony.maxroute:5:false",
    ]);
    assert.deepEqual(await app.ask("%%>setlocal:config.telephony:"), ["%%<setlocal:config.telephony::true"]);
    assert.deepEqual(await app.ask("%%>setlocal:loaded.dumbchan:"), [
      "%%<setlocal:loaded.dumbchan:true:true",
    ]);
    assert.deepEqual(await app.ask("%%>setlocal:loaded.dumb:"), ["%%<setlocal:loaded.dumb:false:true"]);
  });

  it("name the app in debug lines, once", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ name: "tcp" });
    assert.deepEqual(await app.ask("%%>setlocal:debugname:ivr"), ["%%<setlocal:debugname:ivr:true"]);
    assert.deepEqual(await app.ask("%%>setlocal:debugname:other"), ["%%<setlocal:debugname:ivr:true"]);
    app.say("%%>debug:7:a%zb", "%%>output:  plain  ");
    assert.deepEqual(memory.infos, ["ivr: a:b", "plain"]);
    await app.ask("%%>setlocal:debuglevel:3");
    app.say("%%>debug:7:not shown", "%%>debug:2:shown");
    assert.deepEqual(memory.warnings, ["ivr: shown"]);
  });

  it("let an app restart only when it is a global script", async () => {
    await using memory = await startMemoryEngine();
    assert.deepEqual(await memory.app().ask("%%>setlocal:restart:true"), ["%%<setlocal:restart:false:true"]);
    const script = memory.app({ restartable: true });
    assert.deepEqual(await script.ask("%%>setlocal:restart:true"), ["%%<setlocal:restart:true:true"]);
  });
});

/** An endpoint to call. */
class Phone extends CallEndpoint {
  readonly lost: (string | undefined)[] = [];
  protected override disconnected(cause: { readonly reason?: string | undefined }): void {
    this.lost.push(cause.reason);
  }
  protected override destroyed(): void {}
}

describe("the channel of an app", () => {
  it("is carried by its messages, unless setdata is off", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ withChannel: true, role: "channel" });
    const { channel } = app.connection;
    assert.ok(channel);
    const release = channel.hold();
    const carried: unknown[] = [];
    memory.engine.install({
      name: "t.m",
      priority: 1,
      receive: ({ userData }) => carried.push(userData) < 0,
    });
    await app.ask("%%>message:1:0:t.m:");
    await app.ask("%%>setlocal:setdata:false");
    await app.ask("%%>message:2:0:t.m:");
    assert.deepEqual(carried, [channel, undefined]);
    release();
    assert.equal(app.ended, "flushed");
  });

  it("comes with the first call.execute of a channel connection and goes when nobody takes the call, after the answer", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app({ role: "channel" });
    assert.deepEqual(await app.ask("%%>setlocal:id:me"), ["%%<setlocal:id:me:false"]);
    assert.deepEqual(await app.ask("%%>message:1:0:call.execute::id=x:callto=nobody"), [
      "%%<message:1:false:call.execute::id=ExtModule:callto=nobody",
    ]);
    assert.equal(app.ended, "flushed");
  });

  it("ends the app when its peer goes, or tells it where that was asked for", async () => {
    await using memory = await startMemoryEngine();
    const phone = new Phone("phone/1");
    const holdPhone = phone.hold();
    memory.engine.install({
      name: "call.execute",
      priority: 10,
      receive: ({ userData }) => userData instanceof CallEndpoint && userData.connect(phone),
    });
    const app = memory.app({ role: "channel", name: "any" });
    await app.ask("%%>message:1:0:call.execute::callto=phone");
    assert.deepEqual(await app.ask("%%>setlocal:id:me"), ["%%<setlocal:id:me:true"]);
    await app.ask("%%>setlocal:disconnected:true");
    await app.ask("%%>install:10:chan.disconnected:id:me");
    phone.disconnect({ reason: "gone" });
    const [line = ""] = await app.heard();
    assert.match(
      line,
      /^%%>message:[^:]+:\d+:chan\.disconnected::id=me:module=external:address=any:reason=gone$/,
    );
    // With the id of the message that it holds, it executes a call on that message's channel.
    const id = line.split(":")[1];
    await app.ask("%%>setlocal:setdata:false");
    assert.deepEqual(await app.ask(`%%>message:${id}:0:call.execute::callto=phone`), [
      `%%<message:${id}:true:call.execute::callto=phone`,
    ]);
    app.say(`%%<message:${id}:true:`);
    await settled();
    assert.equal(phone.peer, app.connection.channel);
    assert.equal(app.ended, "no");
    await app.ask("%%>setlocal:disconnected:false");
    phone.disconnect();
    assert.equal(app.ended, "flushed");
    holdPhone();
  });

  it("parts from its peer with the reason that the app has set", async () => {
    await using memory = await startMemoryEngine();
    const phone = new Phone("phone/1");
    for (const reason of ["busy", ""]) {
      const app = memory.app({ withChannel: true, role: "channel" });
      assert.ok(app.connection.channel?.connect(phone));
      const hold = phone.hold();
      if (reason) await app.ask(`%%>setlocal:reason:${reason}`);
      app.connection.lost();
      if (reason === "") hold();
    }
    assert.deepEqual(phone.lost, ["busy", undefined]);
  });
});

describe("quit", () => {
  it("is answered and ends the connection; what comes after it is not read", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    app.say("%%>quit", "%%>watch:x");
    assert.deepEqual(await app.heard(), ["%%<quit"]);
    assert.equal(app.ended, "flushed");
  });

  it("waits for the timeout of what the app holds", async () => {
    await using memory = await startMemoryEngine();
    const app = memory.app();
    await app.ask("%%>install:10:t.m");
    const result = memory.engine.dispatch("t.m");
    const id = await app.heldId();
    app.say("%%>quit", `%%<message:${id}:true:`);
    await settled();
    assert.equal(app.ended, "no");
    await memory.clock.advance(10_000);
    assert.equal(await result, false);
    assert.equal(app.ended, "flushed");
  });
});
