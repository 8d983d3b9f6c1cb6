import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startSipEngine } from "./sip-engine.ts";

const shared = resolve(fileURLToPath(new URL(".", import.meta.url)), "../../../shared/conformance/sipp");
const player = join(shared, "run-sipp.mjs");

const absent = !existsSync(player)
  ? "the conformance suite is not beside this project"
  : spawnSync("sipp", ["-v"]).error
    ? "there is no sipp; apt-get install sip-tester"
    : false;
const names = absent === false ? globSync(join(shared, "*.xml")).map((file) => basename(file, ".xml")) : [];

interface Addresses {
  readonly apps: string;
  readonly sip: string;
}

/**
 * Plays a scenario and tells what went wrong. The player asks the system for ports that are free and gives them to
 * SIPp a moment later; when somebody else took one meanwhile, nothing was played yet, and it is asked again.
 */
async function play(name: string, engine: Addresses): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const failed = await playOnce(name, engine);
    if (attempt === 5 || !/Unable to bind|Address already in use/.test(failed)) return failed;
  }
}

function playOnce(name: string, engine: Addresses): Promise<string> {
  const args = [player, "--ext", engine.apps, "--sip", engine.sip, "--only", name];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  return new Promise((done) =>
    child.on("close", (code) => done(code === 0 ? "" : said || `exit code ${code}`)),
  );
}

describe("SIPp's conformance scenarios pass on the embedded engine", { concurrency: 4, skip: absent }, () => {
  for (const name of names.sort()) {
    it(name, { timeout: 60_000 }, async () => {
      await using engine = await startSipEngine({ regfile: "[100]\npassword=100\n" });
      assert.equal(await play(name, engine), "");
    });
  }
});
