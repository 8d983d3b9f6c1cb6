import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { callPeopleContract } from "./contract/call-people-contract.ts";
import { callTransferContract } from "./contract/call-transfer-contract.ts";
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

callPeopleContract("the embedded engine in process", inProcess);

callTransferContract("the embedded engine in process", inProcess);
callPeopleContract("the embedded engine over TCP", overTcp);
callTransferContract("the embedded engine over TCP", overTcp);
