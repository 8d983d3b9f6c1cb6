import { test } from "node:test";
import { connect } from "yayts/client";
import { callQueueContract } from "../contract/call-queue-contract.ts";
import { ringGroupContract } from "../contract/ring-group-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("queues over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  };
  callQueueContract("a real YATE", start);
  ringGroupContract("a real YATE", start);
}
