import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sipVectors } from "../sip-vectors.ts";
import { assertCalm, mutated, request, sdp, seeded, settle, startFortress } from "./attack-kit.ts";

/** The messages of RFC 4475 and RFC 5118, as they go over the wire. */
const vectors = [...sipVectors("4475"), ...sipVectors("5118")].map(({ bytes }) => bytes);

/** Requests as a phone sends them. */
const good = (): string[] => [
  request("OPTIONS", "sip:100@127.0.0.1"),
  request("REGISTER", "sip:127.0.0.1", {
    Expires: "600",
    Authorization:
      'Digest username="100", realm="Yate", nonce="1", uri="sip:127.0.0.1", response="0123456789abcdef0123456789abcdef"',
  }),
  request("INVITE", "sip:open@127.0.0.1", { "Content-Type": "application/sdp" }, sdp(9)),
  request(
    "INVITE",
    "sip:nobody@127.0.0.1",
    { "Content-Type": "multipart/mixed;boundary=x", Replaces: "a;to-tag=b;from-tag=c" },
    "--x\r\n\r\n--x--",
  ),
  request("BYE", "sip:open@127.0.0.1", { To: "<sip:open@127.0.0.1>;tag=1" }),
  request("CANCEL", "sip:open@127.0.0.1"),
  request("ACK", "sip:open@127.0.0.1", { To: "<sip:open@127.0.0.1>;tag=1" }),
  request("REFER", "sip:open@127.0.0.1", {
    "Refer-To": "<sip:x@y?Replaces=a>",
    To: "<sip:open@127.0.0.1>;tag=1",
  }),
  request("PRACK", "sip:open@127.0.0.1", { RAck: "1 1 INVITE", To: "<sip:open@127.0.0.1>;tag=1" }),
  request(
    "INFO",
    "sip:open@127.0.0.1",
    { "Content-Type": "application/dtmf-relay" },
    "Signal=1\r\nDuration=100\r\n",
  ),
  request("OPTIONS", "sip:x", {}).replace(/^OPTIONS .*\r\n/, "SIP/2.0 200 OK\r\n"),
];

