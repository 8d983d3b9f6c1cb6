import { createEngine } from "yayts/engine";
import { yateContract } from "./yate-contract.ts";

yateContract("the embedded engine in process", async () => {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
});
