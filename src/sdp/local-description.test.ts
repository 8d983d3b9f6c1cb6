import assert from "node:assert/strict";
import { test } from "node:test";
import { YaytsError } from "../base/index.ts";
import { createCrypto } from "./crypto.ts";
import type { SessionDescription } from "./description.ts";
import type { LocalAudio } from "./local-audio.ts";
import { type AnswerResult, createLocalDescription, type LocalDescription } from "./local-description.ts";
import { parseSdp } from "./parse.ts";

const ours: LocalAudio = { address: "192.0.2.1", port: 4000, formats: ["mulaw", "alaw", "gsm"] };
const audioLine = "m=audio 5000 RTP/AVP 8 0 101";
const maps = ["a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000"];

/** Their description, with the usual head. */
function theirs(...lines: string[]): SessionDescription {
  return read(
    ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", ...lines].join("\r\n"),
  );
}

function read(body: string): SessionDescription {
  const parsed = parseSdp(body);
  assert.ok(parsed.kind === "session", parsed.kind === "invalid" ? parsed.problem : "");
  return parsed.session;
}

const start = (): LocalDescription => createLocalDescription({ sessionId: 1000 });

function answered(result: AnswerResult): Extract<AnswerResult, { kind: "answer" }> {
  assert.ok(result.kind === "answer", result.kind);
  return result;
}

/** The lines of a body, without the last line end. */
const linesOf = (body: string): string[] => body.trimEnd().split("\r\n");

/** The version in the o= line. */
const versionOf = (body: string): string => read(body).origin.version;

test("an offer is written as the engine always wrote it, and with the fmtp line that RFC 4733 wants", () => {
  assert.equal(
    start().offer(ours),
    [
      "v=0",
      "o=yate 1000 1000 IN IP4 192.0.2.1",
      "s=SIP Call",
      "c=IN IP4 192.0.2.1",
      "t=0 0",
      "m=audio 4000 RTP/AVP 0 8 3 101",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:3 GSM/8000",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-16",
      "",
    ].join("\r\n"),
  );
});

test("an answer has all common codecs in the order and with the numbers of the caller", () => {
  const offer = theirs(
    "m=audio 5000 RTP/AVP 96 9 8 0 97",
    "a=rtpmap:96 telephone-event/8000",
    "a=rtpmap:97 GSM/8000",
  );
  const { body, audio } = answered(start().answer(offer, ours));
  assert.deepEqual(linesOf(body).slice(5), [
    "m=audio 4000 RTP/AVP 8 0 97 96",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:97 GSM/8000",
    "a=rtpmap:96 telephone-event/8000",
    "a=fmtp:96 0-16",
  ]);
  assert.deepEqual(
    audio.formats.map(({ format, payload, receivePayload }) => [format, payload, receivePayload]),
    [
      ["alaw", 8, 8],
      ["mulaw", 0, 0],
      ["gsm", 97, 97],
    ],
  );
  assert.deepEqual([audio.address, audio.port, audio.eventPayload], ["192.0.2.9", 5000, 96]);
});

test("the example of RFC 3264 section 10.1: the audio is taken, both videos are refused in their places", () => {
  const offer = theirs(
    "m=audio 49170 RTP/AVP 0",
    "a=rtpmap:0 PCMU/8000",
    "m=video 51372 RTP/AVP 31",
    "a=rtpmap:31 H261/90000",
    "m=video 53000 RTP/AVP 32",
    "a=rtpmap:32 MPV/90000",
  );
  const { body } = answered(start().answer(offer, ours));
  assert.deepEqual(
    linesOf(body).filter((line) => line.startsWith("m=")),
    ["m=audio 4000 RTP/AVP 0", "m=video 0 RTP/AVP 31", "m=video 0 RTP/AVP 32"],
  );
});

test("no telephone-event is answered where none is offered, or none is wanted", () => {
  const silent = answered(start().answer(theirs("m=audio 5000 RTP/AVP 8"), ours));
  assert.match(silent.body, /m=audio 4000 RTP\/AVP 8\r\n/);
  assert.equal(silent.audio.eventPayload, false);
  const unwanted = answered(start().answer(theirs(audioLine, ...maps), { ...ours, events: false }));
  assert.match(unwanted.body, /m=audio 4000 RTP\/AVP 8 0\r\n/);
  assert.equal(unwanted.audio.eventPayload, false);
  assert.doesNotMatch(start().offer({ ...ours, events: false }), /telephone-event/);
});

