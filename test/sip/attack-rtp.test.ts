import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { describe, it } from "node:test";
import { account, assertCalm, type Fortress, seeded, settle, startFortress, until } from "./attack-kit.ts";
import { createRawPhone, phoneSdp, textOf } from "./raw-phone.ts";
import { Watched } from "./watching.ts";

const frameBytes = 160;

/** One RTP packet (RFC 3550 §5.1). */
function rtpPacket(
  sequence: number,
  payload: Uint8Array,
  { type = 8, ssrc = 0x1234, timestamp = sequence * frameBytes, marker = false } = {},
): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = type | (marker ? 0x80 : 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc >>> 0, 8);
  packet.set(payload, 12);
  return packet;
}

/** A key that was pressed and released (RFC 4733 §2.3). */
const keyPacket = (sequence: number, ssrc: number): Buffer =>
  rtpPacket(sequence, Uint8Array.of(5, 0x80 | 10, 0x03, 0x20), {
    type: 101,
    ssrc,
    timestamp: sequence * 10_000,
    marker: true,
  });

async function udpSocket(host = "127.0.0.1"): Promise<Socket> {
  const socket = createSocket({ type: "udp4", lookup: (name, _options, done) => done(null, name, 4) });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

/** A call from one phone with sound to another through the engine. */
async function talk(fortress: Fortress) {
  const other = await createRawPhone(fortress.udp);
  fortress.yate.handle("call.route", { priority: 5, filter: { called: "other" } }, () => `sip/${other.uri}`);
  const [here, there] = [await udpSocket(), await udpSocket()];
  const call = fortress.phone.call("other", { ...account, media: here.address().port });
  const answering = await other.calls.take("the call");
  answering.session.accept({ body: phoneSdp(there.address().port) });
  const port = Number(/m=audio (\d+)/.exec(textOf(await call.response(200)))?.[1]);
  const status = async (): Promise<Record<string, string>> => {
    const message = fortress.engine.message("engine.status", { module: "yrtp" });
    await fortress.engine.kernel.dispatch(message);
    const ids = [...message.retvalue.matchAll(/(yrtp\/\d+)=/g)].map(([, id]) => id ?? "");
    for (const id of ids) {
      const one = fortress.engine.message("engine.status", { module: id });
      await fortress.engine.kernel.dispatch(one);
      if (one.retvalue.includes(`:${port},`))
        return Object.fromEntries(
          one.retvalue
            .trim()
            .split(/[;,]/)
            .map((pair) => pair.split("=") as [string, string]),
        );
    }
    return {};
  };
  return {
    call,
    answering,
    here,
    there,
    port,
    status,
    async [Symbol.asyncDispose]() {
      for (const socket of [here, there]) socket.close();
      await other[Symbol.asyncDispose]();
    },
  };
}

describe("sound of a call", () => {
  it("goes on untouched while a stranger sends sound, keys, reports and noise to its port, and is locked out", async () => {
    await using fortress = await startFortress();
    await using talking = await talk(fortress);
    const { here, there, port } = talking;
    const keys = new Watched(fortress.yate, ["chan.dtmf"]);
    const random = seeded(3);
    const frames = Array.from({ length: 150 }, () =>
      Buffer.from(Array.from({ length: frameBytes }, () => Math.floor(random() * 256))),
    );
    const heard: Buffer[] = [];
    there.on("message", (bytes) => heard.push(bytes.subarray(12)));

    // The good phone, every 20 ms by the clock, however late the timers of this machine are.
    const begin = performance.now();
    let sent = 0;
    const speaking = setInterval(() => {
      while (sent < frames.length && performance.now() - begin >= sent * 20)
        here.send(rtpPacket(sent + 1000, frames[sent++] ?? Buffer.alloc(0)), port, "127.0.0.1");
    }, 5);
    await until("the phone is heard", () => heard.length > 5);

    const stranger = await fortress.attacker();
    const noise = Buffer.alloc(1400);
    while (sent < frames.length) {
      for (let n = 0; n < 20; n++) {
        for (let i = 0; i < noise.length; i += 7) noise[i] = Math.floor(random() * 256);
        const sequence = Math.floor(random() * 65_536);
        stranger.send(
          rtpPacket(sequence, noise.subarray(0, frameBytes), { ssrc: n % 2 ? 0x1234 : sequence }),
          port,
        );
        stranger.send(keyPacket(sequence, n % 2 ? 0x1234 : 1), port);
        stranger.send(noise.subarray(0, sequence % 1400), port + (n & 1));
        // A goodbye (RFC 3550 §6.6) for the phone's own source.
        stranger.send(Buffer.from("81cb000100001234", "hex"), port + 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await settle();
    await until("most has arrived", () => heard.length >= 120);
    clearInterval(speaking);

    // Each frame as it was spoken, in its order: sound that was not touched, sample for sample.
    const places = heard
      .map((frame) => frames.findIndex((spoken) => spoken.equals(frame)))
      .filter((place) => place >= 0);
    assert.ok(places.length >= 120, `${places.length} of ${heard.length} frames are the phone's`);
    assert.ok(
      places.length >= heard.length * 0.9,
      `${heard.length - places.length} of ${heard.length} are not`,
    );
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.equal(stranger.packets.length, 0, "nothing is sent to the stranger");
    assert.deepEqual(
      keys.all.map(({ name }) => name),
      [],
      "no key of his counts",
    );
    const { strangers = "0", remote } = await talking.status();
    assert.ok(Number(strangers) > 500, `${strangers} packets of strangers`);
    assert.equal(remote, `127.0.0.1:${here.address().port}`);
    assert.equal(talking.call.session.state, "confirmed");
    const told = fortress.warnings().filter(({ text }) => /stranger/.test(text));
    assert.equal(told.length, 1, "told once a minute");
    assert.match(told[0]?.text ?? "", /127\.0\.0\.66/);
    assertCalm(fortress, 1);
  });

  it("stands whatever its own phone sends: other sources, jumps, keys without end, packets that are none", async () => {
    await using fortress = await startFortress();
    await using talking = await talk(fortress);
    const { here, there, port } = talking;
    const keys = new Watched(fortress.yate, ["chan.dtmf"]);
    const random = seeded(4);
    const below = (limit: number): number => Math.floor(random() * limit);
    for (let at = 0; at < 6000; at++) {
      const bytes = Buffer.from(Array.from({ length: below(60) }, () => below(256)));
      const packet = [
        () => rtpPacket(below(65_536), bytes, { ssrc: below(2 ** 32), timestamp: below(2 ** 32) }),
        () => rtpPacket(below(65_536), bytes, { type: below(128) }),
        () => keyPacket(at, 0x1234),
        () => bytes,
        () => Buffer.concat([Buffer.from([0x80 | below(128), 8]), bytes]),
        () => rtpPacket(at, Buffer.alloc(1400, 0x55)),
      ][at % 6];
      here.send(packet?.() ?? bytes, port + (at % 11 === 0 ? 1 : 0), "127.0.0.1");
      if (at % 16 === 0) await settle(1);
    }
    await settle();
    assert.equal(talking.call.session.state, "confirmed");
    // What it says afterwards is heard.
    const spoken = Buffer.alloc(frameBytes, 0x2a);
    let heard = 0;
    there.on("message", (bytes) => {
      if (bytes.subarray(12).equals(spoken)) heard++;
    });
    let sequence = 0;
    const speaking = setInterval(
      () => here.send(rtpPacket(++sequence, spoken, { ssrc: 77 }), port, "127.0.0.1"),
      20,
    );
    await until("it is heard", () => heard > 10);
    clearInterval(speaking);
    // Nobody's fingers are as fast: what is beyond a burst is dropped, and told once.
    assert.ok(keys.all.length < 200, `${keys.all.length} keys`);
    await fortress.call();
    assertCalm(fortress, 3);
    talking.call.hangup();
    assert.equal((await talking.call.end()).kind, "local");
  });

  it("is not where a scan of the ports finds anything that answers", async () => {
    await using fortress = await startFortress({ yrtpchan: "[general]\nminport=26000\nmaxport=26999\n" });
    await using talking = await talk(fortress);
    const stranger = await fortress.attacker();
    const probes = [
      "",
      "\r\n\r\n",
      "\x00\x01\x00\x00\x21\x12\xa4\x42000000000000",
      "\x80\x08\x00\x01",
      "OPTIONS sip:x SIP/2.0\r\n\r\n",
    ];
    await stranger.flood(5000, (at) => probes[at % probes.length] ?? "", talking.port);
    for (let port = 26_000; port < 27_000; port++) stranger.send(probes[port % probes.length] ?? "", port);
    await settle();
    assert.equal(stranger.packets.length, 0);
    assert.equal(talking.call.session.state, "confirmed");
    await fortress.call();
    assertCalm(fortress, 1);
  });
});
