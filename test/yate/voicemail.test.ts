import { test } from "node:test";
import { connect } from "yayts/client";
import {
  type LampSubject,
  lampConfig,
  messageWaitingContract,
} from "../contract/message-waiting-contract.ts";
import { voicemailContract } from "../contract/voicemail-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("voicemail over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const yate = await startYate();
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  };
  voicemailContract("a real YATE", start);
  const withSip = async (): Promise<LampSubject> => {
    const yate = await startYate({ sip: true, routes: [], config: lampConfig });
    const { sipPort } = yate;
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false, sipPort };
  };
  messageWaitingContract("a real YATE", withSip);
}
