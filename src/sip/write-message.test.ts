import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createRequest,
  createResponse,
  formatSipMessage,
  parseSipMessage,
  reasonPhrase,
  SipHeaders,
  type SipRequest,
} from "./index.ts";

const invite = [
  "INVITE sip:b@example.com SIP/2.0",
  "v : SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2 ,SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
  "VIA:SIP/2.0/TCP 192.0.2.3;branch=z9hG4bK0",
  "Record-Route: <sip:192.0.2.2;lr>,",
  "  <sip:192.0.2.9;lr>",
  "f:\t<sip:a@example.com>;tag=1\t",
  "t: B",
  "  <sip:b@example.com>",
  "i: 1@192.0.2.1",
  "cseq: 0001   INVITE",
  "Timestamp: 54.2",
  "l:  4",
  "",
  "body",
].join("\r\n");

function request(text: string): SipRequest {
  const parsed = parseSipMessage(Buffer.from(text));
  assert.ok(parsed.kind === "message" && parsed.message.kind === "request");
  return parsed.message;
}

function written(message: Parameters<typeof formatSipMessage>[0]): string {
  return Buffer.from(formatSipMessage(message)).toString();
}

describe("writing a SIP message", () => {
  it("gives back the bytes of one that was not changed: names, white space, folding, compact forms", () => {
    assert.equal(written(request(invite)), invite);
    assert.equal(written({ ...request(invite), headers: request(invite).headers.clone() }), invite);
  });

  it("changes only the fields that were changed", () => {
    const message = request(invite);
    message.headers.set("CSeq", "2 INVITE");
    assert.equal(written(message), invite.replace("cseq: 0001   INVITE", "CSeq: 2 INVITE"));
    message.headers.delete("via");
    message.headers.prepend("Via", "SIP/2.0/UDP 192.0.2.4");
    assert.equal(
      written(message),
      invite
        .replace("cseq: 0001   INVITE", "CSeq: 2 INVITE")
        .replace(/v : .*\r\nVIA.*\r\n/, "Via: SIP/2.0/UDP 192.0.2.4\r\n"),
    );
  });

  it("says the length of the body, under the name the field has", () => {
    assert.match(
      written({ ...request(invite), body: Buffer.from("longer body") }),
      /\r\nl: 11\r\n\r\nlonger body$/,
    );
    const headers = SipHeaders.from([["Subject", "ä"]]);
    const message = createRequest({ method: "INFO", uri: "sip:a@b", headers: [["Subject", "ä"]] });
    assert.equal(written(message), "INFO sip:a@b SIP/2.0\r\nSubject: ä\r\nContent-Length: 0\r\n\r\n");
    assert.equal(headers.size, 1);
  });

  it("leaves a message without Content-Length without it until it is changed", () => {
    const text = invite.replace("l:  4\r\n", "");
    assert.equal(written(request(text)), text);
    const changed = request(text);
    changed.headers.add("Subject", "x");
    assert.match(written(changed), /Subject: x\r\nContent-Length: 4\r\n\r\nbody$/);
  });

  it("lets no line end of a value begin another header field", () => {
    const message = createRequest({
      method: "INFO",
      uri: "sip:a@b",
      headers: [
        ["Subject", "x\r\nVia: evil"],
        ["X\r\nY", "z\n\nbody"],
      ],
    });
    assert.equal(
      written(message),
      "INFO sip:a@b SIP/2.0\r\nSubject: x Via: evil\r\nX Y: z body\r\nContent-Length: 0\r\n\r\n",
    );
    const response = createResponse(request(invite), 486, { reason: "Busy\r\nVia: evil" });
    assert.match(written(response), /^SIP\/2\.0 486 Busy Via: evil\r\nVia: SIP/);
  });
});

describe("a response", () => {
  it("takes over what its request says of the way and the dialog", () => {
    const response = createResponse(request(invite), 180, { toTag: "9" });
    assert.equal(
      written(response),
      [
        "SIP/2.0 180 Ringing",
        "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2 ,SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "Via: SIP/2.0/TCP 192.0.2.3;branch=z9hG4bK0",
        "Record-Route: <sip:192.0.2.2;lr>, <sip:192.0.2.9;lr>",
        "From: <sip:a@example.com>;tag=1",
        "To: B <sip:b@example.com>;tag=9",
        "Call-ID: 1@192.0.2.1",
        "CSeq: 0001   INVITE",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    );
  });

  it("has the Timestamp and no tag in a 100, and no Record-Route in a failure", () => {
    const trying = createResponse(request(invite), 100, { toTag: "9" }).headers;
    assert.equal(trying.get("timestamp"), "54.2");
    assert.equal(trying.get("to"), "B <sip:b@example.com>");
    assert.equal(trying.has("record-route"), false);
    const busy = createResponse(request(invite), 486, { toTag: "9" }).headers;
    assert.equal(busy.has("record-route"), false);
    assert.equal(busy.get("to"), "B <sip:b@example.com>;tag=9");
  });

  it("keeps the tag the request has, and adds one to an address without <>", () => {
    const tagged = request(invite.replace("<sip:b@example.com>", "<sip:b@example.com>;tag=3"));
    assert.equal(
      createResponse(tagged, 200, { toTag: "9" }).headers.get("to"),
      "B <sip:b@example.com>;tag=3",
    );
    const bare = request(invite.replace("t: B\r\n  <sip:b@example.com>", "t: sip:b@example.com"));
    assert.equal(createResponse(bare, 200, { toTag: "9" }).headers.get("to"), "sip:b@example.com;tag=9");
  });

  it("carries the header fields and the body it is given", () => {
    const bytes = Buffer.from("v=0\r\n");
    const response = createResponse(request(invite), 200, {
      reason: "Fine",
      headers: [["Contact", "<sip:b@192.0.2.7>"]],
      body: { type: "application/sdp", bytes },
    });
    assert.equal(response.reason, "Fine");
    assert.match(
      written(response),
      /Contact: <sip:b@192\.0\.2\.7>\r\nContent-Type: application\/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n$/,
    );
  });

  it("has the phrase of its code, or of the class of a code nobody registered", () => {
    assert.equal(reasonPhrase(486), "Busy Here");
    assert.equal(reasonPhrase(499), "Request Failure");
    assert.equal(reasonPhrase(700), "Unknown");
  });
});
