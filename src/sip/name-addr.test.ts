import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatNameAddr,
  formatVia,
  isToken,
  parseCSeq,
  parseHeaderValue,
  parseNameAddr,
  parseVia,
  quote,
  SipHeaders,
  tagOf,
  unquote,
} from "./index.ts";

describe("an address in a header field", () => {
  it("is read with a name, with <> and without", () => {
    const params = new Map([["tag", "1"]]);
    assert.deepEqual(parseNameAddr('"A \\"B\\"" <sip:a@b;lr>;Tag=1'), {
      displayName: 'A "B"',
      uri: "sip:a@b;lr",
      params,
    });
    assert.deepEqual(parseNameAddr("A B<sip:a@b> ; tag = 1"), { displayName: "A B", uri: "sip:a@b", params });
    assert.deepEqual(parseNameAddr("<sip:a@b>"), { displayName: "", uri: "sip:a@b", params: new Map() });
    assert.deepEqual(parseNameAddr("sip:a@b;tag=1"), { displayName: "", uri: "sip:a@b", params });
    assert.equal(parseNameAddr("*")?.uri, "*");
  });

  it("keeps what stands in quoted parameters, quotes and all", () => {
    const text = '<sip:a@b>;+sip.instance="<urn:uuid:1>";methods="INVITE,BYE";ob';
    const { params } = parseNameAddr(text) ?? {};
    assert.equal(params?.get("+sip.instance"), '"<urn:uuid:1>"');
    assert.equal(unquote(params?.get("methods") ?? ""), "INVITE,BYE");
    assert.equal(params?.has("ob"), true);
    assert.equal(formatNameAddr(parseNameAddr(text) ?? { uri: "" }), text);
    assert.equal(parseNameAddr('sip:a@b;x="<y>"')?.uri, "sip:a@b");
  });

  it("is understood where it is only nearly right", () => {
    assert.deepEqual(parseNameAddr("Bell, Alexander < sip:a@b >;tag=43"), {
      displayName: "Bell, Alexander",
      uri: "sip:a@b",
      params: new Map([["tag", "43"]]),
    });
    assert.equal(parseNameAddr("Müller <sip:a@b>")?.displayName, "Müller");
  });

  it("is none when quotes, <> or parameters are torn", () => {
    for (const text of [
      "",
      "<>",
      '"a <sip:a@b>',
      '"a" sip:a@b',
      "<sip:a@b",
      "<sip:a@b>;",
      "<sip:a@b> x",
      "sip:a@b;;x",
    ])
      assert.equal(parseNameAddr(text), undefined, text);
  });

  it("is written so that it is read again", () => {
    for (const displayName of ["", "A", 'quotes " and \\', "ä, <b>"]) {
      const address = { displayName, uri: "sip:a@b;x=1?y=z", params: new Map([["tag", "1"]]) };
      assert.deepEqual(parseNameAddr(formatNameAddr(address)), address);
    }
    assert.equal(formatNameAddr({ uri: "sip:a@b" }), "<sip:a@b>");
  });

  it("shows its tag, empty where there is none", () => {
    const headers = SipHeaders.from([
      ["f", "<sip:a@b>;tag=x1"],
      ["To", "<sip:a@b>"],
    ]);
    assert.equal(tagOf(headers, "from"), "x1");
    assert.equal(tagOf(headers, "to"), "");
    assert.equal(tagOf(new SipHeaders(), "to"), "");
  });
});

describe("Via", () => {
  it("is read with its host, port, branch and parameters", () => {
    assert.deepEqual(parseVia("SIP / 2.0 / udp [2001:db8::1] : 5070 ;rport;Branch=z9hG4bK1"), {
      transport: "UDP",
      host: "2001:db8::1",
      port: 5070,
      branch: "z9hG4bK1",
      params: new Map([
        ["rport", undefined],
        ["branch", "z9hG4bK1"],
      ]),
    });
  });

  it("is written so that it is read again", () => {
    const via = { transport: "TLS", host: "2001:db8::1", port: 5061, branch: "z9hG4bK1" };
    assert.equal(formatVia(via), "SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1");
    const params = new Map([
      ["branch", "z9hG4bK1"],
      ["rport", undefined],
    ]);
    assert.equal(
      formatVia({ ...via, port: undefined, params }),
      "SIP/2.0/TLS [2001:db8::1];branch=z9hG4bK1;rport",
    );
    const read = parseVia(formatVia({ ...via, params }));
    assert.equal(read && formatVia(read), formatVia({ ...via, params }));
  });

  it("of another shape is none", () => {
    for (const text of [
      "",
      "SIP/2.0/UDP",
      "SIP/2.0 a",
      "HTTP/1.1/TCP a",
      "SIP/2.0/UDP a b",
      "SIP/2.0/UDP a;;b",
      "SIP/2.0/UDP ;b",
    ])
      assert.equal(parseVia(text), undefined, text);
  });
});

describe("smaller header values", () => {
  it("CSeq is a number below 2^31 and a method", () => {
    assert.deepEqual(parseCSeq("0009 \t INVITE"), { number: 9, method: "INVITE" });
    for (const text of ["", "1", "INVITE", "1INVITE", "2147483648 A", "-1 A", "1 A B", "1.0 A"])
      assert.equal(parseCSeq(text), undefined, text);
  });

  it("a value with parameters is split at the first ; outside of quotes", () => {
    assert.deepEqual(parseHeaderValue('SIP ;cause=200;text="Call; done"'), {
      value: "SIP",
      params: new Map([
        ["cause", "200"],
        ["text", '"Call; done"'],
      ]),
    });
    assert.equal(parseHeaderValue("application/sdp")?.value, "application/sdp");
    assert.equal(parseHeaderValue('"a;b";c')?.value, '"a;b"');
    for (const text of ["", ";a", 'a;b="c', "a;;b", '"a'])
      assert.equal(parseHeaderValue(text), undefined, text);
  });

  it("quotes come off as they went on", () => {
    for (const text of ["", "a", 'a"b', "a\\b", '\\"', "a\nb"]) assert.equal(unquote(quote(text)), text);
    assert.equal(unquote("plain"), "plain");
    assert.equal(unquote('"'), '"');
    assert.equal(isToken("a-z.!%*_+`'~"), true);
    assert.equal(isToken(""), false);
    assert.equal(isToken("a b"), false);
  });
});
