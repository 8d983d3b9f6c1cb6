import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cryptoKeyBytes } from "./crypto.ts";
import { isSecureTransport, type MediaDescription, type SessionDescription } from "./description.ts";
import { rtpFormats } from "./formats.ts";
import type { LocalAudio } from "./local-audio.ts";
import { createLocalDescription } from "./local-description.ts";
import { parseSdp } from "./parse.ts";

const formats = rtpFormats.map(({ format }) => format);
const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";

const payload = fc.oneof(
  { weight: 1, arbitrary: fc.nat(127) },
  { weight: 4, arbitrary: fc.constantFrom(0, 3, 8, 9, 11, 96, 97, 101) },
);
const encoding = fc.constantFrom(
  "PCMU/8000",
  "pcma/8000",
  "L16/8000",
  "L16/44100/2",
  "GSM/8000",
  "opus/48000/2",
  "iLBC/8000",
  "telephone-event/8000",
  "telephone-event/48000",
  "unheard-of/16000",
);
const line = fc.oneof(
  fc.tuple(payload, encoding).map(([number, name]) => `a=rtpmap:${number} ${name}`),
  fc
    .tuple(payload, fc.constantFrom("mode=20", "0-15", "annexb=no"))
    .map(([number, text]) => `a=fmtp:${number} ${text}`),
  fc.constantFrom("a=sendonly", "a=recvonly", "a=inactive", "a=sendrecv", "a=ptime:30", "a=mid:1", "b=AS:64"),
  fc.constantFrom("c=IN IP4 0.0.0.0", "c=IN IP6 2001:db8::9", "c=IN IP4 phone.example.com"),
  fc
    .tuple(fc.nat(9), fc.constantFrom("80", "32", "99"))
    .map(([tag, bits]) => `a=crypto:${tag} AES_CM_128_HMAC_SHA1_${bits} inline:${"k".repeat(40)}`),
);
const stream = fc
  .record({
    kind: fc.constantFrom("audio", "audio", "audio", "audio", "video", "image"),
    port: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 65_535 }) },
    ),
    transport: fc.constantFrom(
      "RTP/AVP",
      "RTP/AVP",
      "RTP/SAVP",
      "RTP/AVPF",
      "RTP/SAVP",
      "udptl",
      "TCP/TLS/RTP/SAVPF",
    ),
    payloads: fc.array(payload, { minLength: 1, maxLength: 12 }),
    lines: fc.array(line, { maxLength: 12 }),
  })
  .map(({ kind, port, transport, payloads, lines }) =>
    [`m=${kind} ${port} ${transport} ${payloads.join(" ")}`, ...lines].join("\r\n"),
  );
const offer = fc
  .array(stream, { minLength: 1, maxLength: 5 })
  .map((streams) => `${HEAD}${streams.join("\r\n")}\r\n`);

const local: fc.Arbitrary<LocalAudio> = fc.record(
  {
    address: fc.constantFrom("192.0.2.1", "2001:db8::1"),
    port: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: fc.nat(65_535) }),
    // Fewer than the 32 numbers that can be given away.
    formats: fc.shuffledSubarray(formats, { minLength: 6, maxLength: 20 }),
    events: fc.oneof(fc.constant(false as const), fc.integer({ min: 90, max: 127 })),
    direction: fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive"),
    muted: fc.boolean(),
    transport: fc.constantFrom("RTP/AVP", "RTP/SAVP"),
    crypto: fc.constant({
      tag: 1,
      suite: "AES_CM_128_HMAC_SHA1_80" as const,
      keyAndSalt: new Uint8Array(cryptoKeyBytes),
      sessionParams: [],
    }),
    attributes: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
    ptimeMs: fc.integer({ min: 1, max: 200 }),
  },
  { requiredKeys: ["address", "port", "formats"] },
);

function read(body: string): SessionDescription {
  const parsed = parseSdp(body);
  assert.ok(parsed.kind === "session", `${parsed.kind === "invalid" ? parsed.problem : ""}\n${body}`);
  return parsed.session;
}

