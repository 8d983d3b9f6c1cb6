import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { voicemailContract } from "./contract/voicemail-contract.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";

async function inProcess(): Promise<ContractSubject> {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
}

async function overTcp(): Promise<ContractSubject> {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop(), keepsOrder: true };
}

voicemailContract("the embedded engine in process", inProcess);

voicemailContract("the embedded engine over TCP", overTcp);
