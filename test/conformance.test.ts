import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { extmodule } from "../src/engine/index.ts";
import { createEngine, type EmbeddedEngine, parseConfig } from "../src/modules/index.ts";
import { playScenario, type ScenarioAddresses } from "./scenario-player.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const shared = resolve(here, "../../shared/conformance");
const sounds = join(shared, "sounds");

/** Modules that the scenarios about calls need, by their files' names in the reference engine. */
const callModules = ["dumbchan", "wavefile", "tonegen", "conference", "regexroute"];

interface Played {
  readonly embedded: EmbeddedEngine;
  readonly addresses: ScenarioAddresses;
}

/** An engine as test/scenarios/README.md wants it, with no other app connected. */
async function startForScenarios(): Promise<Played> {
  const apps = extmodule({
    listeners: [
      { name: "global", port: 0, role: "global" },
      { name: "any", port: 0 },
    ],
  });
  const config = { regexroute: parseConfig("[default]\n99991001=tone/dial\n", "regexroute") };
  const embedded = await createEngine({ modules: [apps], config });
  const address = (name: string): string => apps.addresses.get(name)?.replace("tcp://", "") ?? "";
  return { embedded, addresses: { global: address("global"), any: address("any") } };
}

/** Plays with the conformance suite's own player. */
function runShared(
  file: string,
  addresses: ScenarioAddresses,
): Promise<{ code: number | null; said: string }> {
  const { global = "", any = "" } = addresses;
  const args = [join(shared, "run.mjs"), "--global", global, "--any", any, "--var", `sounds=${sounds}`, file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  return new Promise((done) => child.on("close", (code) => done({ code, said })));
}

const title = (file: string): string =>
  /^title: (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? basename(file);

const own = globSync("scenarios/*.scn", { cwd: here })
  .map((file) => join(here, file))
  .sort();

describe("the embedded engine holds the conversations of test/scenarios", { concurrency: 8 }, () => {
  for (const file of own) {
    it(`${basename(file, ".scn")}: ${title(file)}`, async () => {
      const { embedded, addresses } = await startForScenarios();
      try {
        await playScenario(readFileSync(file, "utf8"), { addresses });
      } finally {
        await embedded.stop();
      }
    });
  }
});

const judged = existsSync(shared) ? globSync(join(shared, "scenarios/*.scn")).sort() : [];
const absent = judged.length === 0 ? "the conformance suite is not beside this project" : false;

describe("the embedded engine passes the conformance suite", { concurrency: 4, skip: absent }, () => {
  for (const file of judged) {
    it(`${basename(file, ".scn")}: ${title(file)}`, async (test) => {
      const { embedded, addresses } = await startForScenarios();
      try {
        const missing = callModules.filter((name) => !embedded.engine.modules.has(name));
        if (basename(file).startsWith("call-") && missing.length > 0) {
          test.skip(`the engine has no ${missing.join(", ")} yet`);
          return;
        }
        const { code, said } = await runShared(file, addresses);
        assert.equal(code, 0, said);
      } finally {
        await embedded.stop();
      }
    });
  }
});
