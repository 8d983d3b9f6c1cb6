import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createEngine } from "yayts/engine";
import { createFolder } from "../../../test/cli-process.ts";
import { startConsole } from "../../console/index.ts";
import { browse, hasScreen } from "./open-browser.ts";

it("a browser is opened where there is a screen or BROWSER names a program, and not with BROWSER=none", () => {
  assert.equal(hasScreen({ BROWSER: "/usr/bin/firefox" }), true);
  assert.equal(hasScreen({ BROWSER: "/usr/bin/firefox", CI: "true" }), false);
  assert.equal(hasScreen({ BROWSER: "none", DISPLAY: ":0" }), false);
  if (process.platform === "linux") {
    assert.equal(hasScreen({ DISPLAY: ":0" }), true);
    assert.equal(hasScreen({}), false);
  }
});

it("the program that BROWSER names gets a link that works once and leads to the page with its token", {
  skip: process.platform === "win32" && "BROWSER is not used there",
}, async () => {
  await using folder = await createFolder();
  const [program, told] = [join(folder.path, "browser"), join(folder.path, "told")];
  await writeFile(program, `#!/bin/sh\nprintf '%s' "$1" > '${told}.new' && mv '${told}.new' '${told}'\n`);
  await chmod(program, 0o755);
  await using engine = await createEngine();
  const console = await startConsole({ yate: engine.connect(), port: 0, folder: folder.path });
  process.env.BROWSER = program;
  try {
    await browse(console, new AbortController().signal);
    let link = "";
    for (let i = 0; i < 500 && link === ""; i++) {
      link = await readFile(told, "utf8").catch(() => "");
      await delay(10);
    }
    assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]+$/);
    const first = await fetch(link, { redirect: "manual" });
    assert.equal(first.headers.get("location"), `/${new URL(console.url).hash}`);
    const second = await fetch(link, { redirect: "manual" });
    assert.equal(second.headers.get("location"), null);
  } finally {
    delete process.env.BROWSER;
    await console.close();
  }
});