/** RFC 3264 §6 for one stream that was taken. */
function assertAnswers(answer: MediaDescription, offered: MediaDescription): void {
  assert.equal(answer.transport, offered.transport);
  const meaning = (media: MediaDescription): Map<number, string> =>
    new Map(
      [
        ...media.codecs,
        ...media.events.map((event) => ({ ...event, encoding: "telephone-event", channels: 1 })),
      ].map(({ payload, encoding, clockRateHz, channels }) => [
        payload,
        `${encoding.toLowerCase()}/${clockRateHz}/${channels}`,
      ]),
    );
  const theirs = meaning(offered);
  for (const [number, name] of meaning(answer)) assert.equal(name, theirs.get(number));
  for (const number of answer.payloads) assert.ok(offered.payloads.includes(number), number);
  assert.ok(answer.codecs.length > 0);
  const allowed = {
    sendrecv: ["sendrecv", "sendonly", "recvonly", "inactive"],
    sendonly: ["recvonly", "inactive"],
    recvonly: ["sendonly", "inactive"],
    inactive: ["inactive"],
  };
  assert.ok(allowed[offered.direction].includes(answer.direction));
  if (isSecureTransport(answer.transport)) {
    assert.equal(answer.crypto.length, 1);
    assert.ok(
      offered.crypto.some(
        ({ tag, suite }) => tag === answer.crypto[0]?.tag && suite === answer.crypto[0].suite,
      ),
    );
  } else {
    assert.equal(answer.crypto.length, 0);
  }
}

test("every answer can be read and answers its offer: same streams, same order, only offered payloads", () => {
  let taken = 0;
  fc.assert(
    fc.property(offer, local, (body, mine) => {
      const remote = read(body);
      const result = createLocalDescription({ sessionId: 7 }).answer(remote, mine);
      if (result.kind !== "answer" && result.kind !== "refused") return;
      const answer = read(result.body);
      assert.deepEqual(
        answer.media.map(({ kind, transport }) => [kind, transport]),
        remote.media.map(({ kind, transport }) => [kind, transport]),
      );
      const index = result.kind === "answer" ? result.audio.index : -1;
      for (const media of answer.media) {
        const offered = remote.media[media.index];
        assert.ok(offered);
        if (media.index !== index) assert.equal(media.port, 0);
        else assertAnswers(media, offered);
        if (offered.port === 0) assert.equal(media.port, 0);
      }
      if (result.kind === "answer") taken++;
    }),
    { numRuns: 500 },
  );
  assert.ok(taken > 100, `${taken} offers were taken`);
});

test("two of us agree on what the callee takes: same formats, numbers, keys and mirrored direction", () => {
  fc.assert(
    fc.property(local, local, (one, other) => {
      fc.pre(one.port > 0 && other.port > 0 && !one.muted && !other.muted);
      fc.pre(one.transport !== "RTP/SAVP" || one.crypto !== undefined);
      const caller = createLocalDescription({ sessionId: 1 });
      const callee = createLocalDescription({ sessionId: 2 });
      const result = callee.answer(read(caller.offer(one)), other);
      const common = one.formats.filter((format) => other.formats.includes(format));
      if (result.kind !== "answer") {
        assert.ok(common.length === 0 || result.kind === "no-crypto", result.kind);
        return;
      }
      const audio = caller.accept(read(result.body), one);
      assert.ok(audio.kind === "audio");
      assert.deepEqual(
        audio.formats.map(({ format }) => format),
        common,
      );
      assert.deepEqual(
        result.audio.formats.map(({ format }) => format),
        common,
      );
      for (const [index, { payload, receivePayload }] of audio.formats.entries()) {
        assert.equal(payload, receivePayload);
        assert.equal(payload, result.audio.formats[index]?.payload);
      }
      if (one.events !== false) assert.equal(audio.eventPayload, result.audio.eventPayload);
      const turned = {
        sendrecv: "sendrecv",
        sendonly: "recvonly",
        recvonly: "sendonly",
        inactive: "inactive",
      };
      assert.equal(turned[result.audio.direction], audio.direction);
      assert.deepEqual(audio.crypto?.remote.keyAndSalt, result.audio.crypto?.local.keyAndSalt);
    }),
    { numRuns: 300 },
  );
});

test("through any offers and answers the version grows by one with each change, and no number has two meanings", () => {
  const step = fc.oneof(
    fc.record({ body: fc.constant(undefined), mine: local }),
    fc.record({ body: offer, mine: local }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const description = createLocalDescription({ sessionId: 100 });
      let version = 100;
      let streams = 0;
      for (const { body, mine } of steps) {
        const before = description.current;
        if (body === undefined) description.offer(mine);
        else description.answer(read(body), mine);
        const now = description.current;
        if (now === "") continue;
        if (before !== "" && now !== before) version++;
        const { origin, media } = read(now);
        assert.equal(origin.version, String(version));
        for (const { payloads, port } of media) {
          if (port > 0) assert.equal(new Set(payloads).size, payloads.length, now);
        }
        if (body === undefined) assert.ok(media.length >= streams);
        streams = media.length;
      }
    }),
    { numRuns: 300 },
  );
});

