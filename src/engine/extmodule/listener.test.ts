import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, it } from "node:test";
import { silentLogger } from "../../base/index.ts";
import { parseConfig } from "../config.ts";
import { type Engine, type EngineOptions, startEngine } from "../engine.ts";
import { type ExtModuleOptions, extmodule } from "./module.ts";

const folder = mkdtempSync(join(tmpdir(), "yayts-listener-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Running extends AsyncDisposable {
  readonly engine: Engine;
  readonly warnings: string[];
  readonly connections: () => number;
  /** Connects to the listener of that name. */
  open(name?: string): Promise<Client>;
}

interface Client {
  readonly socket: Socket;
  /** The next line; undefined when the engine has closed the connection. */
  next(): Promise<string | undefined>;
  ask(line: string): Promise<string | undefined>;
  say(line: string): void;
}

async function start(options: ExtModuleOptions, engineOptions: EngineOptions = {}): Promise<Running> {
  const apps = extmodule(options);
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  const engine = await startEngine({ ...engineOptions, log, modules: [apps] });
  const clients: Socket[] = [];
  return {
    engine,
    warnings,
    connections: () => apps.connections,
    async open(name = "tcp") {
      const address = apps.addresses.get(name) ?? "";
      const url = address.startsWith("unix:") ? undefined : new URL(address);
      const socket = url ? connect(Number(url.port), url.hostname) : connect(address.slice("unix:".length));
      clients.push(socket);
      socket.on("error", () => socket.destroy());
      await once(socket, "connect");
      return clientOf(socket);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of clients) socket.destroy();
      await engine.stop();
    },
  };
}

