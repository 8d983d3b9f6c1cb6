import type { ParamsInit } from "../../bus/index.ts";
import { type CallEndpoint, carry, type Engine } from "../../engine/index.ts";

/**
 * Tells an app what became of a file: `chan.notify` to the target that it named; nothing without one.
 * @param about the endpoint whose id is told and that the message carries
 */
export function notify(engine: Engine, targetId: string, params: ParamsInit, about?: CallEndpoint): void {
  if (!targetId) return;
  const message = engine.message("chan.notify");
  if (about) {
    message.set("id", about.id);
    carry(message, about);
  }
  message.set("targetid", targetId);
  for (const [name, value] of Object.entries(params)) if (value !== undefined) message.set(name, value);
  engine.kernel.enqueue(message);
}