test("hold and resume: the direction is mirrored, and said only where the other side said one", () => {
  const cases = [
    ["a=sendonly", "a=recvonly", "recvonly"],
    ["a=recvonly", "a=sendonly", "sendonly"],
    ["a=inactive", "a=inactive", "inactive"],
    ["a=sendrecv", "a=sendrecv", "sendrecv"],
    ["a=x", undefined, "sendrecv"],
  ] as const;
  for (const [line, expected, direction] of cases) {
    const { body, audio } = answered(start().answer(theirs(audioLine, ...maps, line), ours));
    const said = linesOf(body).find((one) => /^a=(send|recv|inactive)/.test(one));
    assert.equal(said, expected);
    assert.equal(audio.direction, direction);
  }
});

test("our own wish narrows the answer, and never widens it", () => {
  const mine: LocalAudio = { ...ours, direction: "sendonly" };
  assert.match(answered(start().answer(theirs(audioLine), mine)).body, /a=sendonly/);
  assert.match(answered(start().answer(theirs(audioLine, "a=sendonly"), mine)).body, /a=inactive/);
  assert.match(
    answered(start().answer(theirs(audioLine, "a=recvonly"), { ...ours, direction: "recvonly" })).body,
    /a=inactive/,
  );
});

test("a null address is answered as any offer, or muted as YATE does when that is asked for", () => {
  const offer = theirs(audioLine, "c=IN IP4 0.0.0.0");
  const plain = answered(start().answer(offer, ours));
  assert.equal(plain.audio.isNullAddress, true);
  assert.match(plain.body, /c=IN IP4 192\.0\.2\.1\r\n(.|\r\n)*m=audio 4000 /);
  const muted = answered(start().answer(offer, { ...ours, muted: true }));
  assert.match(muted.body, /^o=yate 1000 1000 IN IP4 192\.0\.2\.1\r$/m);
  assert.match(muted.body, /c=IN IP4 0\.0\.0\.0\r\n(.|\r\n)*m=audio 0 RTP\/AVP 8 0\r\n/);
});

test("IPv6 addresses are written as such", () => {
  const mine = { ...ours, address: "2001:db8::1" };
  const offer = theirs(audioLine, "c=IN IP6 2001:db8::9");
  const { body, audio } = answered(start().answer(offer, mine));
  assert.match(body, /^o=yate 1000 1000 IN IP6 2001:db8::1\r$/m);
  assert.match(body, /^c=IN IP6 2001:db8::1\r$/m);
  assert.equal(audio.address, "2001:db8::9");
  const muted = answered(start().answer(offer, { ...mine, muted: true }));
  assert.match(muted.body, /^c=IN IP6 ::\r$/m);
});

test("the version grows by one exactly when something else changes; the rest of the origin never does", () => {
  const description = start();
  const first = description.offer(ours);
  assert.equal(versionOf(first), "1000");
  assert.equal(description.offer(ours), first);
  assert.equal(description.current, first);
  const moved = description.offer({ ...ours, address: "192.0.2.77", port: 4002 });
  assert.equal(versionOf(moved), "1001");
  assert.equal(read(moved).origin.address, "192.0.2.1");
  assert.equal(versionOf(description.offer(ours)), "1002");
  const held = answered(description.answer(theirs(audioLine, ...maps, "a=sendonly"), ours)).body;
  assert.equal(versionOf(held), "1003");
  assert.equal(answered(description.answer(theirs(audioLine, ...maps, "a=sendonly"), ours)).body, held);
});

test("what has nothing in common is not answered and changes nothing", () => {
  const description = start();
  const before = description.offer(ours);
  const of = (...lines: string[]): string => description.answer(theirs(...lines), ours).kind;
  assert.equal(of("m=audio 5000 RTP/AVP 18"), "no-codec");
  assert.equal(of("m=audio 0 RTP/AVP 0"), "no-audio");
  assert.equal(of("m=video 5000 RTP/AVP 31"), "no-audio");
  assert.equal(of(), "no-audio");
  assert.equal(of("m=audio 5000 UDP/TLS/RTP/SAVPF 0"), "no-transport");
  assert.equal(of("m=audio 5000 RTP/SAVP 0"), "no-crypto");
  assert.equal(description.current, before);
});

