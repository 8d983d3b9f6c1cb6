import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect } from "yayts/client";
import { createFolder, runCommand, startCommand } from "./cli-process.ts";

describe("yayts engine", { concurrency: 3 }, () => {
  it("prints one line with its addresses, listens at all of them, and exits 0 at SIGTERM and at Ctrl-C", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using folder = await createFolder();
      const socket = join(folder.path, "y.sock");
      await using engine = startCommand([
        "engine",
        "--global",
        "127.0.0.1:0",
        "--any",
        "127.0.0.1:0",
        "--unix",
        socket,
      ]);
      const [, global = "", any = "", unix = ""] = await engine.until(
        /^yayts engine ready: global (\S+), any (\S+), (unix:\S+)\n/m,
      );
      for (const address of [global, any, unix]) {
        await using yate = await connect(address);
        assert.equal(await yate.setlocal("engine.version"), "6.4.1");
      }
      assert.equal(
        await firstLine(any, "%%>connect:channel\n%%>setlocal:engine.version:\n"),
        "%%<setlocal:engine.version:6.4.1:true",
      );
      assert.equal(
        await firstLine(global, "%%>setlocal:engine.version:\n"),
        "%%<setlocal:engine.version:6.4.1:true",
      );
      engine.child.kill(signal);
      assert.equal(await engine.exit, 0);
      assert.equal(engine.out.split("\n").length, 2);
      assert.equal(existsSync(socket), false);
    }
  });

  it("has 99991001 for a dial tone when no number plan is configured", async () => {
    assert.equal(await routeOf([], "99991001"), "tone/dial");
  });

  it("takes its number plan from a folder, from a file of YATE's, and from one file with [file:section]", async () => {
    await using folder = await createFolder({
      "regexroute.conf": "[default]\n^77$=tone/busy\n",
      "all.conf":
        "[regexroute:default]\n^78$=tone/ring\n[extmodule:listener mine]\ntype=tcp\naddr=127.0.0.1\nport=0\nrole=global\n",
    });
    await mkdir(join(folder.path, "conf.d"));
    await folder.write("conf.d/regexroute.conf", "[default]\n^79$=tone/dial\n");
    assert.equal(await routeOf(["--config", join(folder.path, "conf.d")], "79"), "tone/dial");
    assert.equal(await routeOf(["--config", join(folder.path, "regexroute.conf")], "77"), "tone/busy");
    assert.equal(await routeOf(["--config", join(folder.path, "regexroute.conf")], "99991001"), "");
    assert.equal(await routeOf(["--config", join(folder.path, "all.conf")], "78", []), "tone/ring");
  });

  it("exits 1 and names what is wrong with its configuration", async () => {
    await using folder = await createFolder({
      "bad.conf": "[regexroute:default]\n1=2\n[default]\n",
      "worse.conf": "[default\n",
    });
    const bad = await runCommand(["engine", "--config", join(folder.path, "bad.conf")]);
    assert.equal(bad.code, 1);
    assert.match(
      bad.err,
      /^yayts: \[config-invalid\] .*bad\.conf: the section \[default\] does not say whose it is; write \[file:section\]/,
    );
    const worse = await runCommand(["engine", "--config", join(folder.path, "worse.conf")]);
    assert.match(worse.err, /^yayts: \[config-invalid\] .*worse\.conf:1: /);
    const none = await runCommand(["engine", "--config", join(folder.path, "none")]);
    assert.match(none.err, /^yayts: \[config-invalid\] .*none does not exist/);
  });

  it("exits 1 when an address is taken", async () => {
    await using first = startCommand(["engine", "--global", "127.0.0.1:0"]);
    const [, taken = ""] = await first.until(/global tcp:\/\/(\S+)/);
    const { code, out, err } = await runCommand(["engine", "--global", taken]);
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(err, /^yayts: \[port-taken\] .*; choose another/);
  });
});

/** Where an engine with these options routes a number; empty for nowhere. */
async function routeOf(
  options: readonly string[],
  called: string,
  listeners = ["--global", "127.0.0.1:0"],
): Promise<string> {
  await using engine = startCommand(["engine", ...listeners, ...options]);
  const [, address = ""] = await engine.until(/ready: \w+ (tcp:\S+)/);
  await using yate = await connect(address);
  return (await yate.msg("call.route", { called }).dispatch()).retvalue;
}

/** The first line that a listener says to these bytes. */
function firstLine(address: string, say: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((done, fail) => {
    const socket = connectSocket(Number(port), hostname, () => socket.write(say));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (!text.includes("\n")) return;
      socket.destroy();
      done(text.slice(0, text.indexOf("\n")));
    });
    socket.once("error", fail);
    socket.once("end", () => fail(new Error("closed")));
  });
}
