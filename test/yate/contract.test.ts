import { test } from "node:test";
import { connect } from "yayts/client";
import { outgoingContract } from "../contract/outgoing-contract.ts";
import { type ContractSubject, yateContract } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("the contract over a real YATE", { skip }, () => {});
} else {
  for (const kind of ["tcp", "any", "unix"] as const) {
    const start = async (): Promise<ContractSubject> => {
      const yate = await startYate();
      return { connect: () => connect(yate[kind]), stop: () => yate.stop(), keepsOrder: false };
    };
    yateContract(`a real YATE (${kind})`, start);
    if (kind === "tcp") outgoingContract("a real YATE", start);
  }
}
