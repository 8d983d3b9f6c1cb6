import { test } from "node:test";
import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { callKeysContract } from "./contract/call-keys-contract.ts";
import { sendsKeysToPhone } from "./contract/call-keys-phone.ts";
import { startSipEngine } from "./sip/sip-engine.ts";

callKeysContract("the embedded engine in process", async () => {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
});

callKeysContract("the embedded engine over TCP", async () => {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop(), keepsOrder: true };
});

test("a SIP phone of the embedded engine gets each key as an event of the length asked for", {
  timeout: 20_000,
}, async () => {
  await using engine = await startSipEngine();
  await sendsKeysToPhone(engine.embedded.connect(), engine.sipPort);
});
