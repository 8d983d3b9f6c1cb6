import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";

/** An engine that a suite runs its app and its callers on. */
export interface Subject {
  /** A new connection to it. */
  connect(): Promise<Yate>;
  stop(): Promise<void>;
}

/** The embedded engine, in this process. */
export async function embedded(): Promise<Subject> {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop() };
}

/** The embedded engine, reached over TCP as any engine is. */
export async function embeddedOverTcp(): Promise<Subject> {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop() };
}
