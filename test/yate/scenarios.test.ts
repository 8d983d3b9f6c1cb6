import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { playScenario } from "../scenario-player.ts";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

const folder = fileURLToPath(new URL("../scenarios", import.meta.url));

describe("a real YATE holds the conversations of test/scenarios", { skip: whyNoYate() ?? false }, () => {
  let yate: RunningYate;
  before(async () => {
    yate = await startYate();
  });
  after(() => yate?.stop());

  for (const file of globSync("*.scn", { cwd: folder }).sort()) {
    it(basename(file, ".scn"), async () => {
      const addresses = {
        global: yate.tcp.replace("tcp://", ""),
        any: yate.any.replace("tcp://", ""),
        unix: yate.unix.replace("unix:", ""),
      };
      await playScenario(readFileSync(join(folder, file), "utf8"), { addresses });
    });
  }
});
