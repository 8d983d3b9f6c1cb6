import { test } from "node:test";
import { connect } from "yayts/client";
import { yateContract } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("the contract over a real YATE", { skip }, () => {});
} else {
  for (const kind of ["tcp", "any", "unix"] as const) {
    yateContract(`a real YATE (${kind})`, async () => {
      const yate = await startYate();
      return { connect: () => connect(yate[kind]), stop: () => yate.stop(), keepsOrder: false };
    });
  }
}
