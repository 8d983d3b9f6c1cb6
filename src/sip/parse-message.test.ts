import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatSipMessage,
  parseSipMessage,
  requestVerdict,
  responseFlaw,
  type SipFlaw,
  type SipLimits,
  type SipMessage,
} from "./index.ts";

const fields = [
  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
  "Max-Forwards: 70",
  "From: <sip:a@example.com>;tag=1",
  "To: <sip:b@example.com>",
  "Call-ID: 1@192.0.2.1",
  "CSeq: 1 OPTIONS",
];

function options(
  changes: readonly string[] = [],
  body = "",
  start = "OPTIONS sip:b@example.com SIP/2.0",
): string {
  const names = changes.map((field) => field.slice(0, field.indexOf(":")).toLowerCase());
  const rest = fields.filter((field) => !names.includes(field.slice(0, field.indexOf(":")).toLowerCase()));
  const shown = changes.filter((field) => !field.endsWith(": -"));
  return [start, ...rest, ...shown, "", body].join("\r\n");
}

function read(
  text: string | Uint8Array,
  limits?: SipLimits,
): { message: SipMessage; flaws: readonly SipFlaw[] } {
  const parsed = parseSipMessage(typeof text === "string" ? Buffer.from(text) : text, limits);
  assert.equal(parsed.kind, "message", parsed.kind === "garbage" ? parsed.flaw.what : "");
  return parsed;
}

function verdict(text: string): number | undefined {
  const { message } = read(text);
  assert.equal(message.kind, "request");
  return requestVerdict(message)?.status;
}

function again(text: string | Uint8Array): string {
  return Buffer.from(formatSipMessage(read(text).message)).toString("latin1");
}

describe("reading a SIP message", () => {
  it("passes over line ends before the start line", () => {
    const { message, flaws } = read(`\r\n\r\n${options()}`);
    assert.equal(message.kind, "request");
    assert.deepEqual(flaws, []);
  });

  it("takes line feeds for line ends, and sends them on as CR LF", () => {
    const text = options(["Subject: a\n b", "Content-Length: 3"], "x\ny");
    const { message, flaws } = read(text.replaceAll("\r\n", "\n"));
    assert.deepEqual(flaws, []);
    assert.equal(message.headers.get("subject"), "a b");
    assert.equal(again(text.replaceAll("\r\n", "\n")), text);
  });

  it("leaves keepalives, noise and other protocols as garbage, and says why", () => {
    const why = (text: string) => {
      const parsed = parseSipMessage(Buffer.from(text));
      assert.equal(parsed.kind, "garbage");
      return parsed.flaw.what;
    };
    assert.equal(why("\r\n\r\n"), "nothing but line ends");
    assert.equal(why(""), "nothing but line ends");
    assert.match(why("\0\x01\0\0 stun"), /neither/);
    assert.match(why("GET / HTTP/1.1\r\n\r\n"), /neither/);
    assert.match(why("OPTIONS sip:a@b SIP/x\r\n\r\n"), /no SIP version/);
    assert.match(why("OP(TIONS sip:a@b SIP/2.0\r\n\r\n"), /no token/);
    assert.match(why("SIP/2.0 99 Low\r\n\r\n"), /status code/);
    assert.match(why("SIP/2.0 700 High\r\n\r\n"), /status code/);
  });

  it("reads a version in any case, and a status line without a phrase", () => {
    const request = read(options([], "", "OPTIONS sip:b@example.com sip/2.0"));
    assert.deepEqual(request.flaws, []);
    assert.match(again(options([], "", "OPTIONS sip:b@example.com sip/2.0")), /^OPTIONS \S+ SIP\/2\.0\r\n/);
    const response = read(options([], "", "SIP/2.0 200")).message;
    assert.equal(response.kind === "response" && response.status, 200);
  });

  it("names the line and the byte of what is wrong", () => {
    const { flaws } = read(options(["Subject: ä\r\n ö", "CSeq: x OPTIONS"]));
    const line = "CSeq: x OPTIONS";
    const offset = Buffer.from(options(["Subject: ä\r\n ö", line])).indexOf(line);
    assert.deepEqual(flaws, [{ what: "CSeq cannot be read", line: 9, offset }]);
  });

  it("keeps a line without a colon, and says so once", () => {
    const text = options(["Subject no colon"]);
    const { flaws, message } = read(text);
    assert.deepEqual(flaws, [
      {
        what: "a header line without a name and a colon",
        line: 8,
        offset: text.indexOf("Subject"),
      },
    ]);
    assert.equal(verdict(text), 400);
    assert.equal(Buffer.from(formatSipMessage(message)).toString(), text);
  });

  it("reads header fields named like properties of objects", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const { message, flaws } = read(options([`${name}: x`]));
      assert.deepEqual(flaws, []);
      assert.equal(message.headers.get(name), "x");
    }
  });

  it("says when no empty line ends the header fields", () => {
    const { flaws } = read(options().trimEnd());
    assert.deepEqual(
      flaws.map(({ what }) => what),
      ["no empty line ends the header fields"],
    );
  });

  it("cuts a body to Content-Length, and finds one that is too short", () => {
    const long = read(options(["Content-Length: 2"], "äbc"));
    assert.equal(Buffer.from(long.message.body).toString(), "ä");
    assert.equal(long.flaws[0]?.what, "2 bytes more than Content-Length says");
    assert.equal(verdict(options(["l: 9"], "abc")), 400);
    assert.equal(read(options([], "no length")).message.body.length, 9);
  });

  it("keeps every byte of what is no UTF-8", () => {
    const bytes = Buffer.concat([
      Buffer.from("OPTIONS sip:b@example.com SIP/2.0\r\nSubject: ä€😀 "),
      Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xe4]),
      Buffer.from(`\r\n${fields.join("\r\n")}\r\n\r\n`),
      Buffer.from([0xff, 0, 0xfe]),
    ]);
    const { message } = read(bytes);
    assert.ok(message.headers.get("subject")?.startsWith("ä€😀 \udcff\udcc0\udcaf"));
    assert.deepEqual(Buffer.from(formatSipMessage(message)), bytes);
  });

  it("reads bytes that are no Buffer, from the middle of a larger memory", () => {
    const text = options(["Subject: ü"], "body");
    const memory = new Uint8Array(2000);
    memory.set(Buffer.from(text), 100);
    const { message } = read(memory.subarray(100, 100 + Buffer.byteLength(text)));
    assert.equal(message.headers.get("subject"), "ü");
    assert.equal(Buffer.from(message.body).toString(), "body");
  });

  it("reads no more than its limits", () => {
    const what = (text: string, limits?: SipLimits) => {
      const parsed = parseSipMessage(Buffer.from(text), limits);
      return parsed.kind === "garbage" ? parsed.flaw : undefined;
    };
    assert.match(what(options([`Subject: ${"a".repeat(17_000)}`]))?.what ?? "", /16384/);
    assert.equal(what(options(Array.from({ length: 300 }, () => "a: b")))?.line, 258);
    assert.match(
      what(options(Array.from({ length: 9_000 }, (_, i) => `a${i}: b`)))?.what ?? "",
      /bytes|fields/,
    );
    assert.match(what(options([`Subject: ${"\r\n b".repeat(17_000)}`]))?.what ?? "", /65535|16384/);
    assert.match(what(options(), { headBytes: 50 })?.what ?? "", /50 bytes/);
    assert.equal(what(options([], "x".repeat(100_000))), undefined);
  });
});

