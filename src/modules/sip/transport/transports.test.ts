import assert from "node:assert/strict";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { type Clock, createManualClock, realClock, silentLogger } from "../../../base/index.ts";
import type { SipFlow, SipMessage } from "../../../sip/index.ts";
import {
  createSipTransports,
  type SipListenerOptions,
  type SipTransports,
  type SipTransportsOptions,
} from "./index.ts";

interface Running extends AsyncDisposable {
  readonly transports: SipTransports;
  readonly warnings: string[];
  port(name: string): number;
  /** The next message that came in. */
  next(): Promise<readonly [message: SipMessage, flow: SipFlow]>;
  /** Of those not asked for yet. */
  readonly waiting: number;
}

const local = { host: "127.0.0.1", port: 0 } as const;
const udp: SipListenerOptions = { name: "general", transport: "udp", ...local };
const tcp: SipListenerOptions = { name: "conn", transport: "tcp", ...local };
const noIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
)
  ? false
  : "this machine has no IPv6";

async function start(
  listeners: readonly SipListenerOptions[],
  options: Partial<SipTransportsOptions> & { clock?: Clock } = {},
): Promise<Running> {
  const came: (readonly [SipMessage, SipFlow])[] = [];
  const wanted: ((one: readonly [SipMessage, SipFlow]) => void)[] = [];
  const warnings: string[] = [];
  const transports = await createSipTransports({
    clock: realClock,
    log: {
      ...silentLogger,
      warn: (text) => void warnings.push(text),
      error: (text) => void warnings.push(text),
    },
    listeners,
    onMessage(message, flow) {
      const want = wanted.shift();
      if (want) want([message, flow]);
      else came.push([message, flow]);
    },
    ...options,
  });
  return {
    transports,
    warnings,
    port: (name) => transports.addresses.get(name)?.port ?? 0,
    next() {
      const one = came.shift();
      return one ? Promise.resolve(one) : new Promise((resolve) => wanted.push(resolve));
    },
    get waiting() {
      return came.length;
    },
    [Symbol.asyncDispose]: () => transports.stop(),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const options = (id: string, body = "", method = "OPTIONS"): Uint8Array =>
  bytes(
    `${method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK${id}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: ${id}\r\nCSeq: 1 ${method}\r\nMax-Forwards: 70\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
const idOf = ([{ headers }]: readonly [SipMessage, SipFlow]): string => headers.get("call-id") ?? "";

/** Waits for what happens soon; the test's time limit ends a wait for what never does. */
async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function udpPeer(host = "127.0.0.1"): Promise<UdpSocket & AsyncDisposable> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind(0, host);
  await once(socket, "listening");
  return socket;
}

async function tcpPeer(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = connectSocket(port, host);
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
}

const limit = { timeout: 20_000 };

describe("SIP over UDP", limit, () => {
  for (const host of ["127.0.0.1", "::1"]) {
    it(`comes in by a flow that goes back to where it came from, at ${host}`, {
      skip: host === "::1" && noIpv6,
    }, async () => {
      await using running = await start([{ ...udp, host }]);
      await using peer = await udpPeer(host);
      peer.send(options("1"), running.port("general"), host);
      const [message, flow] = await running.next();
      assert.equal(message.kind === "request" && message.method, "OPTIONS");
      assert.equal(flow.id, "general");
      assert.equal(flow.transport, "UDP");
      assert.equal(flow.reliable, false);
      assert.deepEqual(flow.local, { host, port: running.port("general") });
      assert.deepEqual(flow.remote, { host, port: peer.address().port });
      flow.send(bytes("back"));
      const [back] = await once(peer, "message");
      assert.equal(String(back), "back");
      peer.send(options("2"), running.port("general"), host);
      assert.equal((await running.next())[1], flow);
      assert.equal(await running.transports.connect({ transport: "UDP", ...flow.remote }), flow);
    });
  }

  it("calls itself by the address that the peer sees when it listens at all", async () => {
    await using running = await start([{ ...udp, host: "0.0.0.0" }]);
    const port = running.port("general");
    const flow = await running.transports.connect({ host: "127.0.0.1", port: 5060 });
    assert.deepEqual(flow.local, { host: "127.0.0.1", port });
    const outer = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, internal }) => family === "IPv4" && !internal);
    if (outer) {
      const toOuter = await running.transports.connect({ host: outer.address, port: 5060 });
      assert.deepEqual(toOuter.local, { host: outer.address, port });
      assert.deepEqual(running.transports.reachableAt(toOuter), {
        transport: "UDP",
        host: outer.address,
        port,
      });
    }
  });

  it("lets keep-alives pass in silence, and drops what is no SIP with one line a minute", async () => {
    const clock = createManualClock();
    await using running = await start([udp], { clock });
    await using peer = await udpPeer();
    const port = running.port("general");
    const stun = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12));
    for (const packet of ["", "\r\n\r\n", "\r\n", "\0", "\0\0\0\0", "  "].map(bytes).concat(stun))
      peer.send(packet, port, "127.0.0.1");
    await until(() => running.transports.figures.keepAlives === 7);
    assert.deepEqual(running.warnings, []);
    for (let at = 0; at < 50; at++) peer.send(bytes(`\x01 garbage ${at}`), port, "127.0.0.1");
    await until(() => running.transports.figures.malformed === 50);
    assert.equal(running.warnings.length, 1);
    assert.match(running.warnings[0] ?? "", /^sip: 127\.0\.0\.1: sent over UDP what is no SIP: /);
    await clock.advance(60_000);
    assert.match(running.warnings[1] ?? "", /^sip: 127\.0\.0\.1: 49 more within a minute/);
    peer.send(options("after"), port, "127.0.0.1");
    assert.equal(idOf(await running.next()), "after");
    assert.equal(running.waiting, 0);
  });

  it("takes short packets too, which the reference engine drops", async () => {
    await using running = await start([udp]);
    await using peer = await udpPeer();
    peer.send(bytes("OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n"), running.port("general"), "127.0.0.1");
    assert.equal(idOf(await running.next()), "x");
  });

  it("holds back a flood of new requests by its source, unless it is told not to", async () => {
    for (const flood of [{ other: { perSecond: 10, burst: 20 } }, false] as const) {
      await using running = await start([udp], { clock: createManualClock(), flood });
      await using peer = await udpPeer();
      for (let at = 0; at < 60; at++) peer.send(options(`${at}`), running.port("general"), "127.0.0.1");
      await until(() => running.transports.figures.received === 60);
      assert.equal(running.waiting, flood ? 20 : 60);
      assert.equal(running.transports.figures.flooded, flood ? 40 : 0);
      assert.deepEqual(
        running.warnings,
        flood ? ["sip: 127.0.0.1: sends too many requests, OPTIONS dropped"] : [],
      );
    }
  });

  it("remembers a bounded number of peers, and serves them all", async () => {
    await using running = await start([udp], { limits: { udpFlows: 10 } });
    await using peer = await udpPeer();
    const kept: SipFlow[] = [];
    for (let port = 20_000; port < 20_100; port++)
      kept.push(await running.transports.connect({ transport: "UDP", host: "127.0.0.1", port }));
    const first = await running.transports.connect({ transport: "UDP", host: "127.0.0.1", port: 20_000 });
    assert.notEqual(first, kept[0]);
    const old = await running.transports.connect({ transport: "UDP", ...local, port: peer.address().port });
    for (let port = 20_000; port < 20_100; port++)
      await running.transports.connect({ transport: "UDP", host: "127.0.0.1", port });
    old.send(bytes("still"));
    assert.equal(String((await once(peer, "message"))[0]), "still");
  });

  it("tells what cannot be sent, after send has returned, and never throws", async () => {
    await using running = await start([udp]);
    const flow = await running.transports.connect({ transport: "UDP", host: "127.0.0.1", port: 5060 });
    const errors: Error[] = [];
    const stop = flow.onError((error) => errors.push(error));
    flow.send(new Uint8Array(70_000));
    assert.equal(errors.length, 0);
    await until(() => errors.length === 1);
    await running.transports.stop();
    assert.equal(flow.closed, true);
    flow.send(bytes("x"));
    await until(() => errors.length === 2);
    stop();
    flow.send(bytes("x"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(errors.length, 2);
  });

  it("goes out by the listener that is named, or fits the peer", { skip: noIpv6 }, async () => {
    const six: SipListenerOptions = { ...udp, name: "six", host: "::1" };
    await using running = await start([udp, six, { ...udp, name: "second" }]);
    const { transports } = running;
    const by = async (more: object, host = "127.0.0.1"): Promise<number> =>
      (await transports.connect({ transport: "UDP", host, port: 9, ...more })).local.port;
    assert.equal(await by({}), running.port("general"));
    assert.equal(await by({ listener: "second" }), running.port("second"));
    assert.equal(
      await by({ from: { host: "127.0.0.1", port: running.port("second") } }),
      running.port("second"),
    );
    assert.equal(await by({}, "[::1]"), running.port("six"));
    await assert.rejects(by({ listener: "none" }), { code: "bad-argument" });
    await assert.rejects(by({ from: { host: "10.1.2.3" } }), { code: "peer-unreachable" });
    await assert.rejects(by({}, "192.0.2.1"), {
      code: "peer-unreachable",
      message: /no SIP listener for UDP/,
    });
  });
});

describe("SIP over TCP", limit, () => {
  it("is framed by Content-Length, and answered on the same connection", async () => {
    await using running = await start([tcp]);
    const peer = await tcpPeer(running.port("conn"));
    const both = Buffer.concat([options("1", "body"), options("2")]);
    for (const byte of both) peer.write(Uint8Array.of(byte));
    const [one, two] = [await running.next(), await running.next()];
    assert.deepEqual([idOf(one), idOf(two)], ["1", "2"]);
    assert.equal(new TextDecoder().decode(one[0].body), "body");
    const [, flow] = one;
    const { port } = peer.address() as { port: number };
    assert.equal(flow.id, `tcp:127.0.0.1:${running.port("conn")}-127.0.0.1:${port}`);
    assert.equal(flow.reliable, true);
    assert.equal(running.transports.flowOf(flow.id), flow);
    flow.send(bytes("answer"));
    assert.equal(String((await once(peer, "data"))[0]), "answer");
    peer.destroy();
  });

  it("answers a ping with CRLF", async () => {
    await using running = await start([tcp]);
    const peer = await tcpPeer(running.port("conn"));
    peer.write("\r\n\r\n");
    assert.equal(String((await once(peer, "data"))[0]), "\r\n");
    assert.equal(running.transports.figures.keepAlives, 1);
    peer.destroy();
  });

  it("reuses the connection to a peer, its own and the peer's", async () => {
    await using ours = await start([tcp]);
    await using theirs = await start([tcp]);
    const to = { transport: "TCP", host: "127.0.0.1", port: theirs.port("conn") } as const;
    const [flow, same] = await Promise.all([ours.transports.connect(to), ours.transports.connect(to)]);
    assert.equal(flow, same);
    assert.equal(await ours.transports.connect(to), flow);
    flow.send(options("1"));
    const [, back] = await theirs.next();
    assert.equal(await theirs.transports.connect({ transport: "TCP", ...back.remote }), back);
    assert.deepEqual(theirs.transports.reachableAt(back), {
      transport: "TCP",
      host: "127.0.0.1",
      port: theirs.port("conn"),
    });
    assert.equal(ours.transports.figures.connections, 1);
    assert.equal(theirs.transports.figures.connections, 1);
  });

  it("tells that a connection broke to those that watch it, once, and connects anew when asked", async () => {
    await using ours = await start([]);
    await using theirs = await start([tcp]);
    const to = { host: "127.0.0.1", port: theirs.port("conn") };
    const flow = await ours.transports.connect(to);
    assert.equal(flow.transport, "TCP");
    const errors: Error[] = [];
    flow.onError((error) => errors.push(error));
    flow.send(options("1"));
    await theirs.next();
    await theirs.transports.stop();
    await until(() => errors.length === 1);
    assert.equal(flow.closed, true);
    assert.equal(ours.transports.flowOf(flow.id), undefined);
    await assert.rejects(ours.transports.connect(to), {
      code: "peer-unreachable",
      message: /nobody listens there/,
    });
  });

  it("closes a connection that its peer half closes", async () => {
    await using running = await start([tcp]);
    const peer = await tcpPeer(running.port("conn"));
    peer.write(options("1"));
    const [, flow] = await running.next();
    peer.end();
    await closed(peer);
    await until(() => flow.closed);
  });

  it("closes what is no SIP: another protocol, lost framing, garbage in good framing", async () => {
    await using running = await start([tcp], { limits: { headerBytes: 1000, bodyBytes: 100 } });
    const cases = [
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x00",
      "OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n\r\n",
      "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 101\r\n\r\n",
      `OPTIONS sip:a@b SIP/2.0\r\nX: ${"x".repeat(1000)}`,
      "OPTIONS SIP/2.0\r\nContent-Length: 0\r\n\r\n",
    ];
    for (const [at, text] of cases.entries()) {
      const peer = await tcpPeer(running.port("conn"));
      peer.write(text);
      await closed(peer);
      assert.equal(running.transports.figures.malformed, at + 1, text);
    }
    await until(() => running.transports.figures.connections === 0);
    assert.equal(running.waiting, 0);
    assert.equal(running.warnings.length, 1);
  });

  it("gives a message 20 s to be complete, however it trickles in", async () => {
    const clock = createManualClock();
    await using running = await start([tcp], { clock });
    const [slow, good] = [await tcpPeer(running.port("conn")), await tcpPeer(running.port("conn"))];
    slow.write("OPTIONS sip:a@b SIP/2.0\r\n");
    good.write(options("1"));
    const [, goodFlow] = await running.next();
    await until(() => clock.pending >= 3);
    await clock.advance(15_000);
    slow.write("X: y\r\n");
    good.write(options("2").subarray(0, 40));
    await until(() => clock.pending >= 4);
    await clock.advance(5000);
    await closed(slow);
    assert.equal(running.transports.figures.slowConnections, 1);
    good.write(options("2").subarray(40));
    assert.equal(idOf(await running.next()), "2");
    assert.equal(goodFlow.closed, false);
    good.destroy();
  });

  it("closes a connection after 120 s of nothing, but not one that is watched", async () => {
    const clock = createManualClock();
    await using running = await start([tcp], { clock });
    const [idle, used] = [await tcpPeer(running.port("conn")), await tcpPeer(running.port("conn"))];
    used.write(options("1"));
    const [, flow] = await running.next();
    const unwatch = flow.onError(() => {});
    await until(() => running.transports.figures.connections === 2);
    await clock.advance(119_000);
    assert.equal(running.transports.figures.connections, 2);
    await clock.advance(1000);
    await closed(idle);
    assert.equal(flow.closed, false);
    unwatch();
    await clock.advance(120_000);
    assert.equal(flow.closed, true);
    used.destroy();
  });

  it("lets no more than 1 MiB wait for a peer that does not read", async () => {
    await using running = await start([tcp]);
    const peer = await tcpPeer(running.port("conn"));
    peer.write(options("1"));
    const [, flow] = await running.next();
    peer.pause();
    const errors: Error[] = [];
    flow.onError((error) => errors.push(error));
    const big = new Uint8Array(60_000);
    for (let at = 0; at < 2000 && !flow.closed; at++) {
      flow.send(big);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(flow.closed, true);
    assert.equal(running.transports.figures.slowConnections, 1);
    await until(() => errors.length === 1);
    assert.match(errors[0]?.message ?? "", /does not read/);
    peer.destroy();
  });

  it("takes a bounded number of connections, in all and of one source, and counts those it refused", async () => {
    for (const limits of [{ connections: 3 }, { connectionsPerSource: 3 }]) {
      await using running = await start([tcp], { limits });
      const peers = [];
      for (let at = 0; at < 6; at++) peers.push(await tcpPeer(running.port("conn")));
      await until(() => running.transports.figures.refusedConnections === 3);
      assert.equal(running.transports.figures.connections, 3);
      assert.equal(running.warnings.length, 1);
      for (const peer of peers) peer.destroy();
      await until(() => running.transports.figures.connections === 0);
      const late = await tcpPeer(running.port("conn"));
      late.write(options("late"));
      assert.equal(idOf(await running.next()), "late");
      late.destroy();
    }
  });

  it("gives up a connection that is not made in time", async () => {
    const clock = createManualClock();
    await using running = await start([], { clock });
    const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const made = running.transports.connect({ transport: "TLS", host: "127.0.0.1", port });
    const refused = assert.rejects(made, {
      code: "peer-unreachable",
      message: /no connection within 10000 ms/,
    });
    const [socket] = await once(silent, "connection");
    await clock.advance(10_000);
    await refused;
    (socket as Socket).destroy();
    silent.close();
  });
});

describe("SIP listeners", limit, () => {
  it("tell that a port is taken or an address is not here, and then none of them listens", async () => {
    await using taken = await udpPeer();
    const { port } = taken.address();
    await assert.rejects(
      start([
        { ...tcp, port },
        { ...udp, port },
      ]),
      { code: "port-taken", message: /listener general/ },
    );
    const free = createServer().listen(port, "127.0.0.1");
    await once(free, "listening");
    free.close();
    await assert.rejects(start([{ ...udp, host: "192.0.2.1" }]), {
      code: "config-invalid",
      message: /no such address/,
    });
    await assert.rejects(start([udp, { ...tcp, name: "general" }]), { code: "config-invalid" });
    await assert.rejects(start([{ ...tcp, transport: "tls" }]), {
      code: "config-invalid",
      message: /certificate/,
    });
  });

  it("go on when what is served throws", async () => {
    let calls = 0;
    await using running = await start([udp], {
      onMessage() {
        calls++;
        throw new Error("broken");
      },
    });
    await using peer = await udpPeer();
    peer.send(options("1"), running.port("general"), "127.0.0.1");
    peer.send(options("2"), running.port("general"), "127.0.0.1");
    await until(() => calls === 2);
    assert.match(running.warnings.join(), /could not be served: broken/);
  });

  it("stop while connections are open, and what was sent before still arrives", async () => {
    const running = await start([tcp, udp]);
    const [peer, packets] = [await tcpPeer(running.port("conn")), await udpPeer()];
    peer.write(options("1"));
    const [, flow] = await running.next();
    const byUdp = await running.transports.connect({
      transport: "UDP",
      host: "127.0.0.1",
      port: packets.address().port,
    });
    const [data, packet] = [once(peer, "data"), once(packets, "message")];
    flow.send(bytes("bye"));
    byUdp.send(bytes("bye"));
    await running.transports.stop();
    assert.equal(String((await data)[0]), "bye");
    assert.equal(String((await packet)[0]), "bye");
    await assert.rejects(running.transports.connect({ ...local, port: 5060 }), { code: "closed" });
    packets.close();
    peer.destroy();
  });
});
