import { callSipContract, type SipSubject } from "../contract/call-sip-contract.ts";
import { startSipEngine } from "./sip-engine.ts";

callSipContract("the embedded engine", async (): Promise<SipSubject> => {
  const engine = await startSipEngine();
  return {
    connect: async () => engine.embedded.connect(),
    sipPort: engine.sipPort,
    stop: () => engine.embedded.stop(),
  };
});
