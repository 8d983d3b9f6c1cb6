import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { callQueueContract } from "./contract/call-queue-contract.ts";
import { ringGroupContract } from "./contract/ring-group-contract.ts";
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

callQueueContract("the embedded engine in process", inProcess);

ringGroupContract("the embedded engine in process", inProcess);
callQueueContract("the embedded engine over TCP", overTcp);
ringGroupContract("the embedded engine over TCP", overTcp);
