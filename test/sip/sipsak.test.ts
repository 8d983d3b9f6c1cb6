import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type SipEngine, startSipEngine } from "./sip-engine.ts";

const absent = spawnSync("sipsak", ["--version"]).error
  ? "there is no sipsak; apt-get install sipsak"
  : false;

/** Its exit code (0: it was answered 200) and what it said. */
async function sipsak(...args: string[]): Promise<{ code: number | string; said: string }> {
  const child = spawn("sipsak", args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("latin1").on("data", (text: string) => {
      said += text;
    });
  const killer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const [code, signal] = await once(child, "close");
  clearTimeout(killer);
  return { code: code ?? signal, said };
}

/** The engine still answers; a source that was too busy is heard again after a moment. */
async function stillThere(engine: SipEngine): Promise<void> {
  for (let tries = 0; tries < 30; tries++) {
    if ((await sipsak("-s", `sip:100@${engine.sip}`)).code === 0) return;
    await delay(500);
  }
  assert.fail("the engine does not answer OPTIONS any more");
}

describe("sipsak as a peer", { concurrency: 2, skip: absent }, () => {
  it("pings with OPTIONS", async () => {
    await using engine = await startSipEngine();
    const { code, said } = await sipsak("-v", "-s", `sip:100@${engine.sip}`);
    assert.equal(code, 0, said);
    assert.match(said, /^SIP\/2\.0 200 OK/);
  });

  it("registers with the right password only, and unregisters", async () => {
    await using engine = await startSipEngine({ regfile: "[100]\npassword=secret\n" });
    const { yate } = engine.embedded;
    // Without -u it signs as the user "100@".
    const register = (password: string, sec: number) =>
      sipsak(
        ...["-U", "-C", "sip:100@127.0.0.1:5999", "-x", String(sec), "-u", "100", "-a", password],
        ...["-s", `sip:100@${engine.sip}`],
      );
    const registered = yate.onwatch("user.register", { username: "100" });
    assert.notEqual((await register("wrong", 120)).code, 0);
    const { code, said } = await register("secret", 120);
    assert.equal(code, 0, said);
    assert.equal((await registered).get("expires"), "120");
    const gone = yate.onwatch("user.unregister", { username: "100" });
    await register("secret", 0);
    assert.equal((await gone).get("expires"), "0");
  });

  it("floods the engine with 5000 requests, which goes on", async () => {
    await using engine = await startSipEngine();
    const { code, said } = await sipsak("-F", "-e", "5000", "-s", `sip:100@${engine.sip}`);
    assert.equal(code, 0, said);
    await stillThere(engine);
  });

  it("sends the engine requests with more and more of them wrong, and it goes on", async () => {
    await using engine = await startSipEngine();
    // It ends when one was so wrong that it was not answered.
    await sipsak("-R", "-t", "40", "-s", `sip:100@${engine.sip}`);
    await stillThere(engine);
  });
});
