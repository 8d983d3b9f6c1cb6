import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { YaytsError } from "../../src/base/index.ts";
import { connect } from "../../src/client/index.ts";
import { type AppLine, formatEngineAnswer } from "../../src/wire/index.ts";
import { createPeer } from "./peer.ts";
import { startServer } from "./servers.ts";

/** Answers every message with true and its own parameters. */
const echo = (line: AppLine): string[] | undefined =>
  line.kind === "message" ? [formatEngineAnswer(line.id, true, line.name, "echoed", line.params)] : undefined;

const failing = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof YaytsError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, text);
  return true;
};

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "yayts-test-"));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe("over sockets", { timeout: 20_000 }, () => {
  test("a thousand dispatches at once over TCP are all answered", async () => {
    await using server = await startServer(0, { answer: echo });
    const yate = await connect(`tcp://127.0.0.1:${server.port}`);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => yate.msg("t", { n }).dispatch()),
    );
    assert.deepEqual(
      answers.map((answer) => answer.get("n")),
      Array.from({ length: 1000 }, (_, n) => String(n)),
    );
    await yate.close();
  });

  test("bytes that are not UTF-8 come back as they went over a UNIX socket", async () => {
    await inFolder(async (dir) => {
      await using _server = await startServer(join(dir, "s"), { answer: echo });
      const yate = await connect(`unix:${join(dir, "s")}`);
      const text = "é\udcff\udce9 😀\u0001";
      assert.equal((await yate.msg("t", { text }).dispatch()).get("text"), text);
      await yate.close();
    });
  });

  test("what was sent before closing arrives", async () => {
    await using server = await startServer(0);
    const yate = await connect(`tcp://127.0.0.1:${server.port}`);
    yate.msg("last.words", { text: "x".repeat(5000) }).enqueue();
    await yate.close();
    await server.peers[0]?.line((line) => line.startsWith("%%>message::"));
  });

  test("an engine that writes lines and their ends apart is kicked once a line", async () => {
    // What is written while something sent before is not acknowledged waits for a sign of life, as Nagle's algorithm has it.
    let kicks = 0;
    const server = createServer((socket) => {
      let held = "";
      let unacknowledged = false;
      const send = (text: string): void => {
        if (unacknowledged) held += text;
        else socket.write(text);
        unacknowledged = true;
      };
      const peer = createPeer({
        write: (line) => {
          send(line.slice(0, -1));
          send("\n");
        },
        close: () => socket.destroy(),
        answer: echo,
      });
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        if (chunk.equals(Buffer.from("\n"))) kicks++;
        unacknowledged = false;
        const text = held;
        held = "";
        if (text !== "") send(text);
        peer.take(chunk);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const yate = await connect(`tcp://127.0.0.1:${port}`);
    const before = kicks;
    for (let i = 0; i < 20; i++) assert.equal((await yate.msg("t").dispatch()).handled, true);
    assert.ok(kicks - before >= 20 && kicks - before <= 22, `${kicks - before} kicks`);
    await yate.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a connection that broke is made again, and handlers work again", async () => {
    await using server = await startServer(0, { answer: echo });
    const yate = await connect(`tcp://127.0.0.1:${server.port}`, { reconnect: { firstMs: 5 } });
    yate.handle("call.route", () => "there");
    await server.peers[0]?.line((line) => line.startsWith("%%>install"));
    const back = new Promise<void>((resolve) => {
      yate.onState((state) => state.kind === "connected" && resolve());
    });
    server.drop();
    await back;
    const peer = server.peers[1];
    await peer?.line((line) => line === "%%>install:100:call.route");
    server.sockets[1]?.write("%%>message:9:1:call.route:\n");
    assert.equal(await peer?.line((line) => line.startsWith("%%<")), "%%<message:9:true::there");
    await yate.close();
  });
});

describe("an error tells what to do", { timeout: 20_000 }, () => {
  test("when nobody listens, over TCP and at a UNIX path", async () => {
    const server = await startServer(0);
    await server[Symbol.asyncDispose]();
    await assert.rejects(
      connect(`tcp://127.0.0.1:${server.port}`),
      failing("connect-refused", /nobody listens at tcp:[\s\S]*extmodule\.conf[\s\S]*port=\d+/),
    );
    await assert.rejects(
      connect("unix:/nonexistent/y.sock"),
      failing("connect-refused", /no socket at[\s\S]*path=\/nonexistent\/y\.sock/),
    );
  });

  test("when something else greets, and quotes it", async () => {
    await using server = await startServer(0, { greet: (socket) => socket.write("YATE 6.4.1-1 ready.\r\n") });
    await assert.rejects(
      connect(`tcp://127.0.0.1:${server.port}`),
      failing("not-a-yate", /YATE 6\.4\.1-1 ready/),
    );
  });

  test("when a web server answers", async () => {
    await using server = await startServer(0, {
      greet: (socket) => {
        socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
        return true;
      },
    });
    await assert.rejects(connect(`tcp://127.0.0.1:${server.port}`), failing("not-a-yate", /HTTP\/1\.1 400/));
  });

  test("when nothing is said, and when a line never ends", async () => {
    await using silent = await startServer(0, { greet: () => true });
    await assert.rejects(
      connect(`tcp://127.0.0.1:${silent.port}`, { timeoutMs: 50 }),
      failing("not-a-yate", /said nothing for 50 ms/),
    );
    await using endless = await startServer(0, { greet: (socket) => socket.write("login: ") });
    await assert.rejects(
      connect(`tcp://127.0.0.1:${endless.port}`, { timeoutMs: 50 }),
      failing("not-a-yate", /7 bytes without the end/),
    );
  });

  test("when the connection is closed at the role", async () => {
    await using server = await startServer(0, {
      greet: (socket) => {
        socket.once("data", () => socket.destroy());
        return true;
      },
    });
    await assert.rejects(connect(`tcp://127.0.0.1:${server.port}`), failing("role-refused", /role=global/));
  });
});

describe("a script that the engine started", { timeout: 20_000 }, () => {
  test("answers its own call over stdin and stdout, and ends when the engine closes its stdin", async () => {
    await inFolder(async (dir) => {
      const script = join(dir, "script.ts");
      await writeFile(
        script,
        `import { connectStdio } from "${new URL("../../src/client/index.ts", import.meta.url).href}";
const yate = await connectStdio();
const call = await yate.onmsg("call.execute");
call.set("targetid", "script/1").ret(true, call.get("id"));
yate.onState((state) => console.error(state.kind));
`,
      );
      const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
      let errors = "";
      child.stderr.on("data", (chunk) => {
        errors += String(chunk);
      });
      const peer = createPeer({ write: (text) => void child.stdin.write(text), close: () => child.kill() });
      child.stdout.on("data", (chunk: Buffer) => peer.take(chunk));
      child.stdin.write("%%>message:0x1.5:1:call.execute::id=sip/4:callto=external/nodata/script\n");
      const answer = await peer.line((line) => line.startsWith("%%<message:0x1.5"));
      assert.equal(answer, "%%<message:0x1.5:true::sip/4:targetid=script/1");
      assert.ok(!peer.lines.some((line) => line.startsWith("%%>connect")));
      child.stdin.end();
      const [status] = await once(child, "exit");
      assert.equal(status, 0, errors);
      assert.equal(errors.trim(), "closed");
    });
  });
});
