import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, parseConfig } from "yayts/engine";
import { callHangupContract } from "./contract/call-hangup-contract.ts";
import { callPeopleContract } from "./contract/call-people-contract.ts";
import { musicOf } from "./contract/call-people-kit.ts";
import { callSeveralContract } from "./contract/call-several-contract.ts";
import { callTransferContract } from "./contract/call-transfer-contract.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";

async function inProcess(): Promise<ContractSubject> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-music-"));
  const moh = parseConfig((await musicOf(folder)).join("\n"), "moh");
  const engine = await createEngine({ config: { moh } });
  return {
    connect: async () => engine.connect(),
    async stop() {
      await engine.stop();
      await rm(folder, { recursive: true });
    },
    keepsOrder: true,
  };
}

callPeopleContract("the embedded engine in process", inProcess);
callTransferContract("the embedded engine in process", inProcess);
callSeveralContract("the embedded engine in process", inProcess);
callHangupContract("the embedded engine in process", inProcess);
