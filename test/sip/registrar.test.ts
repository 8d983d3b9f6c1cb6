import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRawPhone, phoneSdp, type RawPhone } from "./raw-phone.ts";
import { startSipEngine } from "./sip-engine.ts";
import { Watched } from "./watching.ts";

const users = "[100]\npassword=secret\n[200]\npassword=other\n";
const names = ["user.auth", "user.register", "user.unregister", "user.authfail", "call.execute"];

async function start(texts: Readonly<Record<string, string>> = {}) {
  const engine = await startSipEngine({ regfile: users, ...texts });
  const phone = await createRawPhone(engine.sipPort);
  const watched = new Watched(engine.embedded.yate, names);
  return {
    engine,
    phone,
    watched,
    yate: engine.embedded.yate,
    /** REGISTER of user 100 with these header fields. */
    register: (...headers: (readonly [string, string])[]) =>
      phone.ask("REGISTER", "", { user: "100", password: "secret", headers }),
    contact: (port: number, more = "") => ["Contact", `<sip:100@127.0.0.1:${port}>${more}`] as const,
    async [Symbol.asyncDispose]() {
      await phone[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

const contactsIn = (text: string | undefined): number => (text?.match(/<sip:/g) ?? []).length;

describe("a phone registers", () => {
  it("with its password, and is called by its number", async () => {
    await using t = await start();
    const response = await t.register(t.contact(t.phone.port), ["Expires", "120"]);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("Expires"), "120");
    const { params } = await t.watched.take("user.register");
    assert.equal(params.get("data"), `sip/sip:100@127.0.0.1:${t.phone.port}`);
    const called = t.yate.msg("call.execute", { callto: "dumb/me", target: "100", caller: "me" }).dispatch();
    const call = await t.phone.calls.take("the call");
    assert.equal(call.session.invite.uri, `sip:100@127.0.0.1:${t.phone.port}`);
    assert.equal((await called).handled, true);
    call.session.reject(486);
  });

  it("not with a wrong password, nor as somebody else, nor without one", async () => {
    await using t = await start();
    const headers = [t.contact(t.phone.port)];
    const wrong = await t.phone.ask("REGISTER", "", { user: "100", password: "no", headers });
    assert.equal(wrong.status, 401);
    await t.watched.take("user.authfail", { username: "100" });
    assert.equal((await t.phone.ask("REGISTER", "", { user: "100", headers })).status, 401);
    assert.equal((await t.phone.ask("REGISTER", "", { user: "nobody", password: "x", headers })).status, 401);
  });

  it("from two places, and both ring; the list of contacts tells all", async () => {
    await using t = await start();
    await using desk = await createRawPhone(t.engine.sipPort);
    assert.equal((await t.register(t.contact(t.phone.port))).status, 200);
    const second = await desk.ask("REGISTER", "", {
      user: "100",
      password: "secret",
      headers: [["Contact", `<sip:100@127.0.0.1:${desk.port}>`]],
    });
    assert.equal(contactsIn(second.headers.all("Contact").join()), 2);
    void t.yate.msg("call.execute", { callto: "dumb/me", target: "100", caller: "me" }).dispatch();
    const [one, other] = [await t.phone.calls.take("one"), await desk.calls.take("the other")];
    other.session.accept({ body: phoneSdp(4000) });
    assert.equal((await one.end()).kind, "cancelled");
    other.hangup();
  });

  it("asks for its contacts, takes one away, or all of them", async () => {
    await using t = await start();
    await t.register(t.contact(5071));
    await t.register(t.contact(5072));
    assert.equal(contactsIn((await t.register()).headers.all("Contact").join()), 2);
    const less = await t.register(t.contact(5071, ";expires=0"));
    assert.equal(contactsIn(less.headers.all("Contact").join()), 1);
    await t.watched.take("user.unregister", { expires: "0" });
    assert.equal((await t.register(["Contact", "*"], ["Expires", "60"])).status, 400);
    const none = await t.register(["Contact", "*"], ["Expires", "0"]);
    assert.equal(none.status, 200);
    assert.equal(none.headers.has("Contact"), false);
    const call = await t.yate.msg("call.execute", { callto: "dumb/me", target: "100" }).dispatch();
    assert.equal(call.handled, false);
  });

  it("not for too short a time, and for an hour at most", async () => {
    await using t = await start();
    const short = await t.register(t.contact(5071), ["Expires", "30"]);
    assert.equal(short.status, 423);
    assert.equal(short.headers.get("Min-Expires"), "60");
    const long = await t.register(t.contact(5071), ["Expires", "100000"]);
    assert.equal(long.headers.get("Expires"), "3600");
  });

  it("over TCP, and is called on its connection; when that breaks it is gone", async () => {
    await using t = await start({
      ysipchan: "[general]\naddr=127.0.0.1\nport=0\n[listener tcp]\ntype=tcp\naddr=127.0.0.1\nport=0\n",
    });
    const { port = 0 } = t.engine.embedded.sip.get("tcp") ?? {};
    const phone: RawPhone = await createRawPhone(port, { transport: "tcp" });
    try {
      const contact = ["Contact", `<sip:100@127.0.0.1:${phone.port};transport=tcp>`] as const;
      const options = { user: "100", password: "secret", headers: [contact] };
      assert.equal((await phone.ask("REGISTER", "", options)).status, 200);
      const registered = await t.watched.take("user.register");
      assert.match(registered.params.get("connection_id") ?? "", /^tcp:127\.0\.0\.1:\d+-127\.0\.0\.1:\d+$/);
      assert.equal(registered.params.get("connection_reliable"), "true");
      void t.yate.msg("call.execute", { callto: "dumb/me", target: "100", caller: "me" }).dispatch();
      const call = await phone.calls.take("the call");
      assert.equal(call.session.flow.transport, "TCP");
      call.session.reject(486);
    } finally {
      await phone[Symbol.asyncDispose]();
    }
    await t.watched.take("user.unregister", { reason: "connection lost" });
  });
});

describe("requests outside of calls", () => {
  it("OPTIONS tells what is served, unknown methods get 501, strangers' dialogs 481", async () => {
    await using t = await start();
    const options = await t.phone.ask("OPTIONS", "");
    assert.equal(options.status, 200);
    assert.match(options.headers.get("Allow") ?? "", /INVITE.*REGISTER/);
    assert.equal((await t.phone.ask("FROBNICATE", "")).status, 501);
    assert.equal((await t.phone.ask("MESSAGE", "100")).status, 501);
    assert.equal((await t.phone.ask("REFER", "100")).status, 481);
  });

  it("MESSAGE is routed and delivered, and sent by msg.execute, where it is enabled", async () => {
    await using t = await start({
      ysipchan: "[general]\naddr=127.0.0.1\nport=0\n[message]\nenable=yes\n",
    });
    await t.register(t.contact(t.phone.port));
    t.yate.handle("call.route", { filter: { route_type: "msg" } }, (message) => {
      assert.equal(message.params.get("xsip_body"), "hello");
      assert.equal(message.params.get("username"), "100");
      return `sip/sip:100@127.0.0.1:${t.phone.port}`;
    });
    const body = { type: "text/plain", bytes: new TextEncoder().encode("hello") };
    const options = { user: "100", password: "secret", body };
    assert.equal((await t.phone.ask("MESSAGE", "100", options)).status, 200);
    const got = await t.phone.requests.take("the MESSAGE");
    assert.equal(new TextDecoder().decode(got.body), "hello");
    const sent = await t.yate
      .msg("msg.execute", {
        callto: `sip/sip:100@127.0.0.1:${t.phone.port}`,
        caller: "app",
        xsip_type: "text/plain",
        xsip_body: "aGk=",
        xsip_body_encoding: "base64",
        wait: true,
      })
      .dispatch();
    assert.equal(sent.params.get("code"), "200");
    assert.equal(new TextDecoder().decode((await t.phone.requests.take("the text")).body), "hi");
  });

  it("methods of the configuration are an app's to answer", async () => {
    await using t = await start({
      ysipchan: "[general]\naddr=127.0.0.1\nport=0\ngenerate=yes\n[methods]\nsubscribe=no\n",
    });
    const subscribe = () => t.phone.ask("SUBSCRIBE", "100", { headers: [["Event", "presence"]] });
    assert.equal((await subscribe()).status, 405);
    t.yate.handle("sip.subscribe", {}, (message) => {
      assert.equal(message.params.get("sip_event"), "presence");
      message.params.set("osip_Expires", "60");
      return "202";
    });
    const response = await subscribe();
    assert.equal(response.status, 202);
    assert.equal(response.headers.get("Expires"), "60");
    await t.yate
      .msg("xsip.generate", { method: "NOTIFY", uri: t.phone.uri, sip_Event: "presence", wait: true })
      .dispatch();
    assert.equal((await t.phone.requests.take("NOTIFY")).headers.get("Event"), "presence");
  });
});
