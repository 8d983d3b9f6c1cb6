import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../../base/index.ts";
import { createRequest, createResponse, type SipMessage } from "../../../sip/index.ts";
import { createFloodGuard, sourceKey } from "./rate-limit.ts";

const request = (method: string, to = "<sip:a@b>"): SipMessage =>
  createRequest({ method, uri: "sip:a@b", headers: [["To", to]] });
/** How many of `n` are admitted. */
const admitted = (
  guard: ReturnType<typeof createFloodGuard>,
  n: number,
  source: string,
  message: SipMessage,
): number => Array.from({ length: n }, () => guard.admits(source, message)).filter(Boolean).length;

const rate = { perSecond: 10, burst: 20 };

describe("flood guard", () => {
  it("admits a burst, then what its rate allows, and all again after quiet", async () => {
    const clock = createManualClock();
    const guard = createFloodGuard(clock, { invite: rate });
    assert.equal(admitted(guard, 100, "10.0.0.1", request("INVITE")), 20);
    await clock.advance(500);
    assert.equal(admitted(guard, 100, "10.0.0.1", request("INVITE")), 5);
    await clock.advance(60_000);
    assert.equal(admitted(guard, 100, "10.0.0.1", request("INVITE")), 20);
  });

  it("counts each source, and INVITE, REGISTER and others, by themselves", () => {
    const guard = createFloodGuard(createManualClock(), { invite: rate, register: rate, other: rate });
    assert.equal(admitted(guard, 100, "10.0.0.1", request("INVITE")), 20);
    assert.equal(admitted(guard, 100, "10.0.0.1", request("REGISTER")), 20);
    assert.equal(admitted(guard, 60, "10.0.0.1", request("OPTIONS")), 20);
    assert.equal(admitted(guard, 60, "10.0.0.1", request("MESSAGE")), 0);
    assert.equal(admitted(guard, 5, "10.0.0.2", request("INVITE")), 5);
  });

  it("never drops responses and ACKs; requests of dialogs and transactions have a rate of their own", () => {
    const guard = createFloodGuard(createManualClock(), {
      invite: rate,
      other: { perSecond: 0, burst: 0 },
      dialog: { perSecond: 0, burst: 2000 },
      total: { perSecond: 0, burst: 0 },
    });
    const tagged = "<sip:a@b> ; Tag = 1";
    const invite = request("INVITE");
    assert.ok(invite.kind === "request");
    for (const message of [
      request("INVITE", tagged),
      request("BYE", tagged),
      request("INFO", tagged),
      request("CANCEL"),
    ])
      assert.equal(admitted(guard, 500, "10.0.0.1", message), 500);
    assert.equal(admitted(guard, 1, "10.0.0.1", request("BYE", tagged)), 0);
    assert.equal(admitted(guard, 1, "10.0.0.2", request("BYE", tagged)), 1);
    for (const message of [request("ACK"), request("ACK", tagged), createResponse(invite, 200)])
      assert.equal(admitted(guard, 500, "10.0.0.1", message), 500);
    assert.equal(admitted(guard, 1, "10.0.0.1", invite), 0);
  });

  it("holds no more sources than it may, forgets the one quiet for longest, and bounds them all together", () => {
    const guard = createFloodGuard(createManualClock(), {
      invite: { perSecond: 0, burst: 1 },
      sources: 100,
      total: { perSecond: 0, burst: 1000 },
    });
    let taken = 0;
    for (let at = 0; at < 5000; at++) {
      if (guard.admits(`10.1.${at >> 8}.${at & 255}`, request("INVITE"))) taken++;
      // One that keeps sending stays known, however many forged ones there are.
      assert.equal(guard.admits("10.0.0.1", request("INVITE")), at === 0);
    }
    assert.equal(guard.size, 100);
    assert.equal(taken + 1, 1000);
  });

  it("takes a /64 network of IPv6 for one source, and IPv4 in IPv6 clothes for IPv4", () => {
    for (const [host, key] of [
      ["10.0.0.1", "10.0.0.1"],
      ["::ffff:10.0.0.1", "10.0.0.1"],
      ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
      ["2001:DB8::1:aaaa:bbbb:cccc:dddd", "2001:db8:0:1::/64"],
      ["2001:db8::1", "2001:db8:0:0::/64"],
      ["fe80::1%eth0", "fe80:0:0:0::/64"],
      ["::1", "0:0:0:0::/64"],
    ] as const)
      assert.equal(sourceKey(host), key);
  });
});