test("port 0 refuses every stream in a proper answer", () => {
  const result = start().answer(theirs(audioLine, "m=image 6000 udptl t38"), { ...ours, port: 0 });
  assert.ok(result.kind === "refused");
  assert.deepEqual(
    read(result.body).media.map(({ kind, port, payloads }) => [kind, port, payloads]),
    [
      ["audio", 0, ["8", "0", "101"]],
      ["image", 0, ["t38"]],
    ],
  );
});

test("the second of two audio streams is taken when the first cannot be", () => {
  const offer = theirs("m=audio 5000 RTP/SAVP 0", "m=audio 5002 RTP/AVP 0");
  const { body, audio } = answered(start().answer(offer, ours));
  assert.deepEqual([audio.index, audio.port], [1, 5002]);
  assert.deepEqual(
    read(body).media.map(({ port, transport }) => [port, transport]),
    [
      [0, "RTP/SAVP"],
      [4000, "RTP/AVP"],
    ],
  );
});

test("an offer within a session keeps the places and numbers that the other side gave", () => {
  const description = start();
  const mine: LocalAudio = { ...ours, formats: ["slin", "alaw", "opus"] };
  const offer = theirs(
    "m=video 6000 RTP/AVP 31",
    "m=audio 5000 RTP/AVP 97 101 8",
    "a=rtpmap:97 opus/48000/2",
    "a=rtpmap:101 L16/8000",
  );
  description.answer(offer, mine);
  const [video, audio] = read(description.offer(mine)).media;
  assert.deepEqual([video?.kind, video?.port], ["video", 0]);
  assert.deepEqual(
    audio?.codecs.map(({ format, payload }) => [format, payload]),
    [
      ["slin", 101],
      ["alaw", 8],
      ["opus", 97],
    ],
  );
  assert.equal(new Set(audio?.payloads).size, audio?.payloads.length);
});

test("a static number that the other side gave another meaning is not offered twice", () => {
  const description = start();
  description.answer(theirs("m=audio 5000 RTP/AVP 0", "a=rtpmap:0 PCMA/8000"), ours);
  const [audio] = read(description.offer(ours)).media;
  assert.deepEqual(audio?.codecs[1], {
    format: "alaw",
    payload: 0,
    encoding: "PCMA",
    clockRateHz: 8000,
    channels: 1,
    mapped: true,
  });
  assert.equal(new Set(audio?.payloads).size, audio?.payloads.length);
});

test("an answer to our offer is met: their order, their numbers to send, ours to receive", () => {
  const description = start();
  const mine: LocalAudio = { ...ours, formats: ["alaw", "slin", "mulaw"] };
  description.offer(mine);
  const answer = theirs(
    "m=audio 5000 RTP/AVP 18 97 8 96",
    "a=rtpmap:97 L16/8000",
    "a=rtpmap:96 telephone-event/8000",
  );
  const audio = description.accept(answer, mine);
  assert.ok(audio.kind === "audio");
  assert.deepEqual(audio.formats, [
    { format: "slin", payload: 97, receivePayload: 110, clockRateHz: 8000 },
    { format: "alaw", payload: 8, receivePayload: 8, clockRateHz: 8000 },
  ]);
  assert.equal(audio.eventPayload, 96);
});

test("an answer that takes nothing of our offer says why", () => {
  const description = start();
  description.offer(ours);
  const of = (...lines: string[]): unknown => description.accept(theirs(...lines), ours);
  assert.deepEqual(of("m=audio 0 RTP/AVP 0"), { kind: "rejected", why: "no-audio" });
  assert.deepEqual(of("m=audio 5000 RTP/AVP 18"), { kind: "rejected", why: "no-codec" });
  assert.deepEqual(of("m=video 5000 RTP/AVP 31"), { kind: "rejected", why: "no-audio" });
});

