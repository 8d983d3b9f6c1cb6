import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { bindPair, createLocalAddresses, type SocketPair } from "./sockets.ts";

/** Other tests bind ports of the same range at 127.0.0.1 meanwhile; on Linux every address of 127/8 is this machine's. */
const address = process.platform === "linux" ? "127.0.77.1" : "127.0.0.1";
const range = { address, bufferBytes: 65_536 };

/** Lets go of what a test has bound, however it ends: an open socket would hold the whole run up. */
function closing(test: TestContext, ...sockets: readonly Socket[]): void {
  for (const socket of sockets) test.after(() => socket.close());
}

test("RTP has an even port of the range, RTCP the next one", async (t) => {
  const bound = await bindPair({ ...range, minPort: 20_001, maxPort: 20_999 });
  assert.ok(bound.kind === "bound");
  const { port, rtp, rtcp } = bound.pair;
  closing(t, rtp, rtcp);
  assert.equal(port % 2, 0);
  assert.ok(port >= 20_002 && port + 1 <= 20_999);
  assert.equal(rtp.address().port, port);
  assert.equal(rtcp.address().port, port + 1);
  assert.ok(rtp.getRecvBufferSize() >= 65_536);
});

test("the last free pair of a range is found, then there is none; nothing stays bound", async (t) => {
  const options = { ...range, minPort: 21_000, maxPort: 21_039 };
  const pairs: SocketPair[] = [];
  for (let i = 0; i < 20; i++) {
    const bound = await bindPair(options);
    assert.ok(bound.kind === "bound", `pair ${i}`);
    pairs.push(bound.pair);
    closing(t, bound.pair.rtp, bound.pair.rtcp);
  }
  assert.equal(new Set(pairs.map(({ port }) => port)).size, 20);
  assert.deepEqual(await bindPair(options), {
    kind: "failed",
    reason: "no free port in 21000 to 21039",
  });
});

test("a pair whose odd port is taken is left alone, its even port freed", async (t) => {
  const taken = createSocket("udp4").bind(22_001, address);
  closing(t, taken);
  await once(taken, "listening");
  const bound = await bindPair({ ...range, minPort: 22_000, maxPort: 22_001 });
  assert.equal(bound.kind, "failed");
  const even = createSocket("udp4").bind(22_000, address);
  closing(t, even);
  await once(even, "listening");
});

test("an address that is not this machine's is told at once", async () => {
  const bound = await bindPair({ ...range, address: "192.0.2.1", minPort: 20_000, maxPort: 30_000 });
  assert.ok(bound.kind === "failed");
  assert.match(bound.reason, /^cannot bind 192\.0\.2\.1: .*EADDRNOTAVAIL/);
});

test("the local address is that from which the other is reached", async () => {
  const addresses = createLocalAddresses(() => 0);
  assert.equal(await addresses.towards("127.0.0.1"), "127.0.0.1");
  assert.equal(await addresses.towards("127.0.0.1"), "127.0.0.1", "out of the cache too");
  assert.equal(await addresses.towards("nobody"), undefined);
});
