import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { callKeysContract } from "./contract/call-keys-contract.ts";

callKeysContract("the embedded engine in process", async () => {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
});

callKeysContract("the embedded engine over TCP", async () => {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop(), keepsOrder: true };
});
