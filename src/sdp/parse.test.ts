import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaDescription, SessionDescription } from "./description.ts";
import { isNullAddress } from "./description.ts";
import { parseSdp } from "./parse.ts";

const HEAD = ["v=0", "o=- 1 2 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"];

/** The description that lines make. */
function session(...lines: string[]): SessionDescription {
  const parsed = parseSdp(`${lines.join("\r\n")}\r\n`);
  assert.ok(parsed.kind === "session", parsed.kind === "invalid" ? parsed.problem : "");
  return parsed.session;
}

/** The first media description after the usual head. */
function media(...lines: string[]): MediaDescription {
  const [first] = session(...HEAD, ...lines).media;
  assert.ok(first);
  return first;
}

/** What is wrong with lines after the usual head. */
function problem(...lines: string[]): string {
  const parsed = parseSdp([...HEAD, ...lines].join("\r\n"));
  return parsed.kind === "invalid" ? parsed.problem : "fine";
}

test("the offer of RFC 3264 section 10.1 is read", () => {
  const { origin, media } = session(
    "v=0",
    "o=alice 2890844526 2890844526 IN IP4 host.anywhere.com",
    "s=",
    "c=IN IP4 host.anywhere.com",
    "t=0 0",
    "m=audio 49170 RTP/AVP 0",
    "a=rtpmap:0 PCMU/8000",
    "m=video 51372 RTP/AVP 31",
    "a=rtpmap:31 H261/90000",
    "m=video 53000 RTP/AVP 32",
    "a=rtpmap:32 MPV/90000",
  );
  assert.deepEqual(origin, {
    user: "alice",
    id: "2890844526",
    version: "2890844526",
    address: "host.anywhere.com",
  });
  assert.deepEqual(
    media.map(({ kind, index, port, address }) => [kind, index, port, address]),
    [
      ["audio", 0, 49170, "host.anywhere.com"],
      ["video", 1, 51372, "host.anywhere.com"],
      ["video", 2, 53000, "host.anywhere.com"],
    ],
  );
  assert.deepEqual(media[0]?.codecs, [
    { format: "mulaw", payload: 0, encoding: "PCMU", clockRateHz: 8000, channels: 1, mapped: true },
  ]);
});

test("codecs keep their order, and static numbers need no rtpmap", () => {
  const { codecs } = media("m=audio 4000 RTP/AVP 9 8 0 18 3", "a=rtpmap:8 PCMA/8000");
  assert.deepEqual(
    codecs.map(({ format, mapped }) => [format, mapped]),
    [
      ["g722/16000", false],
      ["alaw", true],
      ["mulaw", false],
      ["g729", false],
      ["gsm", false],
    ],
  );
});

test("static 10 and 11 are L16 at 44100 Hz, which has no name here; an rtpmap line makes slin of a number", () => {
  const { codecs } = media(
    "m=audio 4000 RTP/AVP 10 11 97",
    "a=rtpmap:11 L16/8000",
    "a=rtpmap:97 L16/16000/1",
  );
  assert.deepEqual(
    codecs.map(({ payload, format, clockRateHz, channels }) => [payload, format, clockRateHz, channels]),
    [
      [10, undefined, 44100, 2],
      [11, "slin", 8000, 1],
      [97, "slin/16000", 16000, 1],
    ],
  );
});

test("a number without any meaning is left out, a number listed twice counts once, an unknown codec has no format", () => {
  const { codecs, payloads } = media(
    "m=audio 4000 RTP/AVP 96 8 8 97",
    "a=rtpmap:97 EVS/16000",
    "a=rtpmap:99 opus/48000/2",
  );
  assert.deepEqual(
    codecs.map(({ payload, format }) => [payload, format]),
    [
      [8, "alaw"],
      [97, undefined],
    ],
  );
  assert.deepEqual(payloads, ["96", "8", "8", "97"]);
});

test("telephone-event is no codec; the one at 8000 Hz is preferred", () => {
  const { codecs, events, eventPayload } = media(
    "m=audio 4000 RTP/AVP 111 0 110 126",
    "a=rtpmap:111 opus/48000/2",
    "a=rtpmap:110 telephone-event/48000",
    "a=rtpmap:126 telephone-event/8000",
    "a=fmtp:126 0-15",
  );
  assert.deepEqual(
    codecs.map(({ format }) => format),
    ["opus", "mulaw"],
  );
  assert.deepEqual(events, [
    { payload: 110, clockRateHz: 48000 },
    { payload: 126, clockRateHz: 8000, fmtp: "0-15" },
  ]);
  assert.equal(eventPayload, 126);
});

