import assert from "node:assert/strict";
import { test } from "node:test";
import { createFolder, startCommand } from "../cli-process.ts";
import { openPage, tokenOf } from "../console-kit.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

test("yayts console on a real YATE says what that does not tell, sends messages and tries numbers", {
  skip: whyNoYate() ?? false,
}, async () => {
  const yate = await startYate();
  try {
    await using folder = await createFolder();
    await using running = startCommand(["console", "--yate", yate.tcp, "--port", "0"], {
      env: { XDG_STATE_HOME: folder.path },
    });
    const [, url = ""] = await running.until(/console at (http:\S+)/);
    await running.until(/this is a real YATE: it tells messages .* but not SIP and RTP/);
    await using page = await openPage(Number(new URL(url).port), tokenOf(url));
    const { engine } = await page.hello();
    assert.equal(engine.kind, "yate");
    assert.equal(engine.address, yate.tcp);
    const sent = await page.ask("message.send", {
      name: "call.route",
      params: [["called", "99991001"]],
    });
    assert.ok("result" in sent);
    assert.equal((sent.result as { retvalue: string }).retvalue, "tone/dial");
    const tried = await page.ask("route.try", { called: "99991001" });
    assert.ok("result" in tried);
    assert.equal((tried.result as { target: string }).target, "tone/dial");
    running.child.kill("SIGINT");
    assert.equal(await running.exit, 0);
  } finally {
    await yate.stop();
  }
});
