import { test } from "node:test";
import { connect } from "yayts/client";
import { callKeysContract } from "../contract/call-keys-contract.ts";
import { sendsKeysToPhone } from "../contract/call-keys-phone.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("keys of calls over a real YATE", { skip }, () => {});
} else {
  callKeysContract("a real YATE", async () => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  });

  test("a SIP phone of a real YATE gets each key as an event of the length asked for", {
    timeout: 20_000,
  }, async () => {
    const yate = await startYate({ sip: true });
    const app = await connect(yate.tcp);
    try {
      await sendsKeysToPhone(app, yate.sipPort);
    } finally {
      app.abort();
      await yate.stop();
    }
  });
}
