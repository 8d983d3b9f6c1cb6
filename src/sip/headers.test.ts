import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headerKey, listOf, SipHeaders, splitList } from "./index.ts";

describe("header fields", () => {
  it("are found in any case and by their compact form, either way", () => {
    const headers = SipHeaders.from([
      ["v", "1"],
      ["VIA", "2"],
      ["Via", "3"],
      ["content-length", "0"],
    ]);
    assert.deepEqual(headers.all("vIa"), ["1", "2", "3"]);
    assert.equal(headers.get("V"), "1");
    assert.equal(headers.get("L"), "0");
    assert.equal(headers.has("l"), true);
    assert.equal(headers.has("Contact"), false);
    assert.equal(headerKey("X"), "session-expires");
    assert.equal(headerKey("z"), "z");
  });

  it("keep their order through add, prepend, set and delete", () => {
    const headers = SipHeaders.from([
      ["A-b", "1"],
      ["C-d", "2"],
      ["a-B", "3"],
    ]);
    headers.prepend("First", "0").set("a-b", "4").add("Last", "9").set("New", "10");
    assert.deepEqual(
      Array.from(headers, ({ name, value }) => `${name}=${value}`),
      ["First=0", "a-b=4", "C-d=2", "Last=9", "New=10"],
    );
    headers.delete("c-D");
    headers.delete("missing");
    assert.equal(headers.size, 4);
  });

  it("of a clone are its own", () => {
    const headers = SipHeaders.from([["A-b", "1"]]);
    headers.clone().set("A-b", "2").add("C", "3");
    assert.equal(headers.get("a-b"), "1");
    assert.equal(headers.size, 1);
  });
});

describe("a comma list", () => {
  it("is split outside of quotes and <>, without empty members", () => {
    assert.deepEqual(splitList('"a, \\", b" <sip:x,y@z>;q=1 , , <sip:c@d>,e,'), [
      '"a, \\", b" <sip:x,y@z>;q=1',
      "<sip:c@d>",
      "e",
    ]);
    assert.deepEqual(splitList(""), []);
    assert.deepEqual(splitList("one"), ["one"]);
    assert.deepEqual(splitList("a,b,c", 2), ["a", "b"]);
  });

  it("is one member from an open quote or < on", () => {
    assert.deepEqual(splitList('a,"b,c'), ["a", '"b,c']);
    assert.deepEqual(splitList("a,<b,c"), ["a", "<b,c"]);
  });

  it("goes through all fields of a name", () => {
    const headers = SipHeaders.from([
      ["Route", "<sip:a>,<sip:b>"],
      ["To", "x,y"],
      ["route", "<sip:c>"],
    ]);
    assert.deepEqual(listOf(headers, "Route"), ["<sip:a>", "<sip:b>", "<sip:c>"]);
    assert.deepEqual(listOf(headers, "Contact"), []);
  });
});
