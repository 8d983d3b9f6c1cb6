import { test } from "node:test";
import { connect } from "yayts/client";
import { keptSoundContract } from "../contract/kept-sound-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("kept sound over a real YATE", { skip }, () => {});
} else {
  keptSoundContract("a real YATE", async () => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  });
}