test("telephone-event goes at the clock of the codecs: one for each rate that is offered, the matching one in an answer", () => {
  const mine: LocalAudio = { ...ours, formats: ["opus", "alaw"] };
  assert.deepEqual(read(start().offer(mine)).media[0]?.events, [
    { payload: 101, clockRateHz: 8000, fmtp: "0-16" },
    { payload: 102, clockRateHz: 48000, fmtp: "0-16" },
  ]);
  const offer = theirs(
    "m=audio 5000 RTP/AVP 96 97 98 99",
    "a=rtpmap:96 opus/48000/2",
    "a=rtpmap:97 telephone-event/16000",
    "a=rtpmap:98 telephone-event/48000",
    "a=rtpmap:99 telephone-event/8000",
  );
  const { body, audio } = answered(start().answer(offer, mine));
  assert.equal(audio.eventPayload, 98);
  assert.match(body, /m=audio 4000 RTP\/AVP 96 98\r\n/);
});

test("secure audio is answered with one key under the tag of the offered line of its suite", () => {
  const key = (byte: number) => createCrypto(1, "AES_CM_128_HMAC_SHA1_80", new Uint8Array(30).fill(byte));
  const inline = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
  const offer = theirs(
    "m=audio 5000 RTP/SAVP 8",
    `a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${inline}`,
    `a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:${inline}|2^31`,
    `a=crypto:8 AES_CM_128_HMAC_SHA1_80 inline:${inline}`,
  );
  const { body, audio } = answered(start().answer(offer, { ...ours, crypto: key(7) }));
  const [media] = read(body).media;
  assert.equal(media?.transport, "RTP/SAVP");
  assert.deepEqual(media?.crypto, [{ ...key(7), tag: 7 }]);
  assert.equal(audio.crypto?.remote.tag, 7);
  assert.deepEqual(audio.crypto?.local.keyAndSalt, key(7).keyAndSalt);

  const plain = answered(start().answer(theirs(audioLine), { ...ours, crypto: key(7) }));
  assert.doesNotMatch(plain.body, /crypto/);
  assert.equal(plain.audio.crypto, undefined);
});

test("a secure offer carries our key, and its answer gives theirs", () => {
  const crypto = createCrypto(1, "AES_CM_128_HMAC_SHA1_80", new Uint8Array(30).fill(5));
  const mine: LocalAudio = { ...ours, transport: "RTP/SAVP", crypto };
  const caller = start();
  const offer = read(caller.offer(mine));
  const calleeKey = createCrypto(1, "AES_CM_128_HMAC_SHA1_80", new Uint8Array(30).fill(9));
  const callee = answered(start().answer(offer, { ...ours, crypto: calleeKey }));
  const audio = caller.accept(read(callee.body), mine);
  assert.ok(audio.kind === "audio");
  assert.deepEqual(audio.crypto?.remote.keyAndSalt, calleeKey.keyAndSalt);
  assert.deepEqual(callee.audio.crypto?.remote.keyAndSalt, crypto.keyAndSalt);
});

test("other attributes are written last and cannot begin lines of their own", () => {
  const body = start().offer({
    ...ours,
    direction: "sendrecv",
    ptimeMs: 20,
    attributes: [
      ["rtcp", "4001"],
      ["flag", ""],
      ["x", "a\r\nm=audio 1 RTP/AVP 0"],
      ["bad name", "1"],
    ],
  });
  assert.deepEqual(linesOf(body).slice(-5), [
    "a=ptime:20",
    "a=sendrecv",
    "a=rtcp:4001",
    "a=flag",
    "a=x:a m=audio 1 RTP/AVP 0",
  ]);
});

test("formats without an RTP encoding are left out; with none left the stream has port 0", () => {
  assert.match(
    start().offer({ ...ours, formats: ["mp3", "alaw", "alaw"] }),
    /m=audio 4000 RTP\/AVP 8 101\r\n/,
  );
  assert.match(start().offer({ ...ours, formats: ["mp3"] }), /m=audio 0 RTP\/AVP 0\r\n/);
});

test("what cannot be written is refused with bad-argument", () => {
  const isBadArgument = (error: unknown): boolean =>
    error instanceof YaytsError && error.code === "bad-argument";
  assert.throws(() => createLocalDescription({ sessionId: 1.5 }), isBadArgument);
  assert.throws(() => createLocalDescription({ sessionId: 1, user: "a b" }), isBadArgument);
  assert.throws(() => start().offer({ ...ours, address: "1.2.3.4\r\na=x" }), isBadArgument);
  assert.throws(() => start().offer({ ...ours, port: 65_536 }), isBadArgument);
});
