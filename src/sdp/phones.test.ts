import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalDescription } from "./local-description.ts";
import { parseSdp } from "./parse.ts";

/** An offer as a phone writes it, what it says, and the `m=` lines of our answer. */
interface Sample {
  readonly phone: string;
  readonly offer: string;
  /** Known formats in order, with their numbers. */
  readonly formats: string;
  readonly eventPayload: number | undefined;
  readonly answer: readonly string[];
}

const KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/** Written by hand after what these programs send; addresses are those for documentation. */
const SAMPLES: readonly Sample[] = [
  {
    phone: "baresip",
    offer: `v=0
o=- 3325603140 2078312443 IN IP4 192.0.2.9
s=-
c=IN IP4 192.0.2.9
t=0 0
a=tool:baresip 3.10.1
m=audio 10020 RTP/AVP 96 0 8 9 101
a=rtpmap:96 opus/48000/2
a=fmtp:96 stereo=1;sprop-stereo=1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:9 G722/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:10021
a=sendrecv
a=label:1
a=rtcp-rsize
a=ssrc:1327923154 cname:sip:alice@192.0.2.1
a=ptime:20
`,
    formats: "opus=96 mulaw=0 alaw=8 g722/16000=9",
    eventPayload: 101,
    answer: ["m=audio 4000 RTP/AVP 0 8 101"],
  },
  {
    phone: "Linphone",
    offer: `v=0
o=alice 1742 1106 IN IP4 192.0.2.9
s=Talk
c=IN IP4 192.0.2.9
t=0 0
a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics
a=record:off
m=audio 7078 RTP/AVPF 96 97 98 0 8 3 101 99 100
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1
a=rtpmap:97 speex/16000
a=fmtp:97 vbr=on
a=rtpmap:98 speex/8000
a=fmtp:98 vbr=on
a=rtpmap:101 telephone-event/48000
a=rtpmap:99 telephone-event/16000
a=rtpmap:100 telephone-event/8000
a=rtcp-fb:* trr-int 5000
a=rtcp-fb:* ccm tmmbr
m=video 9078 RTP/AVPF 96
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
`,
    formats: "opus=96 speex/16000=97 speex=98 mulaw=0 alaw=8 gsm=3",
    eventPayload: 100,
    answer: ["m=audio 4000 RTP/AVPF 0 8 3 100", "m=video 0 RTP/AVPF 96"],
  },
  {
    phone: "Zoiper",
    offer: `v=0
o=Z 0 88612345 IN IP4 192.0.2.9
s=Z
c=IN IP4 192.0.2.9
t=0 0
m=audio 8000 RTP/AVP 106 9 98 101 0 8 3
a=rtpmap:106 opus/48000/2
a=fmtp:106 sprop-maxcapturerate=16000; minptime=20; useinbandfec=1
a=rtpmap:98 telephone-event/48000
a=fmtp:98 0-16
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=sendrecv
a=rtcp-mux
`,
    formats: "opus=106 g722/16000=9 mulaw=0 alaw=8 gsm=3",
    eventPayload: 101,
    answer: ["m=audio 4000 RTP/AVP 0 8 3 101"],
  },
  {
    phone: "SIPp",
    offer: `v=0
o=user1 53655765 2353687637 IN IP4 192.0.2.9
s=-
c=IN IP4 192.0.2.9
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
`,
    formats: "mulaw=0",
    eventPayload: undefined,
    answer: ["m=audio 4000 RTP/AVP 0"],
  },
  {
    phone: "YATE",
    offer: `v=0
o=yate 1700000000 1700000000 IN IP4 192.0.2.9
s=SIP Call
c=IN IP4 192.0.2.9
t=0 0
m=audio 28564 RTP/AVP 0 8 3 11 98 97 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:3 GSM/8000
a=rtpmap:11 L16/8000
a=rtpmap:98 iLBC/8000
a=fmtp:98 mode=20
a=rtpmap:97 iLBC/8000
a=fmtp:97 mode=30
a=rtpmap:101 telephone-event/8000
a=ptime:30
`,
    formats: "mulaw=0 alaw=8 gsm=3 slin=11 ilbc20=98 ilbc30=97",
    eventPayload: 101,
    answer: ["m=audio 4000 RTP/AVP 0 8 3 11 101"],
  },
  {
    phone: "Asterisk",
    offer: `v=0
o=- 1284912345 1284912345 IN IP4 192.0.2.9
s=Asterisk
c=IN IP4 192.0.2.9
t=0 0
m=audio 18342 RTP/AVP 8 0 18 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=maxptime:140
a=sendrecv
`,
    formats: "alaw=8 mulaw=0 g729=18",
    eventPayload: 101,
    answer: ["m=audio 4000 RTP/AVP 8 0 101"],
  },
  {
    phone: "a desk phone with a secure stream before a plain one",
    offer: `v=0
o=root 1821 1821 IN IP4 192.0.2.9
s=call
c=IN IP4 192.0.2.9
t=0 0
m=audio 55008 RTP/SAVP 9 8 0 13 101
a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${KEY}|2^31|1:1
a=rtpmap:101 telephone-event/8000
a=sendrecv
m=audio 55010 RTP/AVP 9 8 0 13 101
a=rtpmap:101 telephone-event/8000
a=sendrecv
`,
    formats: "g722/16000=9 alaw=8 mulaw=0",
    eventPayload: 101,
    answer: ["m=audio 0 RTP/SAVP 9 8 0 13 101", "m=audio 4000 RTP/AVP 8 0 101"],
  },
  {
    phone: "a phone on IPv6",
    offer: `v=0
o=- 20518 0 IN IP6 2001:db8::9
s=-
c=IN IP6 2001:db8::9
t=0 0
m=audio 5004 RTP/AVP 8 13
a=rtpmap:13 CN/8000
`,
    formats: "alaw=8",
    eventPayload: undefined,
    answer: ["m=audio 4000 RTP/AVP 8"],
  },
];

for (const { phone, offer, formats, eventPayload, answer } of SAMPLES) {
  test(`the offer of ${phone} is read and answered`, () => {
    const parsed = parseSdp(offer.replaceAll("\n", "\r\n"));
    assert.ok(parsed.kind === "session", parsed.kind === "invalid" ? parsed.problem : "");
    const [audio] = parsed.session.media;
    const known = audio?.codecs.filter(({ format }) => format !== undefined);
    assert.equal(known?.map(({ format, payload }) => `${format}=${payload}`).join(" "), formats);
    assert.equal(audio?.eventPayload, eventPayload);

    const result = createLocalDescription({ sessionId: 1 }).answer(parsed.session, {
      address: "192.0.2.1",
      port: 4000,
      formats: ["alaw", "mulaw", "gsm", "slin"],
    });
    assert.ok(result.kind === "answer", result.kind);
    assert.deepEqual(
      result.body.split("\r\n").filter((line) => line.startsWith("m=")),
      answer,
    );
  });
}
