import { test } from "node:test";
import { connect } from "yayts/client";
import { callPeopleContract } from "../contract/call-people-contract.ts";
import { callSipContract } from "../contract/call-sip-contract.ts";
import { callTransferContract } from "../contract/call-transfer-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const modules =
  "extmodule dumbchan wavefile tonegen conference pbx park callfork gsmcodec yrtpchan".split(" ");
const skip = whyNoYate();
if (skip) {
  test("people of calls over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const yate = await startYate({ modules });
    return { connect: () => connect(yate.tcp), stop: () => yate.stop(), keepsOrder: false };
  };
  callPeopleContract("a real YATE", start);
  callTransferContract("a real YATE", start);
  callSipContract("a real YATE", async () => {
    const yate = await startYate({ modules, sip: true });
    return { connect: () => connect(yate.tcp), sipPort: yate.sipPort, stop: () => yate.stop() };
  });
}
