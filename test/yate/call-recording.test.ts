import { test } from "node:test";
import { connect } from "yayts/client";
import { callRecordingContract } from "../contract/call-recording-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("recordings of calls over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  };
  callRecordingContract("a real YATE", start);
}
