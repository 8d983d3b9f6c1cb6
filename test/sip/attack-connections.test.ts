import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import { assertCalm, type Dialled, request, seeded, settle, startFortress, until } from "./attack-kit.ts";
import type { ConfigTexts } from "./sip-engine.ts";

const noOpenssl = spawnSync("openssl", ["version"]).status === 0 ? false : "openssl is not installed";
const folder = mkdtempSync(join(tmpdir(), "yayts-attack-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Listeners for TLS and WebSocket too. */
function secure(): ConfigTexts {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=yayts -keyout ${key} -out ${cert}`;
  assert.equal(spawnSync("openssl", args.split(" ")).status, 0);
  const listener = (type: string, more = ""): string =>
    `[listener ${type}]\ntype=${type}\naddr=127.0.0.1\nport=0\n${more}\n`;
  return {
    ysipchan: `[general]\naddr=127.0.0.1\nport=0\n\n${listener("tcp")}${listener("ws")}${listener("tls", "sslcontext=x\n")}`,
    openssl: `[x]\ncertificate=${cert}\nkey=${key}\n`,
  };
}

const options = (): string => request("OPTIONS", "sip:100@127.0.0.1");

describe("connections", () => {
  it("of a thousand that say nothing leave room for others, and more of one source are refused", async () => {
    await using fortress = await startFortress();
    const idle: Dialled[] = [];
    for (let n = 0; n < 1000; n++) idle.push(await fortress.connection());
    assert.equal(fortress.figures.connections, 1000);
    const other = await fortress.connection("127.0.0.2");
    other.socket.write(options());
    await until("it is answered", () => other.received.startsWith("SIP/2.0 200 "));
    for (let n = 0; n < 60; n++) idle.push(await fortress.connection());
    await until("those beyond are closed", () => fortress.figures.refusedConnections >= 36);
    assert.equal(fortress.figures.connections, 1025);
    await fortress.call();
    assertCalm(fortress, 1);
    for (const { socket } of idle) socket.destroy();
    await until("their places are free", () => fortress.figures.connections === 1);
    const again = await fortress.connection();
    again.socket.write(options());
    await until("it is answered", () => again.received.startsWith("SIP/2.0 200 "));
  });

  it("that bring a byte at a time, or are never read from, hold up nobody", async () => {
    await using fortress = await startFortress();
    const text = options();
    const slow = await Promise.all(Array.from({ length: 50 }, () => fortress.connection()));
    const deaf = await Promise.all(Array.from({ length: 10 }, () => fortress.connection("127.0.0.67")));
    const stranger = (): string => request("BYE", "sip:x@y", { To: `<sip:x@y>;tag=${"t".repeat(6000)}` });
    for (const { socket } of deaf) {
      socket.pause();
      for (let n = 0; n < 300; n++) socket.write(stranger());
    }
    for (let at = 0; at < 40; at++) {
      for (const { socket } of slow) socket.write(text[at] ?? "");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const { port } = fortress.addresses.get("tcp") ?? {};
    assert.ok(port);
    const good = await fortress.connection("127.0.0.2");
    good.socket.write(options());
    await until("it is answered", () => good.received.startsWith("SIP/2.0 200 "));
    await fortress.call();
    for (const { socket } of slow) socket.write(text.slice(40));
    await until("the slow ones are served in the end", () =>
      slow.every(({ received }) => received.startsWith("SIP/2.0 200 ")),
    );
    assertCalm(fortress, 2);
  });

  it("of other protocols, and with garbage in TLS, HTTP and WebSocket, are closed and told once a minute", {
    skip: noOpenssl,
  }, async () => {
    await using fortress = await startFortress(secure());
    const random = seeded(11);
    const noise = (): Buffer => Buffer.from(Array.from({ length: 300 }, () => Math.floor(random() * 256)));
    const hello = Buffer.from("16030100c5010000c10303", "hex");
    const upgrade = (more: string): string =>
      `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n${more}\r\n\r\n`;
    const good = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip";
    const ports = ["tcp", "tls", "ws"].map((name) => fortress.addresses.get(name)?.port ?? 0);
    const texts: (Buffer | string)[] = [
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "SSH-2.0-scan\r\n",
      "\x00".repeat(300),
      hello,
      Buffer.concat([hello, noise()]),
      upgrade("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Key: x"),
      upgrade("Sec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: sip"),
      upgrade(`${good}\r\nX: ${"y".repeat(60_000)}`),
      Buffer.concat([Buffer.from(upgrade(good)), noise()]),
      // A frame of WebSocket that says it has 2^63 - 1 bytes.
      Buffer.concat([Buffer.from(upgrade(good)), Buffer.from("82ff7fffffffffffffff00000000", "hex")]),
    ];
    for (let times = 0; times < 8; times++)
      for (const port of ports)
        for (const text of [...texts, noise()]) {
          const connection = await fortress.connection("127.0.0.66", port);
          connection.socket.end(text);
        }
    await until("all are closed", () => fortress.figures.connections === 0);
    // Inside of TLS and WebSocket it is no better.
    const inside = connectTls({ host: "127.0.0.1", port: ports[1] ?? 0, rejectUnauthorized: false });
    inside.on("error", () => {});
    inside.end(noise());
    await new Promise((resolve) => inside.once("close", resolve));
    for (const data of [noise(), Buffer.alloc(200_000, 65), "OPTIONS", ""]) {
      const socket = new WebSocket(`ws://127.0.0.1:${ports[2]}/`, "sip");
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      socket.on("error", () => {});
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.send(data);
      socket.ping();
      if (data !== "") await closed;
      else socket.terminate();
    }
    await settle();
    await fortress.call();
    assert.ok(fortress.figures.malformed > 50);
    assertCalm(fortress, 2);
  });
});
