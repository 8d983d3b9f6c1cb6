import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeText } from "../base/index.ts";
import { createStreamFramer, type StreamFrame, type StreamFramerOptions } from "./stream-framer.ts";

const message = (body: string, header = `Content-Length: ${body.length}`): string =>
  `INFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\n${header}\r\nCall-ID: x\r\n\r\n${body}`;

const frames = (chunks: readonly Uint8Array[], options?: StreamFramerOptions): string[] => {
  const framer = createStreamFramer(options);
  return chunks.flatMap((chunk) => framer.push(chunk)).map(asText);
};
const asText = (frame: StreamFrame): string => {
  if (frame.kind === "ping") return "ping";
  return frame.kind === "error" ? `error: ${frame.what}` : new TextDecoder().decode(frame.bytes);
};
const whole = (text: string, options?: StreamFramerOptions): string[] => frames([encodeText(text)], options);
const single = (text: string, options?: StreamFramerOptions): string[] =>
  frames(
    Array.from(encodeText(text), (byte) => Uint8Array.of(byte)),
    options,
  );

/** A stream and what comes out of it. */
const streams: readonly (readonly [
  what: string,
  stream: string,
  out: readonly string[],
  options?: StreamFramerOptions,
])[] = [
  ["a message without a body", message(""), [message("")]],
  ["messages one after the other", message("ab") + message("c"), [message("ab"), message("c")]],
  ["line ends before a message", `\r\n${message("")}\r\n${message("")}`, [message(""), message("")]],
  ["a ping between messages", `${message("x")}\r\n\r\n${message("")}`, [message("x"), "ping", message("")]],
  ["pings alone", "\r\n\r\n\r\n\r\n\r\n", ["ping", "ping"]],
  [
    "a body that looks like a header",
    message("\r\n\r\nContent-Length: 9\r\n"),
    [message("\r\n\r\nContent-Length: 9\r\n")],
  ],
  ["the compact name, any case, blanks", message("abc", "l \t:\t 3 "), [message("abc", "l \t:\t 3 ")]],
  [
    "a folded Content-Length",
    message("abc", "cOnTent-length:\r\n 3"),
    [message("abc", "cOnTent-length:\r\n 3")],
  ],
  [
    "a field folded onto what looks like one",
    message("", "X: y\r\n Content-Length: 7\r\nl: 0"),
    [message("", "X: y\r\n Content-Length: 7\r\nl: 0")],
  ],
  [
    "the same length twice",
    message("abc", "l: 3\r\nContent-Length: 3"),
    [message("abc", "l: 3\r\nContent-Length: 3")],
  ],
  ["lines that end in LF alone", "BYE sip:a SIP/2.0\nl:1\n\nx", ["BYE sip:a SIP/2.0\nl:1\n\nx"]],
  ["a response", "SIP/2.0 200 OK\r\nl: 0\r\n\r\n", ["SIP/2.0 200 OK\r\nl: 0\r\n\r\n"]],
  [
    "two lengths that differ",
    message("abc", "l: 3\r\nContent-Length: 4"),
    ["error: two Content-Length fields that differ"],
  ],
  ["no Content-Length", message("", "X: y"), ["error: no Content-Length"]],
  ["a length that is none", message("", "l: -1"), ["error: Content-Length is not a number"]],
  ["a length of many digits", message("", `l: ${"9".repeat(40)}`), ["error: Content-Length is not a number"]],
  ["nothing after a break", `${message("", "X: y")}${message("")}`, ["error: no Content-Length"]],
  ["HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["error: the first line is not SIP"]],
  ["TLS", "\x16\x03\x01\x02", ["error: the first line is not SIP"]],
  [
    "a body over the limit",
    message("", "l: 11"),
    ["error: a body of 11 bytes; the limit is 10"],
    { maxBodyBytes: 10 },
  ],
  ["a body at the limit", message("0123456789"), [message("0123456789")], { maxBodyBytes: 10 }],
  [
    "a header over the limit",
    message("", "l: 0"),
    ["error: a header of more than 60 bytes"],
    { maxHeaderBytes: 60 },
  ],
  [
    "a line without end",
    `INFO sip:a@b SIP/2.0\r\n${"x".repeat(200)}`,
    ["error: a header of more than 60 bytes"],
    { maxHeaderBytes: 60 },
  ],
];

describe("stream framer", () => {
  for (const [what, stream, out, options] of streams) {
    it(`reads ${what}, whole and byte by byte`, () => {
      assert.deepEqual(whole(stream, options), out);
      assert.deepEqual(single(stream, options), out);
    });
  }

  it("gives the same for any cut of any stream", () => {
    const part = fc.oneof(
      fc.constantFrom(
        ...streams.map(([, stream]) => stream),
        "\r\n",
        "\r",
        "\n",
        "INFO x SIP/2.0\r\nl: 5\r\n\r\n",
      ),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(fc.nat(300), { maxLength: 40 }),
        (parts, cuts) => {
          const bytes = encodeText(parts.join(""));
          const chunks: Uint8Array[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          chunks.push(bytes.subarray(at));
          const options = { maxHeaderBytes: 300, maxBodyBytes: 100 };
          assert.deepEqual(frames(chunks, options), frames([bytes], options));
        },
      ),
    );
  });

  it("tells whether a message has begun", () => {
    const framer = createStreamFramer();
    framer.push(encodeText("\r\n"));
    assert.equal(framer.pending, false);
    framer.push(encodeText("INFO sip:a"));
    assert.equal(framer.pending, true);
    assert.equal(framer.push(encodeText("@b SIP/2.0\r\nl: 0\r\n\r\n")).length, 1);
    assert.equal(framer.pending, false);
  });

  it("copies what it is given: the chunk may be used again", () => {
    const framer = createStreamFramer();
    const chunk = encodeText(message("abc"));
    const [frame] = framer.push(chunk);
    chunk.fill(0);
    assert.equal(frame && asText(frame), message("abc"));
  });

  it("takes time in proportion to the bytes, however small the pieces", () => {
    // 64 KB of header byte by byte: looking at it again for each would be 2,000 million steps.
    const bytes = encodeText(`INFO sip:a@b SIP/2.0\r\n${"X: y\r\n".repeat(10_000)}l: 4\r\n\r\nbody`);
    const framer = createStreamFramer();
    const startedMs = performance.now();
    let out = 0;
    for (let at = 0; at < bytes.length; at++) out += framer.push(bytes.subarray(at, at + 1)).length;
    assert.equal(out, 1);
    assert.ok(performance.now() - startedMs < 1000);
  });
});
