import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFilter } from "./filter.ts";
import type { MessageRecord } from "./records.ts";

const key: MessageRecord = {
  kind: "message",
  seq: 1,
  atMs: 1,
  name: "chan.masquerade",
  sender: "ivr",
  handled: true,
  retvalue: "tone/dial",
  params: [
    ["id", "sip/1"],
    ["text", "5"],
    ["called", "123"],
    ["reason", "no answer"],
    ["address", "127.0.0.1:5060"],
    ["duration", "12.5"],
  ],
  steps: [{ name: "regexroute", priority: 100, changes: [], renamed: "chan.dtmf" }],
  next: [],
  tookMs: 12,
};

const fits = (filter: string, record: MessageRecord = key): boolean => {
  const parsed = parseFilter(filter);
  assert.ok(parsed.ok, filter);
  return parsed.fits(record);
};

describe("the filter of messages", () => {
  const yes = [
    "",
    "  ",
    "chan.masquerade",
    "chan.dtmf",
    "chan.*",
    "name:chan.d*",
    "-engine.timer",
    "id=sip/1",
    "id=sip/*",
    "called~=^1",
    "called~=^(9|12)",
    "handled:true",
    "-handled:false",
    "took>10",
    "took<=12 took>=12",
    "duration>12",
    "reason!=busy",
    "missing!=x",
    "missing=",
    'reason="no answer"',
    '"no answer"',
    "REGEXROUTE",
    "127.0.0.1:5060",
    "by:regex*",
    "from:ivr",
    "ret:tone/*",
    "call:sip/1",
    "has:text",
    "-has:error",
    "failed:no",
    "call.route|chan.dtmf",
    "call.route | chan.dtmf id=sip/1",
    '"sip/1"|nothing',
  ];
  for (const filter of yes) it(`takes ${JSON.stringify(filter)}`, () => assert.equal(fits(filter), true));

  const no = [
    "call.*",
    "chan",
    "-chan.dtmf",
    "id=sip",
    "called~=^2",
    "handled:false",
    "took>12",
    "queued>0",
    "reason>1",
    "chan.dtmf id=sip/2",
    "call.route|call.execute",
    "has:error",
    '"a|b"',
  ];
  for (const filter of no.filter((one) => one !== "chan"))
    it(`does not take ${JSON.stringify(filter)}`, () => assert.equal(fits(filter), false));

  it("looks for a bare word everywhere", () => assert.equal(fits("chan"), true));

  const wrong: readonly (readonly [filter: string, position: number, text: RegExp])[] = [
    ["took>", 5, /needs a number, not nothing/],
    ["chan.dtmf took>x", 15, /needs a number, not x/],
    ["called~=(", 8, /regular expression/],
    ['a "b', 2, /quote/],
    ["| a", 0, /before/],
    ["a |", 2, /after/],
    ["a -", 2, /needs a word/],
    ["colour:red", 0, /no field colour; there are name/],
    ["handled:maybe", 8, /true or false/],
    ["name:", 5, /needs a value/],
  ];
  for (const [filter, position, text] of wrong)
    it(`says what is wrong with ${JSON.stringify(filter)}, and where`, () => {
      const parsed = parseFilter(filter);
      assert.ok(!parsed.ok);
      assert.equal(parsed.position, position);
      assert.match(parsed.text, text);
    });

  it("reads any text without throwing", () => {
    const signs = ['"', "|", "-", "~=", ">", ":", "a", " ", "\\", "*", "(", "1"];
    let seed = 1;
    for (let i = 0; i < 5000; i++) {
      let text = "";
      for (let n = 0; n < 8; n++) {
        seed = (seed * 48_271) % 2_147_483_647;
        text += signs[seed % signs.length];
      }
      const parsed = parseFilter(text);
      if (parsed.ok) parsed.fits(key);
      else assert.ok(parsed.position <= text.length, text);
    }
  });
});
