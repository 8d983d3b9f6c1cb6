import assert from "node:assert/strict";
import { test } from "node:test";
import { paramRows } from "./param-rows.ts";
import { isChief, sdpWords, splitSip } from "./sip-text.ts";

test("parameters tell what became of them, and those taken away come last", () => {
  const before = [
    ["id", "sip/1"],
    ["caller", "100"],
    ["gone", "x"],
  ] as const;
  const after = [
    ["id", "sip/1"],
    ["caller", "200"],
    ["maxcall", "30000"],
  ] as const;
  assert.deepEqual(paramRows(before, after), [
    { name: "id", value: "sip/1", what: "same" },
    { name: "caller", value: "200", was: "100", what: "changed" },
    { name: "maxcall", value: "30000", what: "added" },
    { name: "gone", value: "x", was: "x", what: "removed" },
  ]);
});

test("of a name that repeats each is compared with its own", () => {
  const rows = paramRows(
    [
      ["a", "1"],
      ["a", "2"],
    ],
    [
      ["a", "1"],
      ["a", "3"],
      ["a", "4"],
    ],
  );
  assert.deepEqual(
    rows.map(({ what }) => what),
    ["same", "changed", "added"],
  );
});

test("a SIP message is split into its first line, its headers (folded ones whole) and its body", () => {
  const parts = splitSip(
    "INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;\r\n branch=z\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 8\r\n",
  );
  assert.equal(parts.first, "INVITE sip:a SIP/2.0");
  assert.deepEqual(parts.headers[0], ["Via", "SIP/2.0/UDP h; branch=z"]);
  assert.equal(parts.bodyType, "application/sdp");
  assert.equal(parts.body, "v=0\r\nm=audio 4000 RTP/AVP 8");
});

test("a message that was cut, or is none, is still shown", () => {
  assert.deepEqual(splitSip("INVITE sip:a SIP/2.0\nno header here"), {
    first: "INVITE sip:a SIP/2.0",
    headers: [["", "no header here"]],
    body: "",
    bodyType: "",
  });
});

test("a session description is told in a few words", () => {
  const sdp =
    "v=0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly";
  assert.equal(sdpWords(sdp), "audio 4000 · PCMA, telephone-event · sendonly");
});

test("headers that one looks for first are found in their short forms too", () => {
  assert.ok(isChief("From") && isChief("f") && isChief("CALL-ID") && !isChief("User-Agent"));
});
