import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "yayts/client";
import { createEngine, parseConfig } from "yayts/engine";
import { callPeopleContract } from "./contract/call-people-contract.ts";
import { musicOf } from "./contract/call-people-kit.ts";
import { callSeveralContract } from "./contract/call-several-contract.ts";
import { callTransferContract } from "./contract/call-transfer-contract.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";

async function overTcp(): Promise<ContractSubject> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-music-"));
  const moh = parseConfig((await musicOf(folder)).join("\n"), "moh");
  const engine = await createEngine({
    config: { moh },
    extmodule: { listeners: [{ name: "tcp", port: 0 }] },
  });
  const address = engine.addresses.get("tcp") ?? "";
  return {
    connect: () => connect(address),
    async stop() {
      await engine.stop();
      await rm(folder, { recursive: true });
    },
    keepsOrder: true,
  };
}

callPeopleContract("the embedded engine over TCP", overTcp);
callTransferContract("the embedded engine over TCP", overTcp);
callSeveralContract("the embedded engine over TCP", overTcp);