describe("a malformed request", () => {
  it("is answered 400 when a mandatory header field is missing, but Max-Forwards", () => {
    for (const name of ["Via", "From", "To", "Call-ID", "CSeq"])
      assert.equal(verdict(options([`${name}: -`])), 400);
    assert.equal(verdict(options(["Max-Forwards: -"])), undefined);
    assert.equal(verdict(options()), undefined);
  });

  it("is answered 400 for values that cannot be", () => {
    for (const field of [
      "CSeq: 1 INVITE",
      "CSeq: 2147483648 OPTIONS",
      "CSeq: OPTIONS",
      "Max-Forwards: 256",
      "Max-Forwards: -1",
      "Content-Length: five",
      "Content-Length: 0x0",
      "Via: SIP/2.0/UDP",
      "Via: SIP/2.0/UDP a:99999",
      "Via: nonsense",
      "From: sip:a@b;;tag=1",
      'From: "open <sip:a@b>;tag=1',
      "To: <sip:a@b",
      "To: b@example.com",
      "Call-ID:",
      "Contact: , Bell, A <sip:a@b>",
    ])
      assert.equal(verdict(options([field])), 400, field);
    assert.equal(verdict(options(["CSeq: 2147483647 OPTIONS"])), undefined);
  });

  it("is answered 505 for another version and 416 for a scheme nobody knows", () => {
    const start = (line: string) => verdict(options([], "", line));
    assert.equal(start("OPTIONS sip:b@example.com SIP/3.0"), 505);
    assert.equal(start("OPTIONS http://example.com SIP/2.0"), 416);
    assert.equal(start("OPTIONS example.com SIP/2.0"), 400);
    assert.equal(start("OPTIONS sip:b@exa%mple.com SIP/2.0"), 400);
    for (const uri of ["sip:a@b;;lr", "sip:a@b;lr;", "sip:a@b;=x", "sip:a@b?Subject=x"])
      assert.equal(start(`OPTIONS ${uri} SIP/2.0`), 400, uri);
    assert.equal(start("OPTIONS sip:a@b;lr;x=y SIP/2.0"), undefined);
    assert.equal(start("OPTIONS tel:+1-212-555-0101 SIP/2.0"), undefined);
  });

  it("is answered with a phrase that names the fault", () => {
    const { message } = read(options(["CSeq: 1 INVITE"]));
    assert.deepEqual(message.kind === "request" && requestVerdict(message), {
      status: 400,
      reason: "Bad Request (CSeq is of INVITE, not of OPTIONS)",
    });
  });

  it("is left alone for what is wrong in header fields nobody has to look at", () => {
    for (const field of [
      "Date: yesterday",
      "Warning: ?",
      "Accept: ;;;",
      "Contact: *",
      "Route: ,,,",
      "Expires: -1",
    ])
      assert.equal(verdict(options([field])), undefined, field);
  });
});

describe("a malformed response", () => {
  it("is dropped for what keeps it from its request, and for nothing else", () => {
    const flaw = (changes: readonly string[], start = "SIP/2.0 200 OK") => {
      const { message } = read(options(changes, "", start));
      assert.equal(message.kind, "response");
      return responseFlaw(message);
    };
    assert.equal(flaw([]), undefined);
    assert.equal(flaw(["Contact: Bell, A <sip:a@b>"]), undefined);
    assert.equal(flaw(["Via: -"]), "Via is missing");
    assert.equal(flaw(["CSeq: 99999999999999999999 OPTIONS"]), "CSeq cannot be read");
    assert.equal(flaw([], "SIP/1.0 200 OK"), "SIP version 1.0");
  });
});
