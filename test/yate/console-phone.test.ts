import { test } from "node:test";
import { connect } from "yayts/client";
import { consolePhoneContract } from "../contract/console-phone-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("the console's phones over a real YATE", { skip }, () => {});
} else {
  consolePhoneContract("a real YATE", async () => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  });
}