test("a direction of the media goes before that of the session, and sendrecv is what holds without", () => {
  const two = session(
    ...HEAD,
    "a=sendonly",
    "m=audio 4000 RTP/AVP 0",
    "m=audio 4002 RTP/AVP 0",
    "a=inactive",
  ).media;
  assert.deepEqual(
    two.map(({ direction, directionGiven }) => [direction, directionGiven]),
    [
      ["sendonly", true],
      ["inactive", true],
    ],
  );
  const plain = media("m=audio 4000 RTP/AVP 0");
  assert.deepEqual([plain.direction, plain.directionGiven], ["sendrecv", false]);
});

test("a connection address of the media goes before that of the session; multicast scope is cut off", () => {
  assert.equal(media("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::7").address, "2001:db8::7");
  assert.equal(media("m=audio 4000/2 RTP/AVP 0", "c=IN IP4 224.2.1.1/127/3").address, "224.2.1.1");
});

test("the null address is told in both families and every spelling", () => {
  assert.equal(media("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0").isNullAddress, true);
  assert.equal(media("m=audio 4000 RTP/AVP 0", "c=IN IP6 ::").isNullAddress, true);
  assert.equal(media("m=audio 4000 RTP/AVP 0").isNullAddress, false);
  for (const address of ["::", "0::0", "0:0:0:0:0:0:0:0", ""])
    assert.equal(isNullAddress(address), true, address);
  for (const address of ["::1", "10.0.0.0", "0", "a.example"])
    assert.equal(isNullAddress(address), false, address);
});

test("other attributes are kept in order, direction lines among them, without those that have fields", () => {
  const found = media(
    "m=audio 4000 RTP/AVP 0 101",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=rtcp:4001 IN IP4 192.0.2.9",
    "a=ptime:30",
    "a=sendonly",
    "a=maxptime:150",
    "a=X-nat:0",
    "a=x:",
  );
  assert.deepEqual(found.attributes, [
    ["rtcp", "4001 IN IP4 192.0.2.9"],
    ["sendonly", ""],
    ["maxptime", "150"],
    ["X-nat", "0"],
    ["x", ""],
  ]);
  assert.equal(found.ptimeMs, 30);
});

test("an rtpmap line without a clock rate, as old phones write, means 8000 Hz", () => {
  const [codec] = media("m=audio 4000 RTP/AVP 18", "a=rtpmap:18 G729").codecs;
  assert.deepEqual([codec?.format, codec?.clockRateHz], ["g729", 8000]);
});

test("of two rtpmap lines for a number the first holds", () => {
  const [codec] = media("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 GSM/8000", "a=rtpmap:96 PCMU/8000").codecs;
  assert.equal(codec?.format, "gsm");
});

test("a packet time that cannot be is no packet time", () => {
  for (const ptime of ["0", "abc", "-20", "100000", "1.2.3", ""]) {
    assert.equal(media("m=audio 4000 RTP/AVP 0", `a=ptime:${ptime}`).ptimeMs, undefined, ptime);
  }
});

test("usable keys of SRTP are kept in order, others are left out", () => {
  const key = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
  const { crypto } = media(
    "m=audio 4000 RTP/SAVP 0",
    `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${key}`,
    `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^31`,
    `a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${key}`,
  );
  assert.deepEqual(
    crypto.map(({ tag, suite }) => [tag, suite]),
    [
      [2, "AES_CM_128_HMAC_SHA1_80"],
      [3, "AES_CM_128_HMAC_SHA1_32"],
    ],
  );
});

test("media that are not RTP are listed without codecs", () => {
  const fax = media("m=image 4000 udptl t38", "a=T38FaxVersion:0", "a=rtpmap:nonsense");
  assert.deepEqual([fax.kind, fax.transport, fax.payloads, fax.codecs], ["image", "udptl", ["t38"], []]);
  assert.deepEqual(session(...HEAD).media, []);
});

