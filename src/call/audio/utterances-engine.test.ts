import { createEngine } from "yayts/engine";
import { utterancesContract } from "../../../test/contract/utterances-contract.ts";

utterancesContract("the embedded engine", async () => {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop() };
});
