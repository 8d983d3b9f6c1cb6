import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { createEngine } from "yayts/engine";
import { decodeSoundFrame } from "../src/console/protocol.ts";
import { assertNoStack, createFolder, keyechoSource, runCommand, startCommand } from "./cli-process.ts";
import { get, openPage, tokenOf } from "./console-kit.ts";
import { freePort } from "./free-port.ts";

const link = /console at (http:\/\/127\.0\.0\.1:(\d+)\/#token=[\w-]+)\n/;

/** What the console keeps lies in the test's folder. */
const stateIn = (folder: string): { env: NodeJS.ProcessEnv } => ({ env: { XDG_STATE_HOME: folder } });

describe("yayts dev", { concurrency: 2 }, () => {
  it("prints the console's link, which answers; the page comes back after a restart, and Ctrl-C ends it all", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const port = await freePort();
    const args = ["dev", "app.ts", "--port", "0", "--no-sip", "--console-port", String(port)];
    const options = { cwd: folder.path, ...stateIn(folder.path) };
    const links: string[] = [];
    for (let run = 0; run < 2; run++) {
      await using dev = startCommand(args, options);
      const [, url = ""] = await dev.until(link);
      links.push(url);
      assert.equal(
        (await get(port, "/", { headers: { Accept: "text/html" } })).headers["x-frame-options"],
        "DENY",
      );
      const page = await openPage(port, tokenOf(url));
      const hello = await page.hello();
      assert.equal(hello.targets[0], "ivr");
      assert.equal(hello.engine.kind, "embedded");
      dev.child.kill("SIGINT");
      assert.equal((await page.closed).code, 1001);
      assert.equal(await dev.exit, 0);
      assertNoStack(dev.err);
    }
    assert.equal(links[0], links[1]);
  });

  it("lets a page call the app and hear it, and Ctrl-C ends that call too", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    await using dev = startCommand(["dev", "app.ts", "--port", "0", "--no-sip", "--console-port", "0"], {
      cwd: folder.path,
      ...stateIn(folder.path),
    });
    // Each has a process of its own: either may be the first.
    await dev.until(/app\.ts started[\s\S]*console at .*\n|console at .*\n[\s\S]*app\.ts started/);
    const [, url = "", port = ""] = link.exec(dev.err) ?? [];
    const page = await openPage(Number(port), tokenOf(url));
    await page.hello();
    await page.ask("follow", { topics: [{ topic: "phone" }] });
    assert.deepEqual(await page.ask("phone.dial", { to: "ivr" }), { id: 3, result: { line: 1 } });
    const states = (): string[] =>
      page.told.flatMap((told) => (told.topic === "phone" ? told.phone.lines.map(({ state }) => state) : []));
    while (!states().includes("answered") || page.sound.length < 10) await once(page.socket, "message");
    const heard = page.sound.map((bytes) => decodeSoundFrame(bytes));
    assert.ok(heard.every((frame) => frame?.line === 1));
    assert.ok(heard.some((frame) => frame?.samples.some((sample) => Math.abs(sample) > 1000)));
    dev.child.kill("SIGINT");
    assert.equal((await page.closed).code, 1001);
    assert.equal(await dev.exit, 0);
    assertNoStack(dev.err);
  });

  it("has no console with --no-console, and none under --sample without a terminal", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const options = { cwd: folder.path, ...stateIn(folder.path) };
    await using dev = startCommand(["dev", "app.ts", "--port", "0", "--no-sip", "--no-console"], options);
    await dev.until(/app\.ts started/);
    dev.child.kill("SIGINT");
    assert.equal(await dev.exit, 0);
    assert.doesNotMatch(dev.err, /console/);
    const sample = await runCommand(["dev", "app.ts", "--sample", "--press", "1"], options);
    assert.equal(sample.code, 0, sample.err);
    assert.doesNotMatch(sample.err + sample.out, /console/);
  });

  it("ends with advice when the console's port is taken, and refuses options that do not go together", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const args = ["dev", "app.ts", "--port", "0", "--no-sip", "--console-port"];
    const options = { cwd: folder.path, ...stateIn(folder.path) };
    const taken = await runCommand([...args, String(port)], options);
    server.close();
    assert.equal(taken.code, 1);
    assert.match(
      taken.err,
      /console: \[port-taken\] another program listens at 127\.0\.0\.1:\d+; choose another port/,
    );
    assertNoStack(taken.err);
    const both = await runCommand([...args, "0", "--no-console"], options);
    assert.equal(both.code, 2);
    assert.match(both.err, /--console-port and --no-console do not go together/);
  });

  it("--host lets other machines in by https, with a link for them", async () => {
    await using folder = await createFolder({ "app.ts": keyechoSource() });
    await using dev = startCommand(
      ["dev", "app.ts", "--port", "0", "--no-sip", "--host", "0.0.0.0", "--console-port", "0", "--verbose"],
      { cwd: folder.path, ...stateIn(folder.path) },
    );
    const [, , port = ""] = await dev.until(link);
    await dev.until(/to look only: http:\/\/127\.0\.0\.1:\d+\/#token=/);
    const secure = await get(Number(port), "/app.js", { secure: true, rejectUnauthorized: false });
    assert.ok(secure.status === 200 || secure.status === 404);
    dev.child.kill("SIGTERM");
    assert.equal(await dev.exit, 0);
  });
});

describe("yayts console", { concurrency: 2 }, () => {
  it("prints a link that answers, keeps sound when told to, and Ctrl-C ends it with a page open", async () => {
    await using folder = await createFolder();
    await using engine = await createEngine({ extmodule: { listeners: [listener] } });
    await using running = startCommand(
      ["console", "--yate", engine.addresses.get("tcp") ?? "", "--port", "0", "--keep-sound", "--no-open"],
      stateIn(folder.path),
    );
    const [, url = "", port = ""] = await running.until(link);
    const page = await openPage(Number(port), tokenOf(url));
    const hello = await page.hello();
    assert.equal(hello.keepsSound, true);
    running.child.kill("SIGINT");
    assert.equal((await page.closed).code, 1001);
    assert.equal(await running.exit, 0);
    assertNoStack(running.err);
  });

  it("goes on while the engine is away, and finds it again", async () => {
    await using folder = await createFolder();
    const port = await freePort();
    const fixed = { ...listener, port };
    const first = await createEngine({ extmodule: { listeners: [fixed] } });
    await using running = startCommand(
      ["console", "--yate", `tcp://127.0.0.1:${port}`, "--port", "0"],
      stateIn(folder.path),
    );
    const [, url = "", web = ""] = await running.until(link);
    await first.stop();
    await running.until(/lost|reconnect/i);
    await using page = await openPage(Number(web), tokenOf(url));
    await page.hello();
    await using second = await createEngine({ extmodule: { listeners: [fixed] } });
    assert.ok(second.addresses.has("tcp"));
    await running.until(/again|back/i);
    assert.equal(page.socket.readyState, page.socket.OPEN);
    running.child.kill("SIGINT");
    assert.equal(await running.exit, 0);
  });

  it("says what is wrong when there is no engine", async () => {
    await using folder = await createFolder();
    const port = await freePort();
    const { code, err } = await runCommand(
      ["console", "--yate", `tcp://127.0.0.1:${port}`],
      stateIn(folder.path),
    );
    assert.equal(code, 1);
    assert.match(err, /\[connect-refused\] nobody listens at tcp:\/\/127\.0\.0\.1/);
    assertNoStack(err);
  });
});

const listener = { name: "tcp", addr: "127.0.0.1", port: 0, role: "global" } as const;
