import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sipVectors } from "../../test/sip-vectors.ts";
import { decodeExactly, decodeText, encodedLength, encodeExactly, encodeText } from "../base/index.ts";
import {
  createResponse,
  formatNameAddr,
  formatSipMessage,
  formatUri,
  listOf,
  parseHeaderValue,
  parseMultipart,
  parseNameAddr,
  parseSipMessage,
  parseUri,
  parseVia,
  requestVerdict,
  responseFlaw,
  sameUri,
  splitList,
  tagOf,
} from "./index.ts";

const seeds = [...sipVectors("4475"), ...sipVectors("5118")].map(({ bytes }) => bytes);

/** Pieces that mean something to the parser. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...'\r\n|\r\n |\n|\r|:|;|,|<|>|"|\\|%|%00|@|=|?|&|[|]|/| |\t|\0|--|SIP/2.0|sip:|tel:|Via: |l: |Content-Length: 5|z9hG4bK'.split(
      "|",
    ),
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** A message of the RFCs with pieces put in, doubled and cut out. */
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        cut: fc.nat(12),
        put: fc.oneof(
          pieces.map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 4 }),
        ),
        times: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([seed, changes]) => {
    let bytes = seed;
    for (const { at, cut, put, times } of changes) {
      const from = Math.floor(at * bytes.length);
      const filling = new Array<Uint8Array>(times).fill(put);
      bytes = Buffer.concat([bytes.subarray(0, from), ...filling, bytes.subarray(from + cut)]);
    }
    return bytes;
  });

const text = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(""));

describe("whatever comes", () => {
  it("is read without an exception, and everything that looks into the message stands it", () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const parsed = parseSipMessage(bytes);
        if (parsed.kind === "garbage") {
          assert.notEqual(parsed.flaw.what, "");
          return;
        }
        const { message, flaws } = parsed;
        for (const { line = 1, offset = 0 } of flaws) {
          assert.ok(line >= 1 && offset >= 0 && offset <= bytes.length);
        }
        for (const name of ["via", "contact", "route"])
          for (const member of listOf(message.headers, name)) {
            parseVia(member);
            parseUri(parseNameAddr(member)?.uri ?? "");
          }
        tagOf(message.headers, "from");
        parseMultipart(message.headers.get("content-type") ?? "", message.body);
        if (message.kind === "response") responseFlaw(message);
        else if (requestVerdict(message) === undefined) formatSipMessage(createResponse(message, 200));
      }),
      { numRuns: 1500 },
    );
  });

  it("once read and written stays the same for ever", () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        const first = parseSipMessage(bytes);
        if (first.kind === "garbage") return;
        const once = formatSipMessage(first.message);
        const second = parseSipMessage(once);
        assert.equal(second.kind, "message");
        if (second.kind !== "message") return;
        assert.deepEqual(Buffer.from(formatSipMessage(second.message)), Buffer.from(once));
        assert.deepEqual(
          [...second.message.headers],
          [...first.message.headers].map(withLength(first.message.body)),
        );
        assert.deepEqual(Buffer.from(second.message.body), Buffer.from(first.message.body));
      }),
      { numRuns: 1500 },
    );
  });

  it("without a flaw goes out byte by byte as it came", () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        const parsed = parseSipMessage(bytes);
        if (parsed.kind === "garbage" || parsed.flaws.length > 0) return;
        if (/^[\r\n]/.test(bytes.toString("latin1")) || /(^|[^\r])\n/.test(headOf(bytes))) return;
        if (
          /^SIP\/2\.0 \d{3}\r|sip\/2/i.test(
            bytes.toString("latin1", 0, bytes.indexOf("\n")).replace(/SIP\/2\.0/, ""),
          )
        )
          return;
        assert.deepEqual(Buffer.from(formatSipMessage(parsed.message)), bytes);
      }),
      { numRuns: 1500 },
    );
  });

  it("as the text of a value does not upset its readers", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        parseNameAddr(one);
        parseVia(`SIP/2.0/UDP ${one}`);
        parseHeaderValue(one);
        splitList(one);
        parseUri(`sip:${one}`);
        parseUri(`tel:${one}`);
        assert.equal(sameUri(`sip:${one}`, `sip:${other}`), sameUri(`sip:${other}`, `sip:${one}`));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what is written", () => {
  it("as a URI is read again as it was", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.record({
          scheme: fc.constantFrom("sip" as const, "sips" as const),
          user: name,
          password: fc.option(name, { nil: undefined }),
          host: fc.constantFrom("example.com", "192.0.2.1", "2001:db8::1"),
          port: fc.option(fc.nat(65535), { nil: undefined }),
          params: fc.array(fc.tuple(name, fc.option(name, { nil: undefined })), { maxLength: 3 }),
          headers: fc.array(fc.tuple(name, name), { maxLength: 3 }),
        }),
        (uri) => {
          const params = new Map(uri.params.map(([key, value]) => [key.toLowerCase(), value]));
          const whole = { ...uri, params, headers: new Map(uri.headers) };
          assert.deepEqual(parseUri(formatUri(whole)), whole);
        },
      ),
    );
  });

  it("as an address with a name is read again as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (displayName) => {
        assert.equal(
          parseNameAddr(formatNameAddr({ displayName, uri: "sip:a@b" }))?.displayName,
          displayName,
        );
      }),
    );
  });
});

describe("bytes and text", () => {
  it("turn into each other without loss, with Node's help and without", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: "binary" }).map((s) => Buffer.from(s)),
        ),
        (bytes) => {
          const decoded = decodeText(bytes);
          assert.equal(decodeExactly(bytes, 0, bytes.length), decoded);
          assert.deepEqual(Buffer.from(encodeText(decoded)), Buffer.from(bytes));
          assert.deepEqual(Buffer.from(encodeExactly(decoded)), Buffer.from(bytes));
          assert.equal(encodedLength(decoded, 0, decoded.length), bytes.length);
        },
      ),
    );
  });
});

function headOf(bytes: Buffer): string {
  const all = bytes.toString("latin1");
  const end = all.search(/\n\r?\n/);
  return end < 0 ? all : all.slice(0, end + 1);
}

/** The first Content-Length says the length of the body in what was written. */
function withLength(
  body: Uint8Array,
): (field: { name: string; value: string }) => { name: string; value: string } {
  return (field) =>
    /^(l|content-length)$/i.test(field.name) && (Number(field.value) !== body.length || field.value === "")
      ? { name: field.name, value: String(body.length) }
      : field;
}
