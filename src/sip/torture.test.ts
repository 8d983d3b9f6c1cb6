import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SipVector, sipVectors } from "../../test/sip-vectors.ts";
import {
  formatSipMessage,
  listOf,
  parseCSeq,
  parseMultipart,
  parseNameAddr,
  parseSipMessage,
  parseUri,
  parseVia,
  requestVerdict,
  responseFlaw,
  type SipFlaw,
  type SipHeaders,
  type SipMessage,
  type SipRequest,
  tagOf,
} from "./index.ts";

const vectors = new Map(
  [...sipVectors("4475"), ...sipVectors("5118")].map((vector) => [vector.name, vector]),
);

function bytesOf(name: string): Buffer {
  const vector = vectors.get(name);
  assert.ok(vector, name);
  return vector.bytes;
}

function read(bytes: Uint8Array): { message: SipMessage; flaws: readonly SipFlaw[] } {
  const parsed = parseSipMessage(bytes);
  assert.equal(parsed.kind, "message");
  return parsed;
}

function request(name: string): SipRequest {
  const { message } = read(bytesOf(name));
  assert.equal(message.kind, "request");
  return message;
}

function contactUri(headers: SipHeaders, at = 0): string {
  return parseNameAddr(listOf(headers, "contact")[at] ?? "")?.uri ?? "";
}

/** What happens to it: as the vector's `expect`. */
function outcome({ bytes }: SipVector): string {
  const parsed = parseSipMessage(bytes);
  if (parsed.kind === "garbage") return "drop";
  const { message } = parsed;
  if (message.kind === "response") return responseFlaw(message) ? "drop" : "fine";
  return String(requestVerdict(message)?.status ?? "fine");
}

const promises: Readonly<Record<string, string>> = {
  fine: "is well-formed",
  drop: "is dropped",
};

for (const rfc of ["4475", "5118"] as const) {
  describe(`RFC ${rfc}`, () => {
    for (const vector of vectors.values()) {
      if (vector.rfc !== rfc) continue;
      const promise = promises[vector.expect] ?? `is answered ${vector.expect}`;
      it(`§${vector.section} ${vector.title} (${vector.name}) ${promise}`, () => {
        assert.equal(outcome(vector), vector.expect);
        const parsed = parseSipMessage(vector.bytes);
        if (parsed.kind === "garbage") return;
        const cut = ["dblreq", "mcl01", "multi01"].includes(vector.name);
        if (vector.expect !== "fine") assert.ok(parsed.flaws.length > 0);
        else if (!cut) assert.deepEqual(parsed.flaws, []);
        if (vector.expect === "fine" && !cut)
          assert.deepEqual(Buffer.from(formatSipMessage(parsed.message)), vector.bytes);
      });
    }
  });
}