function clientOf(socket: Socket): Client {
  let lines: AsyncIterator<string> | undefined;
  const client: Client = {
    socket,
    async next() {
      lines ??= createInterface(socket)[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    async ask(line) {
      client.say(line);
      return client.next();
    },
    say: (line) => void socket.write(`${line}\n`),
  };
  return client;
}

const tcp = { name: "tcp", port: 0, role: "global" } as const;

/** Waits for something that happens soon; the test's time limit ends a wait for what never does. */
async function until(test: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !test(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("listeners", () => {
  it("are opened as the configuration says, with the settings that it gives", async () => {
    const path = join(folder, "configured.sock");
    const text = `[general]\ntimeout=4321\ntrackparam=true\n[listener local]\ntype=unix\npath=${path}\nrole=global\n[listener any]\nport=0\n`;
    await using running = await start({}, { config: { extmodule: parseConfig(text, "extmodule.conf") } });
    const [local, any] = [await running.open("local"), await running.open("any")];
    assert.equal(await local.ask("%%>setlocal:timeout:"), "%%<setlocal:timeout:4321:true");
    any.say("%%>connect:global");
    assert.equal(await any.ask("%%>setlocal:trackparam:"), "%%<setlocal:trackparam:extmodule:true");
    assert.equal(await any.ask("%%>setlocal:debugname:"), "%%<setlocal:debugname:any:true");
  });

  it("refuse a configuration that cannot be used, and say where", async () => {
    for (const [text, said] of [
      ["[listener a]\ntype=tls\nport=1", /\[listener a\] type=tls/],
      ["[listener a]\ntype=tcp", /\[listener a\] port=/],
      ["[listener a]\nport=1\nrole=player", /role=player/],
      ["[listener a]\ntype=unix", /needs a path/],
    ] as const) {
      await assert.rejects(start({}, { config: { extmodule: parseConfig(text, "x") } }), {
        code: "config-invalid",
        message: said,
      });
    }
  });

  it("tell that a port is taken, and then none of them listens", async () => {
    const path = join(folder, "first.sock");
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await assert.rejects(
      start({
        listeners: [
          { name: "first", type: "unix", path },
          { name: "second", port },
        ],
      }),
      {
        code: "port-taken",
        message: new RegExp(
          `second cannot have 127.0.0.1:${port}: another program listens there; choose another`,
        ),
      },
    );
    assert.equal(existsSync(path), false);
    other.close();
  });

  it("take over a UNIX socket that a dead program left, but not that of a living one nor another file", async () => {
    const path = join(folder, "stale.sock");
    const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    await once(spawn(process.execPath, ["-e", code]), "exit");
    assert.equal(existsSync(path), true);
    const listeners = [{ name: "tcp", type: "unix", path, role: "global" }] as const;
    await using running = await start({ listeners });
    const client = await running.open();
    assert.equal(await client.ask("%%>watch:x"), "%%<watch:x:true");
    await assert.rejects(start({ listeners }), { code: "port-taken" });

    const file = join(folder, "file");
    writeFileSync(file, "precious");
    await assert.rejects(start({ listeners: [{ name: "tcp", type: "unix", path: file }] }), {
      code: "port-taken",
    });
    assert.equal(existsSync(file), true);
  });
});

describe("connections", () => {
  it("that are half closed are closed, and what they hold is given back", async () => {
    await using running = await start({ listeners: [tcp] });
    const [holder, sender] = [await running.open(), await running.open()];
    await holder.ask("%%>install:50:t.m");
    sender.say("%%>message:1:0:t.m:");
    await holder.next();
    holder.socket.end();
    assert.equal(await sender.next(), "%%<message:1:false:t.m:");
    assert.equal(await holder.next(), undefined);
    assert.equal(running.connections(), 1);
  });

  it("beyond the limit are closed at once, and one report tells of it", async () => {
    await using running = await start({ listeners: [tcp], maxConnections: 2 });
    const [first] = [await running.open(), await running.open()];
    for (let i = 0; i < 3; i++) assert.equal(await (await running.open()).next(), undefined);
    assert.equal(running.warnings.length, 1);
    assert.equal(await first.ask("%%>watch:x"), "%%<watch:x:true");
  });

  it("that do not say their role in time are cut; one that has a role may be silent", async () => {
    await using running = await start({ listeners: [tcp, { name: "any", port: 0 }], firstLineMs: 50 });
    const [silent, late, said] = [await running.open("any"), await running.open(), await running.open("any")];
    said.say("%%>connect:global");
    assert.equal(await silent.next(), undefined);
    assert.match(running.warnings.join(), /did not say its role within 50 ms/);
    assert.equal(await late.ask("%%>watch:x"), "%%<watch:x:true");
    assert.equal(await said.ask("%%>watch:x"), "%%<watch:x:true");
  });

  it("a thousand of them that say nothing leave the engine quick and small", async () => {
    await using running = await start({ listeners: [tcp] });
    const before = process.memoryUsage().rss;
    await Promise.all(Array.from({ length: 1000 }, () => running.open()));
    await until(() => running.connections() === 1000);
    const client = await running.open();
    const startedMs = performance.now();
    for (let i = 0; i < 100; i++)
      assert.equal(await client.ask(`%%>message:${i}:0:t.m:`), `%%<message:${i}:false:t.m:`);
    assert.ok(performance.now() - startedMs < 2000);
    // Both ends are in this process.
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });
});

describe("a client that stops reading", () => {
  it("is cut at the limit with a report, its messages are given back, and the others go on", async () => {
    await using running = await start({ listeners: [tcp], maxOutputBytes: 256 * 1024 });
    const [deaf, handler, sender] = [await running.open(), await running.open(), await running.open()];
    assert.equal(await deaf.ask("%%>install:50:t.held"), "%%<install:50:t.held:true");
    assert.equal(await deaf.ask("%%>watch:t.big"), "%%<watch:t.big:true");
    deaf.socket.pause();
    sender.say("%%>message:held:0:t.held:");
    await handler.ask("%%>install:50:t.big");
    handler.say("%%>uninstall:t.big");
    let sent = 0;
    while (running.connections() === 3) {
      for (let i = 0; i < 50; i++) running.engine.enqueue("t.big", { n: ++sent, text: "x".repeat(4000) });
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(sent < 100_000, "it was never cut");
    }
    assert.equal(await sender.next(), "%%<message:held:false:t.held:");
    assert.match(
      running.warnings.join(),
      /tcp: 127\.0\.0\.1:\d+ was cut: it does not read, \d+ bytes wait for it \(limit 262144\); 1 messages/,
    );
    assert.equal(await sender.ask("%%>message:2:0:t.m:"), "%%<message:2:false:t.m:");
  });
});

describe("a client that floods", () => {
  it("lets the others have their turn, and gets all its answers in order", async () => {
    await using running = await start({ listeners: [tcp] });
    const [flooder, other] = [await running.open(), await running.open()];
    const count = 50_000;
    let flood = "";
    for (let i = 0; i < count; i++) flood += `%%>message:${i}:0:t.flood::text=${"x".repeat(40)}\n`;
    let answered = 0;
    let answeredAtOther = 0;
    let outOfOrder = 0;
    const done = new Promise<void>((resolve) => {
      createInterface(flooder.socket).on("line", (line) => {
        if (!line.startsWith(`%%<message:${answered}:false:t.flood:`)) outOfOrder++;
        if (++answered === count) resolve();
      });
    });
    flooder.socket.write(flood);
    await until(() => answered > 0);
    assert.equal(await other.ask("%%>message:1:0:t.m:"), "%%<message:1:false:t.m:");
    answeredAtOther = answered;
    await done;
    assert.equal(outOfOrder, 0);
    assert.ok(answeredAtOther < count / 2, `the other waited for ${answeredAtOther} of ${count}`);
  });
});
