/** Keys that an app sends to a SIP phone, as the phone gets them: RTP events (RFC 4733). One test for both engines. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { withCalls, type Yate } from "yayts";
import { createRawPhone, phoneSdp } from "../sip/raw-phone.ts";

/** Calls a phone at `sipPort`'s engine, sends it `1#5` and looks at the events; nothing is played to it. */
export async function sendsKeysToPhone(app: Yate, sipPort: number): Promise<void> {
  await using phone = await createRawPhone(sipPort);
  const ear = createSocket("udp4").bind(0, "127.0.0.1");
  await once(ear, "listening");
  const events: { key: number; end: boolean; units: number }[] = [];
  ear.on("message", (packet) => {
    if (((packet[1] ?? 0) & 0x7f) !== 101) return;
    const end = ((packet[13] ?? 0) & 0x80) !== 0;
    events.push({ key: packet[12] ?? -1, end, units: packet.readUInt16BE(14) });
  });
  try {
    const yate = withCalls(app);
    const attempt = yate.call(`sip/sip:bob@127.0.0.1:${phone.port}`);
    const ringing = await phone.calls.take("the call");
    ringing.session.accept({ body: phoneSdp(ear.address().port) });
    const outcome = await attempt;
    assert.equal(outcome.kind, "answered");
    if (outcome.kind !== "answered") return;
    const { call } = outcome;
    assert.deepEqual(await call.sendDtmf("1#5", { onMs: 100, gapMs: 80 }), { kind: "done" });
    const ended = events.filter(({ end }, at) => end && !(events[at - 1]?.end ?? false));
    assert.deepEqual(
      ended.map(({ key }) => key),
      [1, 11, 5],
    );
    for (const { units } of ended) assert.equal(units, 800);
    await call.hangup();
  } finally {
    ear.close();
  }
}
