import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { type LampSubject, lampConfig, messageWaitingContract } from "./contract/message-waiting-contract.ts";
import { voicemailContract } from "./contract/voicemail-contract.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";
import { startSipEngine } from "./sip/sip-engine.ts";

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

async function withSip(): Promise<LampSubject> {
  const { ysipchan = [], ...others } = Object.fromEntries(
    Object.entries(lampConfig).map(([file, lines]) => [file.replace(".conf", ""), lines]),
  );
  const texts = { ...others, ysipchan: [...ysipchan, "addr=127.0.0.1", "port=0"] };
  const { embedded, sipPort } = await startSipEngine(
    Object.fromEntries(Object.entries(texts).map(([file, lines]) => [file, `${lines.join("\n")}\n`])),
  );
  return { connect: async () => embedded.connect(), stop: () => embedded.stop(), keepsOrder: true, sipPort };
}

messageWaitingContract("the embedded engine", withSip);
