import { test } from "node:test";
import { connect } from "yayts/client";
import { callKeysContract } from "../contract/call-keys-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("keys of calls over a real YATE", { skip }, () => {});
} else {
  callKeysContract("a real YATE", async () => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  });
}
