import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { callContract } from "./contract/call-contract.ts";
import { callSoundContract } from "./contract/call-sound-contract.ts";
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

callContract("the embedded engine in process", inProcess);
callContract("the embedded engine over TCP", overTcp);
callSoundContract("the embedded engine in process", inProcess);
callSoundContract("the embedded engine over TCP, on another disk", overTcp, { sound: "rtp" });
