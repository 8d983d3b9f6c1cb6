import type { Yate } from "yayts";
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
