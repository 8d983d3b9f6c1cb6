import { createEngine } from "yayts/engine";
import { outgoingContract } from "./outgoing-contract.ts";
import { type ContractSubject, yateContract } from "./yate-contract.ts";

const title = "the embedded engine in process";

async function start(): Promise<ContractSubject> {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
}

yateContract(title, start);
outgoingContract(title, start);
