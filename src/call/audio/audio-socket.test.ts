import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { until } from "../../../test/contract/audio-party.ts";
import { type Logger, silentLogger } from "../../base/index.ts";
import { bindAudioSocket } from "./audio-socket.ts";

test("errors of sending are counted, told once, and the socket stays up", async () => {
  const warned: string[] = [];
  const log: Logger = { ...silentLogger, warn: (text) => void warned.push(text) };
  const socket = await bindAudioSocket("127.0.0.1", "the sound of x", log);
  assert.ok(!(socket instanceof Error));
  const received: string[] = [];
  // A broadcast is not permitted (EACCES).
  socket.open(
    { ip: "255.255.255.255", port: 9 },
    (bytes) => void received.push(Buffer.from(bytes).toString()),
  );
  for (let i = 0; i < 10; i++) socket.send(Uint8Array.of(i));
  await until("all have failed", () => socket.unsent === 10);
  assert.equal(socket.errors, 10);
  assert.equal(warned.length, 1);
  assert.match(warned[0] ?? "", /the sound of x: the socket failed, it goes on/);
  const engine = createSocket("udp4").bind(0, "127.0.0.1");
  await once(engine, "listening");
  socket.open({ ip: "127.0.0.1", port: engine.address().port }, (bytes) => {
    received.push(Buffer.from(bytes).toString());
  });
  const came = once(engine, "message");
  socket.send(Buffer.from("there"));
  assert.equal(String((await came)[0]), "there");
  engine.send("back", socket.port, "127.0.0.1");
  await until("it is received", () => received.length > 0);
  assert.deepEqual(received, ["back"]);
  socket.close();
  socket.close();
  socket.send(Uint8Array.of(1));
  engine.close();
});

test("an address of a NAT, which is not this machine's, binds to all", async () => {
  const socket = await bindAudioSocket("192.0.2.1", "x", silentLogger);
  assert.ok(!(socket instanceof Error));
  assert.ok(socket.port > 0);
  socket.close();
});
