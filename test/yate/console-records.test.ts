import { test } from "node:test";
import { callRowsContract } from "../contract/call-rows-contract.ts";
import { type DeskSubject, recordDeskContract } from "../contract/record-desk-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("the record desk over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<DeskSubject> => {
    const yate = await startYate();
    return { address: yate.tcp, kind: "yate", stop: () => yate.stop() };
  };
  recordDeskContract("a real YATE", start);
  callRowsContract("a real YATE", start);
}
