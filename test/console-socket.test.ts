import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeSoundFrame, type Requests } from "../src/console/protocol.ts";
import { openConsole, openPage } from "./console-kit.ts";

const samples = new Int16Array(160).fill(1000);
const frame = { line: 1, rateHz: 8000, position: 160, samples } as const;

/** Resolves when it holds; the test's own time ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe("the console's socket", () => {
  it("is told what there is, with the link's token", async () => {
    await using at = await openConsole({ targets: ["200", "ivr"] });
    await using page = await openPage(at.port, at.token);
    assert.equal(page.socket.protocol, "yayts");
    const hello = await page.hello();
    assert.deepEqual(hello.targets, ["200", "ivr", "100"]);
    assert.equal(hello.viewOnly, false);
    assert.equal(hello.keepsSound, false);
    assert.equal(hello.secondPhone, undefined);
    assert.equal(hello.phone.number, "session-one");
    assert.match(hello.version, /^\d+\.\d+\.\d+/);
    const route = hello.catalogue.find(({ name }) => name === "call.route");
    assert.ok(route && route.about.length > 10);
    assert.ok(route.params.some(({ name, about }) => name === "called" && about !== ""));
  });

  it("is closed with a code of its own to a wrong token, an old one, or none", async () => {
    await using at = await openConsole();
    const wrong = `${at.token.slice(0, -1)}${at.token.endsWith("A") ? "B" : "A"}`;
    for (const token of [wrong, "", "x".repeat(10_000), at.token.toLowerCase()]) {
      const page = await openPage(at.port, token === "" ? "none" : token);
      const { code, reason } = await page.closed;
      assert.equal(code, 4401, token.slice(0, 40));
      assert.match(reason, /link/);
    }
    const none = await openPage(at.port, "", { protocols: ["yayts"] });
    assert.equal((await none.closed).code, 4401);
    assert.deepEqual(at.desks.asked, []);
  });

  it("is refused to pages of another origin, under another name, at another path and without its protocol", async () => {
    await using at = await openConsole();
    const refused = (options: Parameters<typeof openPage>[2], status: number): Promise<void> =>
      assert.rejects(openPage(at.port, at.token, options), new RegExp(`status ${status}`));
    await refused({ origin: "http://evil.example" }, 403);
    await refused({ origin: "null" }, 403);
    await refused({ origin: `https://127.0.0.1:${at.port}` }, 403);
    await refused({ origin: `http://127.0.0.1:${at.port + 1}` }, 403);
    await refused({ host: "evil.example" }, 421);
    await refused({ path: "/other" }, 404);
    await refused({ protocols: [`token.${at.token}`] }, 400);
    await using page = await openPage(at.port, at.token, { host: `localhost:${at.port}` });
    await page.hello();
  });

  it("answers every request once: with its result, or with what is wrong", async () => {
    await using at = await openConsole();
    await using page = await openPage(at.port, at.token);
    const early = await page.ask("messages.clear", {});
    assert.equal("error" in early && early.error.code, "hello-first");
    await page.hello();
    assert.deepEqual(await page.ask("phone.dial", { to: "ivr" }), { id: 3, result: { line: 1 } });
    assert.deepEqual(await page.ask("phone.hangup", { line: 1 }), { id: 4, result: null });
    const failed = await page.ask("phone.cut", { what: "app", ms: 1 });
    assert.deepEqual(failed, { id: 5, error: { code: "failed", text: "a fault of the desk" } });
    const again = await page.ask("hello", { session: "session-one" });
    assert.match("error" in again ? again.error.text : "", /hello before/);
    assert.deepEqual(at.desks.asked, [
      "session-one is here",
      'session-one phone.dial {"to":"ivr"}',
      'session-one phone.hangup {"line":1}',
      'session-one phone.cut {"what":"app","ms":1}',
    ]);
  });

  it("tells what does not fit in a request, and asks nobody", async () => {
    await using at = await openConsole();
    await using page = await openPage(at.port, at.token);
    await page.hello();
    const wrong: readonly [string, unknown, RegExp][] = [
      ["phone.dial", { to: 5 }, /phone\.dial cannot use its to/],
      ["phone.dial", null, /needs an object/],
      ["phone.dial", [], /needs an object/],
      ["phone.answer", { line: -1 }, /its line/],
      ["phone.answer", { line: "1" }, /its line/],
      ["phone.weather", { weather: { loss: 2 } }, /its weather/],
      ["follow", { topics: [{ topic: "everything" }] }, /its topics/],
      ["follow", { topics: "calls" }, /its topics/],
      ["message.send", { name: "x", params: [["a"]] }, /its params/],
      ["constructor", {}, /no request constructor/],
      ["__proto__", {}, /no request/],
      ["", {}, /no request/],
    ];
    for (const [name, params, text] of wrong) {
      const answer = await page.ask(name as keyof Requests, params as never);
      assert.equal("error" in answer && answer.error.code, "bad-argument", name);
      assert.match("error" in answer ? answer.error.text : "", text);
    }
    assert.deepEqual(at.desks.asked, ["session-one is here"]);
  });

  it("closes with a reason what speaks another language, and goes on for the others", async () => {
    await using at = await openConsole();
    await using good = await openPage(at.port, at.token);
    await good.hello("session-good");
    for (const text of ["", "no json", "null", "[]", '{"do":"hello"}', '{"id":"1"}', '{"id":1.5}']) {
      const page = await openPage(at.port, at.token);
      page.socket.send(text);
      const { code, reason } = await page.closed;
      assert.equal(code, 1003, text);
      assert.match(reason, /JSON|id/);
    }
    const long = await openPage(at.port, at.token);
    long.socket.send("x".repeat(25 * 1024 * 1024));
    assert.equal((await long.closed).code, 1009);
    const torn = await openPage(at.port, at.token);
    torn.socket.terminate();
    assert.deepEqual(await good.ask("messages.clear", {}), { id: 2, result: null });
  });

  it("carries sound both ways, and drops what is no frame of it", async () => {
    await using at = await openConsole();
    await using page = await openPage(at.port, at.token);
    page.socket.send(encodeSoundFrame(frame));
    await page.hello();
    for (const bytes of [[], [1], [2, 1, 8, 0, 0, 0, 0, 0], [1, 1, 8, 0, 0, 0, 0, 0, 9]])
      page.socket.send(Uint8Array.from(bytes));
    page.socket.send(encodeSoundFrame(frame));
    await until(() => at.desks.heard.length > 0);
    assert.deepEqual(at.desks.heard, [frame]);
    at.desks.speak(frame);
    await until(() => page.sound.length > 0);
    assert.deepEqual(Uint8Array.from(page.sound[0] ?? []), encodeSoundFrame(frame));
  });

  it("tells a page less when it does not read, drops its sound, and cuts it in the end", async () => {
    await using at = await openConsole();
    const page = await openPage(at.port, at.token);
    await page.hello();
    assert.deepEqual(at.desks.congested(), [false]);
    page.socket.pause();
    const text = "x".repeat(1024 * 1024);
    let sent = 0;
    while (at.desks.congested()[0] === false && sent < 64) {
      at.desks.tell({ topic: "notice", level: "info", text });
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(at.desks.congested(), [true]);
    at.desks.speak(frame);
    for (let more = 0; more < 64 && at.desks.congested().length > 0; more++) {
      at.desks.tell({ topic: "notice", level: "info", text });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(at.desks.congested(), []);
    page.socket.resume();
    assert.equal((await page.closed).code, 1006);
    assert.equal(page.sound.length, 0);
  });
});

describe("a page of the console", () => {
  it("with the link for looking may look, and change nothing", async () => {
    await using at = await openConsole();
    await using page = await openPage(at.port, at.viewToken);
    const hello = await page.hello();
    assert.equal(hello.viewOnly, true);
    assert.equal(hello.secondPhone, undefined);
    const refused: readonly [keyof Requests, unknown][] = [
      ["phone.dial", { to: "ivr" }],
      ["phone.number", { number: "1" }],
      ["message.send", { name: "engine.halt", params: [] }],
      ["route.try", { called: "1" }],
      ["sound.keep", { on: true }],
      ["messages.clear", {}],
    ];
    for (const [name, params] of refused) {
      const answer = await page.ask(name, params as never);
      assert.equal("error" in answer && answer.error.code, "view-only", name);
    }
    page.socket.send(encodeSoundFrame(frame));
    assert.deepEqual(await page.ask("calls.past", {}), { id: 8, result: null });
    assert.deepEqual(await page.ask("follow", { topics: [{ topic: "calls" }] }), { id: 9, result: null });
    assert.deepEqual(at.desks.asked, ["view-session-one has gone", "calls.past {}", "follow calls"]);
    assert.equal(at.desks.heard.length, 0);
  });

  it("may give up what its link allows, but not take more", async () => {
    await using at = await openConsole();
    await using modest = await openPage(at.port, at.token);
    assert.equal((await modest.hello("session-one", true)).viewOnly, true);
    await using bold = await openPage(at.port, at.viewToken);
    assert.equal((await bold.hello("session-two", false)).viewOnly, true);
  });

  it("takes the place of an earlier one of its session, as after a reload, and the phone does not notice", async () => {
    await using at = await openConsole();
    const before = await openPage(at.port, at.token);
    await before.hello();
    await using after = await openPage(at.port, at.token);
    await after.hello();
    assert.equal((await before.closed).code, 4409);
    assert.equal(at.console.pages, 1);
    await using viewer = await openPage(at.port, at.viewToken);
    await viewer.hello();
    assert.equal(at.console.pages, 2);
    assert.deepEqual(at.desks.asked, ["session-one is here", "view-session-one has gone"]);
    assert.equal(after.socket.readyState, after.socket.OPEN);
  });

  it("is missed by its phone when it has gone", async () => {
    await using at = await openConsole();
    const page = await openPage(at.port, at.token);
    await page.hello();
    page.socket.terminate();
    await until(() => at.desks.asked.includes("session-one has gone"));
    assert.equal(at.console.pages, 0);
  });

  it("follows its phone beside what happens, and gets it at once", async () => {
    await using at = await openConsole();
    await using page = await openPage(at.port, at.token);
    await page.hello();
    await page.ask("follow", { topics: [{ topic: "phone" }, { topic: "app" }, { topic: "calls" }] });
    assert.deepEqual(page.told, [{ topic: "phone", phone: { number: "session-one", lines: [] } }]);
    assert.ok(at.desks.asked.includes("follow app calls"));
  });

  it("knows from hello whether sound is kept, also when another page has asked for that", async () => {
    await using at = await openConsole({ keepSound: true });
    assert.deepEqual(at.desks.asked, ['sound.keep {"on":true}']);
    await using one = await openPage(at.port, at.token);
    assert.equal((await one.hello("session-one")).keepsSound, true);
    await one.ask("sound.keep", { on: true, call: "sip/1" });
    await one.ask("sound.keep", { on: false });
    await using two = await openPage(at.port, at.token);
    assert.equal((await two.hello("session-two")).keepsSound, false);
  });

  it("is told that the console ends, and its connection with it", async () => {
    const at = await openConsole();
    const page = await openPage(at.port, at.token);
    await page.hello();
    const silent = await openPage(at.port, at.token);
    await silent.hello("session-two");
    silent.socket.pause();
    const closed = at.console.close();
    assert.equal((await page.closed).code, 1001);
    await closed;
    silent.socket.resume();
    await silent.closed;
    await assert.rejects(openPage(at.port, at.token), /ECONNREFUSED/);
    await at[Symbol.asyncDispose]();
  });
});
