import { test } from "node:test";
import { connect } from "yayts/client";
import { utterancesContract } from "../contract/utterances-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("utterances over a real YATE", { skip }, () => {});
} else {
  utterancesContract("a real YATE", async () => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop() };
  });
}
