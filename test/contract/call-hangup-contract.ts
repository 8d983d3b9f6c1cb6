/** Whoever hangs up whenever: every operation with people ends, and nothing is left. Run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Call } from "yayts";
import type { Caller, PhoneCall } from "yayts/testing";
import { type Called, type Pair, People, untilBridged } from "./call-people-kit.ts";
import type { ContractSubject } from "./yate-contract.ts";

type Outcome = Promise<{ readonly kind: string }>;

/** Delays from the beginning of the operation to the hang-up, in milliseconds. */
const delays = [0, 1, 3, 10, 40];

export function callHangupContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`hang-ups in the middle of things over ${title}`, { timeout: 60_000 }, () => {
    let people: People;
    before(async () => {
      people = await People.start(start);
    });
    after(() => people.stop());

    /** Ends what the operation works on, now. */
    type Prepare = () => Promise<{
      readonly legs: readonly (Caller | PhoneCall)[];
      readonly begin: () => Outcome;
    }>;

    const bridged = async (): Promise<{ one: Pair; two: Called; end: Outcome }> => {
      const [one, two] = [await people.answered(), await people.called("500")];
      const end = one.call.bridge(two.call, { keepOther: true });
      await untilBridged(one.call, two.phone);
      return { one, two, end };
    };
    const alone = (fn: (call: Call) => Outcome): Prepare => {
      return async () => {
        const { call, caller } = await people.answered();
        return { legs: [caller], begin: () => fn(call) };
      };
    };
    const inBridge = (fn: (one: Call, two: Call) => Outcome): Prepare => {
      return async () => {
        const { one, two, end } = await bridged();
        const begin = async (): Outcome => (await Promise.all([fn(one.call, two.call), end]))[0];
        return { legs: [one.caller, two.phone], begin };
      };
    };

    const operations: Readonly<Record<string, Prepare>> = {
      bridge: async () => {
        const [one, two] = [await people.answered(), await people.called("500")];
        return { legs: [one.caller, two.phone], begin: () => one.call.bridge(two.call) };
      },
      unbridge: inBridge((one) => one.unbridge()),
      hold: inBridge((one) => one.hold({ music: "digits/1" })),
      resume: inBridge(async (one) => {
        await one.hold({ music: "digits/1" });
        return await one.resume();
      }),
      dial: alone((call) => call.dial("600", { music: "digits/1" })),
      "dial to nowhere": alone((call) => call.dial("nowhere")),
      transfer: alone((call) => call.transfer("600", { timeoutMs: 200 })),
      "transfer at once": alone((call) => call.transfer("600", { wait: false })),
      "transfer in a bridge": inBridge((one) => one.transfer("600", { timeoutMs: 200 })),
      attendedTransfer: inBridge((one) => one.attendedTransfer("600", { timeoutMs: 200 })),
      park: inBridge(async (one) => {
        const parked = await one.park({ timeoutMs: 100 });
        return parked.kind === "parked" ? await parked.ended : parked;
      }),
      pickup: async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        const parked = await one.call.park();
        assert.ok(parked.kind === "parked");
        return { legs: [one.caller, two.caller], begin: () => two.call.pickup(parked.slot) };
      },
      whisper: inBridge((one) => one.whisper("digits/1")),
      barge: async () => {
        const { one, two, end } = await bridged();
        const third = await people.answered();
        const begin = async (): Outcome => (await Promise.all([third.call.barge(one.call), end]))[0];
        return { legs: [one.caller, two.phone, third.caller], begin };
      },
    };

    for (const [name, prepare] of Object.entries(operations)) {
      it(`${name} ends, and nothing is left`, async () => {
        await people.phone("600");
        for (let who = 0; who < 3; who++) {
          for (const afterMs of delays) {
            const { legs, begin } = await prepare();
            const leg = legs[who];
            const operation = begin();
            await delay(afterMs);
            if (leg) await people.gone(leg);
            // The others a little later, so that the operation has to do with one who is left.
            await delay(20);
            await Promise.all(legs.map((other) => people.gone(other)));
            const { kind } = await operation;
            assert.ok(kind, `${name} after ${afterMs} ms`);
            await people.nothingLeft();
            if (!leg) break;
          }
        }
      });
    }
  });
}
