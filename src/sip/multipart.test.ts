import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMultipart } from "./index.ts";

function parts(text: string, type = 'multipart/mixed;boundary="a b"'): [string | undefined, string][] {
  return parseMultipart(type, Buffer.from(text, "latin1")).map(({ headers, body }) => [
    headers.get("content-type"),
    Buffer.from(body).toString("latin1"),
  ]);
}

describe("a multipart body", () => {
  it("comes out as its parts, without preamble and epilogue", () => {
    assert.deepEqual(
      parts(
        "preamble\r\n--a b\r\nContent-Type: text/plain\r\n\r\none\r\n\r\n--a b \t\r\nc: application/sdp\r\n\r\nv=0\r\n--a b--\r\nepilogue",
      ),
      [
        ["text/plain", "one\r\n"],
        ["application/sdp", "v=0"],
      ],
    );
  });

  it("may have parts without header fields, empty ones, and line feeds only", () => {
    assert.deepEqual(parts("--a b\r\n\r\nplain\r\n--a b\r\n\r\n--a b--"), [
      [undefined, "plain"],
      [undefined, ""],
    ]);
    assert.deepEqual(parts("--a b\nContent-Type: x/y\n\none\n--a b--\n"), [["x/y", "one"]]);
  });

  it("keeps bytes of any kind, and lines that only begin like a boundary", () => {
    const body = "\0\xff\r\n--a bc\r\n --a b\r\n-\r\n";
    assert.deepEqual(parts(`--a b\r\n\r\n${body}\r\n--a b--`), [[undefined, body]]);
  });

  it("counts a last part that nothing ends", () => {
    assert.deepEqual(parts("--a b\r\nContent-Type: x/y\r\n\r\ntorn"), [["x/y", "torn"]]);
  });

  it("has no parts when it is not multipart or names no boundary", () => {
    assert.deepEqual(parts("--a b\r\n\r\nx\r\n--a b--", "application/sdp"), []);
    assert.deepEqual(parts("--a b\r\n\r\nx\r\n--a b--", "multipart/mixed"), []);
    assert.deepEqual(parts("--a b\r\n\r\nx\r\n--a b--", "multipart/mixed;boundary=c"), []);
    assert.deepEqual(parts("", "multipart/mixed;boundary=c"), []);
  });

  it("has at most 64 parts", () => {
    assert.equal(parts("--a b\r\n\r\n\r\n".repeat(100)).length, 64);
  });
});
