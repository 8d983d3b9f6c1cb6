import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import { realClock, silentLogger } from "../../../base/index.ts";
import type { SipFlow, SipMessage } from "../../../sip/index.ts";
import {
  createSipTransports,
  type SipListenerOptions,
  type SipTransports,
  type SipTransportsOptions,
  type TlsIdentity,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "yayts-sip-tls-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const noOpenssl = spawnSync("openssl", ["version"]).status === 0 ? false : "openssl is not installed";

/** A certificate signed by itself, for these names. */
function identity(names: string, days = 2): TlsIdentity {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", String(days), "-subj", "/CN=yayts test"],
    ...["-addext", `subjectAltName=${names}`],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

interface Running extends AsyncDisposable {
  readonly transports: SipTransports;
  readonly warnings: string[];
  readonly port: number;
  next(): Promise<readonly [message: SipMessage, flow: SipFlow]>;
}

async function start(
  listeners: readonly SipListenerOptions[],
  options: Partial<SipTransportsOptions> = {},
): Promise<Running> {
  const came: (readonly [SipMessage, SipFlow])[] = [];
  const warnings: string[] = [];
  const transports = await createSipTransports({
    clock: realClock,
    log: { ...silentLogger, warn: (text) => void warnings.push(text) },
    listeners,
    onMessage: (message, flow) => void came.push([message, flow]),
    ...options,
  });
  return {
    transports,
    warnings,
    port: transports.addresses.get("secure")?.port ?? 0,
    async next() {
      await until(() => came.length > 0);
      const one = came.shift();
      assert.ok(one);
      return one;
    },
    [Symbol.asyncDispose]: () => transports.stop(),
  };
}

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const listener = (transport: SipListenerOptions["transport"], tls?: TlsIdentity): SipListenerOptions => ({
  name: "secure",
  transport,
  host: "127.0.0.1",
  port: 0,
  tls,
});
const options = (id: string, length = true): string =>
  `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bK${id}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: ${id}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n${length ? "Content-Length: 0\r\n" : ""}\r\n`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const limit = { timeout: 20_000, skip: noOpenssl };

describe("SIP over TLS", limit, () => {
  const named = noOpenssl ? undefined : identity("DNS:sip.test");

  it("goes to a server whose certificate is for the name that is asked for", async () => {
    assert.ok(named);
    await using server = await start([listener("tls", named)]);
    await using client = await start([], { tls: { ca: named.cert } });
    const to = { transport: "TLS", host: "127.0.0.1", port: server.port, serverName: "sip.test" } as const;
    const flow = await client.transports.connect(to);
    flow.send(bytes(options("1")));
    const [message, back] = await server.next();
    assert.equal(message.headers.get("call-id"), "1");
    assert.equal(back.transport, "TLS");
    assert.equal(back.id, `tls:127.0.0.1:${server.port}-127.0.0.1:${flow.local.port}`);
    assert.equal(await client.transports.connect(to), flow);
    // A contact that is an address is reached by the connection it has made.
    assert.equal(await server.transports.connect({ transport: "TLS", ...back.remote }), back);
    back.send(bytes(options("2")));
    assert.equal((await client.next())[0].headers.get("call-id"), "2");
  });

  it("refuses a server for another name, of an unknown authority, or without TLS, and says why", async () => {
    assert.ok(named);
    await using server = await start([listener("tls", named)]);
    await using plain = await start([listener("tcp")]);
    const to = { transport: "TLS", host: "127.0.0.1", port: server.port } as const;
    await using knows = await start([], { tls: { ca: [named.cert] } });
    const other = knows.transports.connect({ ...to, serverName: "other.test" });
    await assert.rejects(other, { code: "peer-unreachable", message: /certificate is for another name/ });
    await assert.rejects(knows.transports.connect(to), { message: /certificate is for another name/ });
    await using trusts = await start([]);
    const strange = trusts.transports.connect({ ...to, serverName: "sip.test" });
    await assert.rejects(strange, { code: "peer-unreachable", message: /not from an authority .* `ca`/ });
    const noTls = trusts.transports.connect({ ...to, port: plain.port });
    await assert.rejects(noTls, { code: "peer-unreachable" });
    assert.equal(knows.transports.figures.connections + trusts.transports.figures.connections, 0);
    // Who is verified under one name is not taken for another.
    await knows.transports.connect({ ...to, serverName: "sip.test" });
    await assert.rejects(knows.transports.connect({ ...to, serverName: "other.test" }), /another name/);
  });

  it("takes any certificate only when it is told to", async () => {
    await using server = await start([listener("tls", named)]);
    await using client = await start([], { tls: { verify: false } });
    const flow = await client.transports.connect({ transport: "TLS", host: "127.0.0.1", port: server.port });
    flow.send(bytes(options("1")));
    assert.equal((await server.next())[1].transport, "TLS");
  });

  it("verifies a server that is known by its address only", async () => {
    const numbered = identity("IP:127.0.0.1");
    await using server = await start([listener("tls", numbered)]);
    await using client = await start([], { tls: { ca: numbered.cert } });
    const flow = await client.transports.connect({ transport: "TLS", host: "127.0.0.1", port: server.port });
    assert.equal(flow.closed, false);
  });

  it("drops who does not speak TLS, and counts handshakes among the connections", async () => {
    await using server = await start([listener("tls", named)], { limits: { connectionsPerSource: 2 } });
    const peers = [1, 2, 3].map(() => connectSocket(server.port, "127.0.0.1").on("error", () => {}));
    await until(() => server.transports.figures.refusedConnections === 1);
    for (const peer of peers) peer.write("OPTIONS sip:a SIP/2.0\r\n\r\n");
    await until(() => peers.every((peer) => peer.resume().closed));
    assert.equal(server.transports.figures.malformed, 2);
    const socket = connectTls({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.write(options("late"));
    assert.equal((await server.next())[0].headers.get("call-id"), "late");
    socket.destroy();
  });

  it("tells at the start that a certificate cannot be used", async () => {
    await assert.rejects(start([listener("tls", { cert: "no", key: "no" })]), { code: "config-invalid" });
    await assert.rejects(start([listener("wss", { cert: "no", key: "no" })]), { code: "config-invalid" });
  });
});

describe("SIP over WebSocket (RFC 7118)", { timeout: 20_000 }, () => {
  const open = async (port: number, protocols: string[] = ["sip"], scheme = "ws"): Promise<WebSocket> => {
    const socket = new WebSocket(`${scheme}://127.0.0.1:${port}/`, protocols, { rejectUnauthorized: false });
    await once(socket, "open");
    return socket;
  };

  it("takes a message a frame, text or binary, without Content-Length, and answers as text", async () => {
    await using running = await start([listener("ws")]);
    const socket = await open(running.port);
    assert.equal(socket.protocol, "sip");
    socket.send(options("1", false));
    socket.send(bytes(options("2")));
    const [[one, flow], [two]] = [await running.next(), await running.next()];
    assert.deepEqual([one.headers.get("call-id"), two.headers.get("call-id")], ["1", "2"]);
    assert.equal(flow.transport, "WS");
    assert.match(flow.id, /^ws:127\.0\.0\.1:\d+-127\.0\.0\.1:\d+$/);
    assert.equal(await running.transports.connect({ transport: "WS", ...flow.remote }), flow);
    const frames: string[] = [];
    socket.on("message", (data: Buffer, binary) => {
      frames.push(`${binary ? "binary" : "text"} ${data.toString("hex")}`);
    });
    flow.send(bytes("ä"));
    flow.send(Uint8Array.of(0xff));
    await until(() => frames.length === 2);
    assert.deepEqual(frames, ["text c3a4", "binary ff"]);
    const errors: Error[] = [];
    flow.onError((error) => errors.push(error));
    socket.close();
    await until(() => errors.length === 1);
    assert.equal(flow.closed, true);
    await assert.rejects(running.transports.connect({ transport: "WS", ...flow.remote }), {
      code: "peer-unreachable",
      message: /WebSocket peers connect to us/,
    });
  });

  it("answers keep-alives, and closes on garbage and on too large a message", async () => {
    await using running = await start([listener("ws")], { limits: { headerBytes: 500, bodyBytes: 500 } });
    const socket = await open(running.port);
    socket.send("\r\n\r\n");
    assert.equal(String((await once(socket, "message"))[0]), "\r\n");
    socket.send("hello");
    await once(socket, "close");
    assert.equal(running.transports.figures.malformed, 1);
    const large = await open(running.port);
    large.send("x".repeat(2000));
    await once(large, "close");
    await until(() => running.transports.figures.connections === 0);
    assert.equal(running.transports.figures.malformed, 2);
  });

  it("refuses clients of another subprotocol and plain requests", async () => {
    await using running = await start([listener("ws")]);
    for (const protocols of [[], ["chat"]]) {
      const socket = new WebSocket(`ws://127.0.0.1:${running.port}/`, protocols);
      const [error] = await once(socket, "error");
      assert.match(String(error), /400/);
    }
    const answer = await fetch(`http://127.0.0.1:${running.port}/`);
    assert.equal(answer.status, 426);
    assert.equal(running.transports.figures.connections, 0);
  });

  it("goes over TLS too", { skip: noOpenssl }, async () => {
    await using running = await start([listener("wss", identity("DNS:sip.test"))]);
    const socket = await open(running.port, ["sip", "chat"], "wss");
    socket.send(options("1"));
    const [, flow] = await running.next();
    assert.equal(flow.transport, "WSS");
    socket.terminate();
  });

  it("takes a bounded number of connections, and stops while some are open", async () => {
    const running = await start([listener("ws")], { limits: { connections: 2 } });
    const sockets = [await open(running.port), await open(running.port)];
    const third = new WebSocket(`ws://127.0.0.1:${running.port}/`, ["sip"]);
    await once(third, "error");
    assert.equal(running.transports.figures.refusedConnections, 1);
    const closed = sockets.map((socket) => once(socket, "close"));
    await running.transports.stop();
    await Promise.all(closed);
  });
});
