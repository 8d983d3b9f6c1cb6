import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaDescription } from "./description.ts";
import { parseSdp } from "./parse.ts";
import { rtpMapping } from "./rtp-mapping.ts";
import { sameMedia } from "./same-media.ts";

const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";

function media(...lines: string[]): MediaDescription {
  const parsed = parseSdp(HEAD + lines.join("\r\n"));
  assert.ok(parsed.kind === "session" && parsed.session.media[0]);
  return parsed.session.media[0];
}

const before = media("m=audio 5000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000");

test("hold, packet time, attributes and a spelled-out rtpmap leave the media the same", () => {
  const lines = ["a=rtpmap:8 pcma/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"];
  const after = media("m=audio 5000 RTP/AVP 8 101", ...lines, "a=sendonly", "a=ptime:20", "a=x:y");
  assert.equal(sameMedia(before, after), true);
});

test("another address, port, transport, codec list or key makes other media", () => {
  const event = "a=rtpmap:101 telephone-event/8000";
  const others = [
    media("m=audio 5000 RTP/AVP 8 101", event, "c=IN IP4 192.0.2.10"),
    media("m=audio 5000 RTP/AVP 8 101", event, "c=IN IP4 0.0.0.0"),
    media("m=audio 5002 RTP/AVP 8 101", event),
    media("m=audio 5000 RTP/AVPF 8 101", event),
    media("m=audio 5000 RTP/AVP 8 0 101", event),
    media("m=audio 5000 RTP/AVP 0 101", event),
    media("m=audio 5000 RTP/AVP 8"),
    media("m=audio 5000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000"),
  ];
  for (const other of others) assert.equal(sameMedia(before, other), false, JSON.stringify(other));
  const key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:";
  const one = media("m=audio 5000 RTP/SAVP 8", `${key}${"A".repeat(40)}`);
  assert.equal(sameMedia(one, media("m=audio 5000 RTP/SAVP 8", `${key}${"B".repeat(40)}`)), false);
});

test("rtp_mapping names the codecs whose number no rtpmap line of the usual number confirmed", () => {
  assert.equal(rtpMapping(media("m=audio 5000 RTP/AVP 8", "a=rtpmap:8 PCMA/8000")), undefined);
  const odd = media(
    "m=audio 5000 RTP/AVP 8 0 97 11 99",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:97 GSM/8000",
    "a=rtpmap:11 L16/8000",
  );
  assert.equal(rtpMapping(odd), "alaw=8,gsm=97");
});
