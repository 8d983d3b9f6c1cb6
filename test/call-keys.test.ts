import { test } from "node:test";
import { callKeysContract } from "./contract/call-keys-contract.ts";
import { sendsKeysToPhone } from "./contract/call-keys-phone.ts";
import { inProcess, overTcp } from "./contract/subjects.ts";
import { startSipEngine } from "./sip/sip-engine.ts";

callKeysContract("the embedded engine in process", inProcess);
callKeysContract("the embedded engine over TCP", overTcp);

test("a SIP phone of the embedded engine gets each key as an event of the length asked for", {
  timeout: 20_000,
}, async () => {
  await using engine = await startSipEngine();
  await sendsKeysToPhone(engine.embedded.connect(), engine.sipPort);
});
