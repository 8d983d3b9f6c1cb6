import { createEngine } from "yayts/engine";
import { connectInProcess, extmodule, startEngine } from "../src/engine/index.ts";
import { cdrbuild, conf, dumb, pbx, regexroute, tone, wave } from "../src/modules/index.ts";
import { callRowsContract } from "./contract/call-rows-contract.ts";
import { type DeskSubject, recordDeskContract } from "./contract/record-desk-contract.ts";

const listeners = [{ name: "tcp", port: 0 }] as const;
const called = "99991001";

recordDeskContract("the embedded engine, which tells", async (): Promise<DeskSubject> => {
  const engine = await createEngine({ extmodule: { listeners } });
  engine.yate.handle("call.route", { filter: { called } }, () => "tone/dial");
  return { address: engine.addresses.get("tcp") ?? "", kind: "embedded", stop: () => engine.stop() };
});

recordDeskContract("an engine that tells nothing", async (): Promise<DeskSubject> => {
  const apps = extmodule({ listeners });
  const modules = [dumb(), tone(), wave(), conf(), pbx(), cdrbuild(), regexroute(), apps];
  const engine = await startEngine({ modules });
  const router = connectInProcess(engine);
  await router.setlocal("trackparam", "router");
  router.handle("call.route", { filter: { called } }, () => "tone/dial");
  return { address: apps.addresses.get("tcp") ?? "", kind: "yate", stop: () => engine.stop() };
});

callRowsContract("the embedded engine, which tells", async (): Promise<DeskSubject> => {
  const engine = await createEngine({ extmodule: { listeners } });
  return { address: engine.addresses.get("tcp") ?? "", kind: "embedded", stop: () => engine.stop() };
});
