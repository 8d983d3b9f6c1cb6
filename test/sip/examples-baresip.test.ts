import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import echoAudio from "../../examples/echo-audio.ts";
import keyecho from "../../examples/keyecho.ts";
import { office } from "../../examples/office.ts";
import { identify } from "../../src/media/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";
import { noBaresip, phoneOf } from "./baresip.ts";
import { compareSound, join, pause, speech } from "./hear.ts";
import { startSipEngine } from "./sip-engine.ts";

const users = ["100", "200", "300"];
const regfile = users.map((user) => `[${user}]\npassword=secret${user}\n`).join("\n");

describe("the examples, called by somebody else's phone", { skip: noBaresip, timeout: 120_000 }, () => {
  it("keyecho speaks the keys that it presses", async () => {
    await using engine = await startSipEngine({ regfile });
    keyecho.start(engine.embedded.connect());
    await using phone = await phoneOf(engine, "100");
    await phone.command("dial", `ivr@${engine.sip}`);
    await phone.event("CALL_ESTABLISHED");
    for (const key of "48") {
      await phone.command("sndcode", key);
      await delay(1500);
    }
    await phone.command("hangup");
    await phone.event("CALL_CLOSED");
    await phone.quit();
    const [heard = new Int16Array(0)] = await phone.heard();
    const names = identify(heard, await loadPrompts()).map(({ name }) => name);
    assert.deepEqual(names, ["digits/pl/4", "digits/pl/8"]);
  });

  it("echo-audio gives it back what it says", async () => {
    await using engine = await startSipEngine({ regfile });
    echoAudio.start(engine.embedded.connect());
    const says = await speech("en/welcome", "en/press-a-key");
    await using phone = await phoneOf(engine, "100", { says: join(pause(1000), says) });
    await phone.command("dial", `echo@${engine.sip}`);
    await phone.event("CALL_ESTABLISHED");
    await delay(1500 + says.length / 8 + 1000);
    await phone.command("hangup");
    await phone.event("CALL_CLOSED");
    await phone.quit();
    const [heard = new Int16Array(0)] = await phone.heard();
    const { score } = compareSound(says, heard);
    assert.ok(score >= 0.8, `correlation ${score}`);
  });

  it("office asks it for its password, and lets it transfer a call to another phone", async () => {
    await using engine = await startSipEngine({ regfile });
    const told: string[] = [];
    office(engine.embedded.connect(), (text) => told.push(text)).catch(() => {});
    const [one, two, three] = await Promise.all(users.map((user) => phoneOf(engine, user)));
    assert.ok(one && two && three);
    await using _ = one;
    await using __ = two;
    await using ___ = three;
    await one.command("dial", `200@${engine.sip}`);
    await two.event("CALL_INCOMING");
    await two.command("accept");
    await Promise.all([one.event("CALL_ESTABLISHED"), two.event("CALL_ESTABLISHED")]);
    await two.command("transfer", `sip:300@${engine.sip}`);
    await three.event("CALL_INCOMING");
    await three.command("accept");
    await Promise.all([two.event("CALL_CLOSED"), three.event("CALL_ESTABLISHED")]);
    assert.deepEqual(told, ["100 is transferred to 300"]);
    await one.command("hangup");
    await three.event("CALL_CLOSED");
  });
});
