/** The engines that contracts run over; a real YATE is in test/yate/start-yate.ts. */
import { connect } from "yayts/client";
import { type CreateEngineOptions, createEngine } from "yayts/engine";
import type { ContractSubject } from "./yate-contract.ts";

/** The embedded engine, in this process. */
export async function inProcess(options?: CreateEngineOptions): Promise<ContractSubject> {
  const engine = await createEngine(options);
  return { connect: async () => engine.connect(), stop: () => engine.stop(), keepsOrder: true };
}

/** The embedded engine, reached over TCP as any engine is. */
export async function overTcp(options?: CreateEngineOptions): Promise<ContractSubject> {
  const engine = await createEngine({ ...options, extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop(), keepsOrder: true };
}