describe("malformed and hostile packets", () => {
  it("of RFC 4475 and RFC 5118, over UDP and TCP, do no harm, and are told once", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    for (const vector of vectors) attacker.send(vector);
    assert.ok(vectors.length > 55);
    await settle();
    assert.ok((await fortress.call()) < 2000);
    for (const vector of vectors) {
      const connection = await fortress.connection();
      connection.socket.end(vector);
    }
    await settle();
    await fortress.call();
    assertCalm(fortress, 3);
  });

  it("of good messages with bytes changed at random do no harm", async () => {
    await using fortress = await startFortress();
    const random = seeded(20_260_101);
    const attacker = await fortress.attacker();
    const messages = good().map((text) => Buffer.from(text, "latin1"));
    const some = (): Uint8Array => messages[Math.floor(random() * messages.length)] ?? Buffer.alloc(0);
    await attacker.flood(4000, () => mutated(random, some()));
    for (let n = 0; n < 50; n++) {
      const connection = await fortress.connection();
      for (let part = 0; part < 10; part++) connection.socket.write(mutated(random, some()));
      connection.socket.end();
    }
    await settle();
    await fortress.call();
    // One for what is no SIP, one a minute for the flood; calls that some of them made have a story of their own.
    assertCalm(fortress, 10);
    assert.ok(fortress.figures.malformed > 100);
  });

  it("of noise, up to 64 KB a datagram, are dropped and told once a minute", async () => {
    await using fortress = await startFortress();
    const random = seeded(7);
    const attacker = await fortress.attacker();
    const sizes = [0, 1, 2, 20, 200, 1400, 8192, 65_507];
    await attacker.flood(800, (at) => {
      const bytes = Buffer.alloc(sizes[at % sizes.length] ?? 0);
      for (let i = 0; i < bytes.length; i += 4) bytes[i] = Math.floor(random() * 256);
      return bytes;
    });
    await fortress.call();
    assert.equal(attacker.packets.length, 0, "noise is not answered");
    assert.ok(fortress.figures.malformed > 300);
    assertCalm(fortress, 1);
    assert.match(fortress.warnings()[0]?.text ?? "", /127\.0\.0\.66/);
  });

  it("as large as a datagram can be are served in their time, and take no memory that is not given back", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    const begin = performance.now();
    const filler = "x".repeat(16_000);
    for (const packet of [
      request("OPTIONS", "sip:x@y", { "X-A": filler, "X-B": filler, "X-C": filler }),
      request("OPTIONS", "sip:x@y", { "Call-ID": filler, From: `"${filler}" <sip:a@b>;tag=1` }),
      request(
        "OPTIONS",
        "sip:x@y",
        { "Content-Type": "application/sdp" },
        "m=audio 1 RTP/AVP 0\r\n".repeat(2900),
      ),
      request(
        "INVITE",
        "sip:open@y",
        { "Content-Type": "application/sdp" },
        `${sdp(9)}${"m=audio 1 RTP/AVP 0\r\n".repeat(2800)}`,
      ),
      request(
        "INVITE",
        "sip:open@y",
        { "Content-Type": "application/sdp" },
        `${sdp(9)}${"a=x:y\r\n".repeat(8000)}`,
      ),
      request(
        "INVITE",
        "sip:open@y",
        { "Content-Type": "application/sdp" },
        `${sdp(9).replace("8 101", "8 ".repeat(29_000))}`,
      ),
      request(
        "INVITE",
        "sip:open@y",
        { "Content-Type": "application/sdp" },
        `${sdp(9)}${"a=rtpmap:8 PCMA/8000\r\n".repeat(2600)}`,
      ),
      request(
        "INVITE",
        "sip:open@y",
        { "Content-Type": "multipart/mixed;boundary=x" },
        "--x\r\n\r\n".repeat(7000),
      ),
      request("INVITE", `sip:${"a".repeat(15_000)}@y`, {}),
      request("INVITE", "sip:open@y", {
        Route: "<sip:a>,".repeat(1500),
        "Record-Route": "<sip:a>,".repeat(1500),
      }),
      request("REGISTER", "sip:127.0.0.1", { Contact: "<sip:a@b>,".repeat(1600) }),
      request("OPTIONS", "sip:x@y", {
        Via: `${"SIP/2.0/UDP 127.0.0.66;branch=z9hG4bKx,".repeat(400)}SIP/2.0/UDP a`,
      }),
      `OPTIONS sip:x@y SIP/2.0\r\n${"a:b\r\n".repeat(13_000)}\r\n`,
      `OPTIONS sip:x@y SIP/2.0\r\nVia: ${'"\\'.repeat(8000)}\r\n\r\n`,
      `OPTIONS sip:x@y SIP/2.0\r\nContact: ${"<".repeat(16_000)}\r\n\r\n`,
      `${"A".repeat(60_000)} sip:x@y SIP/2.0\r\n\r\n`,
    ])
      for (let times = 0; times < 3; times++) attacker.send(packet.slice(0, 65_000));
    await settle();
    await fortress.call();
    assert.ok(performance.now() - begin < 5000, `${performance.now() - begin} ms`);
    assertCalm(fortress, 10);
  });

  it("that lie about their length are cut, refused, or close their connection", async () => {
    await using fortress = await startFortress();
    const attacker = await fortress.attacker();
    for (const [length, body] of [
      ["5000000000", "x"],
      ["-1", "x"],
      ["9".repeat(400), "x"],
      ["10", ""],
      ["1", "x".repeat(60_000)],
      ["1e3", "x"],
    ] as const) {
      const packet = request("OPTIONS", "sip:x@y", { "Content-Length": length }, body);
      attacker.send(packet);
      const connection = await fortress.connection();
      connection.socket.write(packet);
      if (!["10", "1"].includes(length)) await connection.closed;
    }
    // Two lengths that differ, none at all, and a body that is larger than any.
    const plain = request("OPTIONS", "sip:x@y");
    for (const packet of [
      plain.replace("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 9"),
      plain.replace("Content-Length: 0\r\n", ""),
      plain.replace("Content-Length: 0", "Content-Length: 70000"),
      plain.replace("Content-Length: 0\r\n", `X: ${"y".repeat(80_000)}`),
    ]) {
      const connection = await fortress.connection();
      connection.socket.write(packet);
      await connection.closed;
    }
    await fortress.call();
    assertCalm(fortress, 3);
  });
});
