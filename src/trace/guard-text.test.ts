import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guardChannel, guardText } from "./guard-text.ts";

describe("a guard in short", () => {
  it("is its parameters, or the text of the function on one line", () => {
    assert.equal(guardText({ id: "sip/1", text: 5 }), "id=sip/1 text=5");
    const test = new Function("m", "return m.get('id')\n  === '7'");
    assert.match(guardText(test) ?? "", /return m\.get\('id'\) === '7' \}$/);
    assert.equal(guardText({}), undefined);
    assert.equal(guardText({ text: "x".repeat(500) })?.length, 120);
  });

  it("names the channel that is meant, if one is", () => {
    assert.equal(guardChannel({ peerid: "sip/2", id: "sip/1" }), "sip/1");
    assert.equal(guardChannel({ targetid: "dumb/7" }), "dumb/7");
    assert.equal(guardChannel({ called: "123" }), "");
    assert.equal(guardChannel(undefined), "");
  });
});
