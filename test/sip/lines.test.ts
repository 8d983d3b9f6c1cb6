import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

/** A provider with users 100 and 200, and our own engine. */
async function start() {
  const provider = await startSipEngine({ regfile: "[100]\npassword=secret\n[200]\npassword=other\n" });
  const office = await startSipEngine();
  const { yate } = office.embedded;
  const watched = new Watched(yate, [
    "user.notify",
    "call.execute",
    "call.answered",
    "chan.hangup",
    "user.auth",
  ]);
  const registrar = `127.0.0.1:${provider.sipPort}`;
  return {
    provider,
    office,
    yate,
    watched,
    login: (params: Readonly<Record<string, string>> = {}) =>
      yate
        .msg("user.login", {
          protocol: "sip",
          account: "provider",
          username: "100",
          password: "secret",
          domain: "127.0.0.1",
          registrar,
          ...params,
        })
        .dispatch(),
    status: async () => (await yate.msg("engine.status", { module: "sip accounts" }).dispatch()).retvalue,
    async [Symbol.asyncDispose]() {
      await office[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

describe("a line at a provider", () => {
  it("registers, is shown in the status, and is gone at the provider when it logs out", async () => {
    await using t = await start();
    assert.equal((await t.login()).handled, true);
    const { params } = await t.watched.take("user.notify", { account: "provider", registered: "true" });
    assert.equal(params.get("username"), "100");
    assert.match(await t.status(), /accounts=1;provider=100\|registered/);
    const users = async () =>
      (await t.provider.embedded.yate.msg("engine.status", { module: "regfile" }).dispatch()).retvalue;
    assert.match(await users(), /users=1;100=sip\/sip:100@/);
    await t.yate.msg("user.login", { account: "provider", protocol: "sip", operation: "logout" }).dispatch();
    await t.watched.take("user.notify", { registered: "false" });
    assert.match(await users(), /users=0/);
    assert.match(await t.status(), /provider=100\|offline/);
  });

  it("that is refused tells so, shows it, and cannot be called through", async () => {
    await using t = await start();
    await t.login({ password: "wrong" });
    const { params } = await t.watched.take("user.notify", { registered: "false" });
    assert.equal(params.get("error"), "noauth");
    assert.match(await t.status(), /provider=100\|noauth/);
    const call = await t.yate
      .msg("call.execute", {
        callto: "dumb/me",
        target: "x",
        direct: "sip/200",
        line: "provider",
        copyparams: "line",
      })
      .dispatch();
    assert.equal(call.handled, false);
    assert.equal(call.params.get("error"), "offline");
  });

  it("without a registrar, and one that cannot be found", async () => {
    await using t = await start();
    await t.login({ account: "plain", registrar: "", domain: `127.0.0.1:${t.provider.sipPort}` });
    await t.watched.take("user.notify", { account: "plain", registered: "true" });
    await t.login({ account: "lost", registrar: "no-such-host.invalid" });
    await t.watched.take("user.notify", { account: "lost", error: "notransport" });
  });

  it("brings the provider's calls in, without asking who they are", async () => {
    await using t = await start();
    t.yate.handle("call.route", { filter: { in_line: "provider" } }, () => "tone/dial");
    await t.login();
    await t.watched.take("user.notify", { registered: "true" });
    const call = await t.provider.embedded.yate
      .msg("call.execute", { callto: "dumb/caller", target: "100", caller: "555" })
      .dispatch();
    assert.equal(call.handled, true);
    const { params } = await t.watched.take("call.execute", { callto: "tone/dial" });
    assert.equal(params.get("in_line"), "provider");
    assert.equal(params.get("username"), "100");
    assert.equal(params.get("caller"), "555");
    assert.equal(t.watched.all.filter((message) => message.name === "user.auth").length, 0);
  });

  it("takes calls out: the number at the line's domain, authenticated when asked", async () => {
    await using t = await start();
    const provider = t.provider.embedded.yate;
    provider.handle("call.route", { priority: 50, filter: { called: "555" } }, (message) => {
      if (message.params.get("username") === "100") return "tone/dial";
      message.params.set("error", "noauth");
      return "-";
    });
    await t.login({ description: "Office" });
    await t.watched.take("user.notify", { registered: "true" });
    const call = await t.yate
      .msg("call.execute", {
        callto: "dumb/me",
        target: "x",
        direct: "line/555",
        line: "provider",
        copyparams: "line",
      })
      .dispatch();
    assert.equal(call.handled, true);
    await t.watched.take("call.answered");
  });
});

describe("two engines", () => {
  it("call each other over TCP, and over IPv6", async (test) => {
    const general = "[general]\naddr=127.0.0.1\nport=0\n[listener tcp]\ntype=tcp\naddr=127.0.0.1\nport=0\n";
    for (const [kind, ysipchan] of [
      ["tcp", general],
      ["udp6", "[general]\naddr=127.0.0.1\nport=0\n[listener udp6]\naddr=::1\nport=0\n"],
    ] as const) {
      await test.test(kind, async () => {
        await using callee = await startSipEngine({ ysipchan });
        await using caller = await startSipEngine({ ysipchan });
        callee.embedded.yate.handle("call.route", {}, () => "tone/dial");
        const watched = new Watched(caller.embedded.yate, ["call.answered", "chan.hangup"]);
        const { host = "", port = 0 } = callee.embedded.sip.get(kind) ?? {};
        const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
        const uri = `sip:any@${place}${kind === "tcp" ? ";transport=tcp" : ""}`;
        const call = await caller.embedded.yate
          .msg("call.execute", { callto: "dumb/me", target: "x", direct: `sip/${uri}` })
          .dispatch();
        assert.equal(call.handled, true, JSON.stringify(call.params.toObject()));
        await watched.take("call.answered");
        await caller.embedded.yate.msg("call.drop", { id: call.params.get("id") }).dispatch();
        const gone = await watched.take("chan.hangup", { module: "sip" });
        assert.equal(gone.params.get("answered"), "true");
      });
    }
  });

  it("protect their sound by SRTP when they are told to", async () => {
    const secure = { ysipchan: "[general]\naddr=127.0.0.1\nport=0\nsecure=yes\n" };
    await using callee = await startSipEngine(secure);
    await using caller = await startSipEngine(secure);
    callee.embedded.yate.handle("call.route", {}, () => "tone/dial");
    const heard = new Watched(callee.embedded.yate, ["call.execute", "chan.rtp"]);
    const watched = new Watched(caller.embedded.yate, ["call.answered", "chan.hangup"]);
    const call = await caller.embedded.yate
      .msg("call.execute", { callto: "dumb/me", target: "x", direct: `sip/sip:a@${callee.sip}` })
      .dispatch();
    const answered = await watched.take("call.answered");
    assert.equal(answered.params.get("transport"), "RTP/SAVP");
    const started = await heard.take("chan.rtp", { status: "updated" });
    assert.equal(started.params.get("secure"), "true");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await caller.embedded.yate.msg("call.drop", { id: call.params.get("id") }).dispatch();
    const gone = await watched.take("chan.hangup", { module: "sip" });
    assert.match(gone.params.get("rtp_stats") ?? "", /,PR=[1-9]/, "what was protected was understood");
  });
});