test("lines may end in CR LF, LF or CR, and bytes that are no UTF-8 do no harm", () => {
  const text = [...HEAD, "i=Grüße", "m=audio 4000 RTP/AVP 0", ""];
  for (const end of ["\n", "\r", "\r\n"]) assert.equal(parseSdp(text.join(end)).kind, "session");
  assert.equal(parseSdp(new TextEncoder().encode(text.join("\r\n"))).kind, "session");
  assert.equal(
    parseSdp(Uint8Array.from([...new TextEncoder().encode(`${HEAD.join("\n")}\ni=`), 0xff])).kind,
    "session",
  );
});

test("what is wrong is told with its line", () => {
  const audio = "m=audio 4000 RTP/AVP 0 96";
  const cases: [string, ...string[]][] = [
    ["line 6: port 70000", "m=audio 70000 RTP/AVP 0"],
    ["line 6: port -1", "m=audio -1 RTP/AVP 0"],
    ["line 6: port 4000/0", "m=audio 4000/0 RTP/AVP 0"],
    ["line 6: format 128", "m=audio 4000 RTP/AVP 128"],
    ["line 6: format x", "m=audio 4000 RTP/AVP x"],
    ["line 6: no formats", "m=audio 4000 RTP/AVP"],
    ["line 6: not of the form <media> <port> <transport> <formats>", "m=audio"],
    ["line 7: rtpmap of payload 200", audio, "a=rtpmap:200 PCMU/8000"],
    ["line 7: rtpmap with clock rate 0", audio, "a=rtpmap:96 PCMU/0"],
    ["line 7: rtpmap with clock rate 99999999", audio, "a=rtpmap:96 PCMU/99999999"],
    ["line 7: rtpmap with 0 channels", audio, "a=rtpmap:96 L16/8000/0"],
    ["line 7: rtpmap not of the form <payload> <encoding>/<clock rate>", audio, "a=rtpmap:96 /8000"],
    ["line 7: not an address: 256.1.1.1", audio, "c=IN IP4 256.1.1.1"],
    ["line 7: not an address: 1.2.3", audio, "c=IN IP4 1.2.3"],
    ["line 7: not an address: a;b", audio, "c=IN IP4 a;b"],
    ["line 7: unknown address type ATM NSAP", audio, "c=ATM NSAP x"],
    ["line 7: unknown type x=", audio, "x=1"],
    ["line 7: not of the form <type>=<value>", audio, "rubbish"],
    ["line 7: a NUL", audio, "a=x\0y"],
    ["line 6: a second o= line", "o=- 1 2 IN IP4 192.0.2.9"],
  ];
  for (const [text, ...lines] of cases) assert.equal(problem(...lines), text);
});

test("what every description needs is missed when it is not there", () => {
  const of = (text: string): string => {
    const parsed = parseSdp(text);
    return parsed.kind === "invalid" ? parsed.problem : "fine";
  };
  assert.equal(of(""), "no lines");
  assert.equal(of("o=- 1 1 IN IP4 1.2.3.4"), "line 1: o= where v=0 belongs");
  assert.equal(of("v=0"), "no o= line");
  assert.equal(of("v=1\no=- 1 1 IN IP4 1.2.3.4"), "line 1: version 1, only 0 is known");
  assert.equal(
    of("v=0\no=- x 1 IN IP4 1.2.3.4"),
    "line 2: not of the form <user> <session id> <version> IN IP4 <address>",
  );
  assert.equal(of("v=0\no=- 1 1 IN IP4 1.2.3.4\nm=audio 1 RTP/AVP 0"), "line 3: no c= line applies");
  assert.equal(of("v=0\no=- 1 1 IN IP4 1.2.3.4\nm=audio 0 RTP/AVP 0"), "fine");
});

test("a body that is too long is not looked at", () => {
  assert.equal(problem("a=x".repeat(22_000)), "longer than 65536 bytes");
  assert.equal(problem(..."a".repeat(2000)), "more than 2000 lines");
  assert.equal(problem(...Array<string>(65).fill("m=audio 0 RTP/AVP 0")), "line 70: more than 64 media");
  assert.equal(problem(`m=audio 0 RTP/AVP${" 0".repeat(129)}`), "line 6: more than 128 formats");
});
