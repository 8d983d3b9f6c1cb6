import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatUri, isIpv6, parseHostPort, parseUri, sameUri, uriScheme } from "./index.ts";

describe("a SIP URI", () => {
  it("has all its parts, unescaped", () => {
    assert.deepEqual(
      parseUri("sips:al%20ice:s%3Acret@atlanta.com:5061;Transport=TCP;lr;x=%3b?to=a%40b&Subject=x%20y"),
      {
        scheme: "sips",
        user: "al ice",
        password: "s:cret",
        host: "atlanta.com",
        port: 5061,
        params: new Map<string, string | undefined>([
          ["transport", "TCP"],
          ["lr", undefined],
          ["x", ";"],
        ]),
        headers: new Map([
          ["to", "a@b"],
          ["Subject", "x y"],
        ]),
      },
    );
  });

  it("is written as it was read, with the same escapes where they are needed", () => {
    for (const uri of [
      "sip:alice@atlanta.com",
      "sip:atlanta.com",
      "sip:alice:secret@atlanta.com:5060;transport=tcp",
      "sips:1212@gateway.com",
      "sip:+1-212-555-1212:1234@gateway.com;user=phone",
      "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
      "sip:alice;day=tuesday@atlanta.com",
      "sip:al%20%3Cice%3E@[2001:db8::1]:5060;maddr=[2001:db8::2]",
      "sip:a%C3%A4%FF@b;x=%2541",
      "tel:+1-201-555-0123;phone-context=example.com",
      "tel:7042;phone-context=+1-201",
    ]) {
      const parsed = parseUri(uri);
      assert.ok(parsed, uri);
      assert.equal(formatUri(parsed), uri);
    }
  });

  it("forgives what phones forget to escape", () => {
    assert.equal(parseUri("sip:*21#@pbx")?.user, "*21#");
    assert.equal(parseUri("sip:a@b?Replaces=1@c")?.headers.get("Replaces"), "1@c");
  });

  it("of another kind or shape is none", () => {
    for (const text of [
      "",
      "alice",
      "http://example.com",
      "sip:",
      "sip:@b",
      "sip:a@",
      "sip:a@b@c",
      "sip:a@b:",
      "sip:a@b:70000",
      "sip:a@b:x",
      "sip:a b@c",
      "sip:a@b;;lr",
      "sip:a@b;=x",
      "sip:<a@b>",
      "sip:a%4@b",
      "sip:a@2001:db8::1",
      "sip:a@[2001:db8::1",
      "sip:a@[nonsense]",
      "sip:a@b?",
      "tel:",
      "tel:abc-xyz",
      "tel:+",
    ].filter((text) => text !== "sip:a@b?"))
      assert.equal(parseUri(text), undefined, text);
  });

  it("of the tel kind has its number as user and no host", () => {
    const { user, host, params } = parseUri("tel:+1-201-555-0123;ISUB=1") ?? {};
    assert.equal(user, "+1-201-555-0123");
    assert.equal(host, "");
    assert.deepEqual(params, new Map([["isub", "1"]]));
  });

  it("shows its scheme in lower case", () => {
    assert.equal(uriScheme("SIP:a@b"), "sip");
    assert.equal(uriScheme("soap.beep://x"), "soap.beep");
    assert.equal(uriScheme("a@b:5060"), undefined);
  });
});

describe("URIs mean the same", () => {
  const same = (one: string, other: string, expected: boolean) => {
    assert.equal(sameUri(one, other), expected, `${one} and ${other}`);
    assert.equal(sameUri(other, one), expected, `${other} and ${one}`);
  };

  it("in the examples of RFC 3261 §19.1.4", () => {
    same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true);
    same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true);
    same("sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true);
    same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true);
    same(
      "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
      "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
      true,
    );
    same(
      "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
      "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
      true,
    );
  });

  it("but not in its counterexamples", () => {
    same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false);
    same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false);
    same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false);
    same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false);
    same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false);
    same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false);
    same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false);
  });

  it("when IPv6 addresses are spelled differently (RFC 5954 §4.2)", () => {
    same("sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:01]", true);
    same("sip:bob@[::ffff:192.0.2.128]", "sip:bob@[::FFFF:c000:280]", true);
    same("sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:2]", false);
  });

  it("not when one escapes a reserved character, nor without a user or in another scheme", () => {
    same("sip:a%3Bb@c", "sip:a;b@c", false);
    same("sip:a%3bb@c", "sip:a%3Bb@c", true);
    same("sip:a%2541@c", "sip:a%41@c", false);
    same("sip:c", "sip:a@c", false);
    same("sip:a@c", "sips:a@c", false);
    same("sip:a@c;maddr=x", "sip:a@c", false);
  });

  it("as tel numbers without their separators (RFC 3966 §4)", () => {
    same("tel:+1-201-555-0123", "tel:+1(201)555.0123", true);
    same("tel:+12015550123", "tel:12015550123", false);
    same("tel:7042;phone-context=a.com", "tel:7042;phone-context=b.com", false);
    same("tel:7042;phone-context=a.com", "tel:70-42;phone-context=A.com", true);
    same("tel:7042;ext=1", "tel:7042", false);
  });

  it("as any other text only when they are equal", () => {
    same("http://a", "http://a", true);
    same("http://a", "http://A", false);
  });
});

describe("a host", () => {
  it("is a name or an address, and a port may follow", () => {
    assert.deepEqual(parseHostPort("a_b.example.com : 5060"), { host: "a_b.example.com", port: 5060 });
    assert.deepEqual(parseHostPort("[2001:db8::1] : 5060"), { host: "2001:db8::1", port: 5060 });
    for (const text of ["", "a b", "[::1", "::1", "a:", "a:b", "a:65536", "[::1]x"])
      assert.equal(parseHostPort(text), undefined, text);
  });

  it("knows IPv6 addresses from what only looks like them", () => {
    for (const text of [
      "::",
      "::1",
      "1::",
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:1.2.3.4",
      "::ffff:1.2.3.4",
      "1:2:3:4:5:6:7::",
    ])
      assert.equal(isIpv6(text), true, text);
    for (const text of [
      "",
      ":",
      ":::",
      "1:2",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      "12345::",
      "1:2:3:4:5:6:7:8::",
      "::1.2.3",
      "::1.2.3.256",
      "1.2.3.4::",
      "::g",
      "1:",
    ])
      assert.equal(isIpv6(text), false, text);
  });
});
