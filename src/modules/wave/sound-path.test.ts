import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { parseConfig, startEngine } from "../../engine/index.ts";
import { soundCandidates, soundFolders } from "./sound-path.ts";

test("an absolute file is looked for where it says, and nowhere else", () => {
  assert.deepEqual(soundCandidates("/a/../b.slin", ["/sounds"]), ["/a/../b.slin"]);
});

test("a relative file is looked for in the current folder, then in each sound folder with and without sounds/", () => {
  assert.deepEqual(soundCandidates("./sounds/digits/5.gsm", ["/one", "/two"]), [
    resolve("sounds/digits/5.gsm"),
    "/one/sounds/digits/5.gsm",
    "/one/digits/5.gsm",
    "/two/sounds/digits/5.gsm",
    "/two/digits/5.gsm",
  ]);
  assert.deepEqual(
    soundCandidates("../x.gsm", ["/one"]),
    [resolve("../x.gsm")],
    "nothing above a sound folder",
  );
});

test("the sound folders come from the run parameter, else from the configuration, the package's own last", async () => {
  const folders = async (options: Parameters<typeof startEngine>[0]): Promise<string[]> => {
    const engine = await startEngine(options);
    const found = soundFolders(engine);
    await engine.stop();
    return found;
  };
  const config = { yate: parseConfig("[general]\nsoundspath=/c:/d\n", "yate.conf") };
  const own = (await folders({})).at(-1) ?? "";
  assert.ok(existsSync(`${own}/digits/en/5.gsm`));
  assert.deepEqual(await folders({ config }), ["/c", "/d", own]);
  assert.deepEqual(await folders({ config, runParams: { soundspath: "/a" } }), ["/a", own]);
});