test("no text and no bytes make the reader throw", () => {
  const line = fc
    .tuple(fc.constantFrom(..."vosiuepcbtrzkam"), fc.string())
    .map(([type, text]) => `${type}=${text}`);
  const text = fc.array(line).map((lines) => HEAD + lines.join("\r\n"));
  fc.assert(
    fc.property(
      fc.oneof(text, fc.string(), fc.uint8Array({ maxLength: 300 })),
      (body) => void parseSdp(body),
    ),
  );
});

test("a good body with one character changed is read or refused, and if read it is answered", () => {
  const change = fc.tuple(offer, fc.nat(), fc.string({ minLength: 0, maxLength: 2 }));
  fc.assert(
    fc.property(change, local, ([body, where, text], mine) => {
      const at = where % body.length;
      const parsed = parseSdp(body.slice(0, at) + text + body.slice(at + 1));
      if (parsed.kind === "invalid") return;
      const result = createLocalDescription({ sessionId: 7 }).answer(parsed.session, mine);
      if (result.kind === "answer" || result.kind === "refused") read(result.body);
    }),
    { numRuns: 500 },
  );
});

/** 60 KB each, and built to cost. */
const hostile: Readonly<Record<string, string>> = {
  "short lines": HEAD + "a=\n".repeat(20_000),
  "as many attributes as may be": `${HEAD}m=audio 1 RTP/AVP 0\n${`a=${"x".repeat(26)}\n`.repeat(1_990)}`,
  "rtpmap lines": `${HEAD}m=audio 1 RTP/AVP 0\n${"a=rtpmap:96 aaaaaaaaaaaaa/8000/1\n".repeat(1_900)}`,
  "fmtp lines": `${HEAD}m=audio 1 RTP/AVP 96\na=rtpmap:96 iLBC/8000\n${`a=fmtp:96 ${"a=b;".repeat(4)}\n`.repeat(1_900)}`,
  "one long fmtp": `${HEAD}m=audio 1 RTP/AVP 96\na=rtpmap:96 iLBC/8000\na=fmtp:96 ${";".repeat(60_000)}`,
  keys: `${HEAD}m=audio 1 RTP/SAVP 0\n${`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${"A".repeat(40)}\n`.repeat(700)}`,
  "one long key": `${HEAD}m=audio 1 RTP/SAVP 0\na=crypto:1 A inline:${"inline:;".repeat(7_500)}`,
  streams: HEAD + "m=audio 1 RTP/AVP 0\n".repeat(3_000),
  "full streams": HEAD + `m=audio 1 RTP/AVP${" 0".repeat(128)}\n`.repeat(64),
  formats: `${HEAD}m=audio 1 RTP/AVP ${"0 ".repeat(29_000)}`,
  blanks: `${HEAD}m=audio${" ".repeat(60_000)}`,
  "one long attribute": `${HEAD}m=audio 1 RTP/AVP 0\na=${"imageattr:1 send [x] ".repeat(2_900)}`,
  "an address": `${HEAD}c=IN IP4 ${"1.".repeat(29_000)}`,
  slashes: `${HEAD}m=audio 1 ${"a/".repeat(29_000)} 0`,
  "no line ends": "v=0".padEnd(60_000, "="),
  "blank lines": "\r\n".repeat(30_000),
};

for (const [what, body] of Object.entries(hostile)) {
  test(`60 KB of ${what} take less than 10 ms to read and answer`, () => {
    const mine: LocalAudio = { address: "192.0.2.1", port: 4000, formats };
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 10; i++) {
      // Time of this process, so that others on the machine do not count.
      const started = process.cpuUsage();
      const parsed = parseSdp(body);
      if (parsed.kind === "session") createLocalDescription({ sessionId: 1 }).answer(parsed.session, mine);
      const { user, system } = process.cpuUsage(started);
      best = Math.min(best, (user + system) / 1000);
    }
    assert.ok(best < 10, `${best} ms`);
  });
}