describe("what RFC 4475 says of single messages", () => {
  it("§3.1.1.1 (wsinv): folding, white space and escapes do not change what header fields mean", () => {
    const { headers, body, uri } = request("wsinv");
    assert.equal(body.length, 150);
    assert.deepEqual(parseUri(uri)?.params, new Map([["unknownparam", undefined]]));
    assert.equal(tagOf(headers, "to"), "1918181833n");
    assert.deepEqual(parseNameAddr(headers.get("from") ?? ""), {
      displayName: 'J Rosenberg \\"',
      uri: "sip:jdrosen@example.com",
      params: new Map([["tag", "98asjd8"]]),
    });
    assert.deepEqual(parseCSeq(headers.get("cseq") ?? ""), { number: 9, method: "INVITE" });
    assert.equal(headers.get("subject"), "");
    assert.equal(headers.get("newfangledheader"), "newfangled value continued newfangled value");
    assert.equal(headers.get("unknownheaderwithunusualvalue"), ";;,,;;,;");
    const vias = listOf(headers, "via").map((via) => parseVia(via));
    assert.deepEqual(
      vias.map((via) => [via?.transport, via?.host, via?.branch]),
      [
        ["UDP", "192.0.2.2", "390skdjuw"],
        ["TCP", "spindle.example.com", "z9hG4bK9ikj8"],
        ["UDP", "192.168.255.111", "z9hG4bK30239"],
      ],
    );
    assert.deepEqual(parseNameAddr(headers.get("contact") ?? ""), {
      displayName: 'Quoted string ""',
      uri: "sip:jdrosen@example.com",
      params: new Map([
        ["newparam", "newvalue"],
        ["secondparam", undefined],
        ["q", "0.33"],
      ]),
    });
  });

  it("§3.1.1.2 (intmeth): unusual characters are kept", () => {
    const { headers, method, uri } = request("intmeth");
    assert.equal(method, "!interesting-Method0123456789_*+`.%indeed'~");
    const { user, password, host } = parseUri(uri) ?? {};
    assert.equal(user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    assert.equal(password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    assert.equal(host, "example.com");
    assert.equal(parseNameAddr(headers.get("to") ?? "")?.displayName, "BEL:\x07 NUL:\0 DEL:\x7f");
    const from = parseNameAddr(headers.get("from") ?? "");
    assert.equal(from?.displayName, "token1~` token2'+_ token3*%!.-");
    assert.equal(from?.params.get("fromparam''~+*_!.-%"), '"работающий"');
    assert.equal(tagOf(headers, "from"), "_token~1'+`*%!-.");
    assert.equal(headers.get("call-id"), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
    assert.equal(headers.get("extensionHeader-!.%*+_`'~"), "\ufeff大停電");
  });

  it("§3.1.1.3 (esc01): escapes are undone once, and not twice", () => {
    const { headers, uri } = request("esc01");
    assert.equal(parseUri(uri)?.user, "sips:user@example.com");
    assert.equal(parseUri(parseNameAddr(headers.get("to") ?? "")?.uri ?? "")?.user, "user");
    assert.equal(parseUri(parseNameAddr(headers.get("from") ?? "")?.uri ?? "")?.user, "I have spaces");
    const contact = parseUri(contactUri(headers));
    assert.equal(contact?.user, "caller");
    assert.deepEqual(
      contact?.params,
      new Map([
        ["lr", undefined],
        ["name", "value%41"],
      ]),
    );
  });

  it("§3.1.1.4 (escnull): a NUL does not end a user", () => {
    const { headers } = request("escnull");
    assert.equal(parseUri(parseNameAddr(headers.get("to") ?? "")?.uri ?? "")?.user, "null-\0-null");
    assert.equal(parseUri(contactUri(headers, 0))?.user, "\0");
    assert.equal(parseUri(contactUri(headers, 1))?.user, "\0\0");
  });

  it("§3.1.1.5 (esc02): % escapes nothing in methods, display names and header names", () => {
    const { headers, method } = request("esc02");
    assert.equal(method, "RE%47IST%45R");
    assert.equal(parseNameAddr(headers.get("to") ?? "")?.displayName, "%Z%45");
    assert.equal(headers.all("contact").length, 2);
    assert.equal(headers.get("c%6fntact"), "<sip:alias2@host2.example.com>");
  });

  it("§3.1.1.8 (dblreq): what follows the body in a datagram is cut off", () => {
    const { message, flaws } = read(bytesOf("dblreq"));
    assert.equal(message.body.length, 0);
    assert.match(flaws[0]?.what ?? "", /more than Content-Length/);
    assert.equal(flaws[0]?.offset, bytesOf("dblreq").indexOf("\r\n\r\n") + 4);
  });

  it("§3.1.1.9 (semiuri): parameters before @ are of the user", () => {
    assert.equal(parseUri(request("semiuri").uri)?.user, "user;par=u@example.net");
    assert.equal(listOf(request("semiuri").headers, "accept").length, 6);
  });

  it("§3.1.1.10 (transports): a transport nobody knows is read as any other", () => {
    assert.deepEqual(
      listOf(request("transports").headers, "via").map((via) => parseVia(via)?.transport),
      ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"],
    );
  });

  it("§3.1.1.11 (mpart01): binary parts come out whole", () => {
    const { headers, body } = request("mpart01");
    const [text, binary, ...more] = parseMultipart(headers.get("content-type") ?? "", body);
    assert.equal(more.length, 0);
    assert.equal(text?.headers.get("content-type"), "text/plain");
    assert.equal(Buffer.from(text?.body ?? []).toString(), "Hello");
    assert.equal(binary?.headers.get("content-transfer-encoding"), "binary");
    // an ASN.1 sequence of 0x152 bytes behind its four bytes of head
    assert.deepEqual(Array.from(binary?.body.subarray(0, 4) ?? []), [0x30, 0x82, 0x01, 0x52]);
    assert.equal(binary?.body.length, 0x152 + 4);
  });

  it("§3.1.1.12 and §3.1.1.13 (unreason, noreason): any reason phrase is read, none too", () => {
    const unusual = read(bytesOf("unreason")).message;
    assert.equal(
      unusual.kind === "response" && unusual.reason,
      "= 2**3 * 5**2 но сто девяносто девять - простое",
    );
    const empty = read(bytesOf("noreason")).message;
    assert.equal(empty.kind === "response" && empty.reason, "");
  });

  it("§3.3.12 and §3.3.13 (cparam01, cparam02): only <> makes a parameter one of the URI", () => {
    const field = parseNameAddr(request("cparam01").headers.get("contact") ?? "");
    assert.deepEqual(field?.params, new Map([["unknownparam", undefined]]));
    assert.equal(parseUri(field?.uri ?? "")?.params.size, 0);
    const uri = parseNameAddr(request("cparam02").headers.get("contact") ?? "");
    assert.equal(uri?.params.size, 0);
    assert.deepEqual(parseUri(uri?.uri ?? "")?.params, new Map([["unknownparam", undefined]]));
  });

  it("§3.3.14 (regescrt): header fields in a URI are read", () => {
    const contact = parseUri(contactUri(request("regescrt").headers));
    assert.deepEqual(contact?.headers, new Map([["Route", "<sip:sip.example.com>"]]));
  });
});

describe("what RFC 5118 says of single messages", () => {
  it("§4.3 and §4.4: a port stands behind the brackets only", () => {
    assert.deepEqual(
      ["port-ambiguous", "port-unambiguous"].map((name) => {
        const { host, port } = parseUri(request(name).uri) ?? {};
        return [host, port];
      }),
      [
        ["2001:db8::10:5070", undefined],
        ["2001:db8::10", 5070],
      ],
    );
  });

  it("§4.5: received stands with brackets or without", () => {
    const received = (name: string) =>
      parseVia(request(name).headers.get("via") ?? "")?.params.get("received");
    assert.equal(received("via-received-param-with-delim"), "[2001:db8::9:255]");
    assert.equal(received("via-received-param-no-delim"), "2001:db8::9:255");
  });

  it("§4.7 and §4.9: IPv4, IPv6 and both in one stand side by side", () => {
    const hosts = (name: string) =>
      listOf(request(name).headers, "via").map((via) => {
        const { host, port } = parseVia(via) ?? {};
        return [host, port];
      });
    assert.deepEqual(hosts("mult-ip-in-header"), [
      ["2001:db8::9:1", 6050],
      ["192.0.2.1", undefined],
      ["2001:db8::9:255", undefined],
    ]);
    assert.deepEqual(hosts("ipv4-mapped-ipv6"), [
      ["::ffff:192.0.2.10", 19823],
      ["::ffff:192.0.2.2", undefined],
    ]);
  });

  it("§4.10: three colons before an IPv4 address mean two", () => {
    for (const name of ["ipv6-bug-abnf-3-colons", "ipv6-correct-abnf-2-colons"])
      assert.equal(parseUri(request(name).uri)?.host, "2001:db8::192.0.2.1");
  });
});
