import { test } from "node:test";
import { type DeskSubject, recordDeskContract } from "../contract/record-desk-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("the record desk over a real YATE", { skip }, () => {});
} else {
  recordDeskContract("a real YATE", async (): Promise<DeskSubject> => {
    const yate = await startYate();
    return { address: yate.tcp, kind: "yate", stop: () => yate.stop() };
  });
}
