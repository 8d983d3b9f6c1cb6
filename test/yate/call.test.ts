import { test } from "node:test";
import { connect } from "yayts/client";
import { callContract } from "../contract/call-contract.ts";
import { callSoundContract } from "../contract/call-sound-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("calls over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  };
  callContract("a real YATE", start);
  callSoundContract("a real YATE", start);
  callSoundContract("a real YATE on another disk", start, { sound: "rtp" });
}
