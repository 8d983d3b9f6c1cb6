import { hostname } from "node:os";
import type { Yate } from "../bus/index.ts";
import {
  connectInProcess,
  type Engine,
  type EngineOptions,
  type InProcessOptions,
  startEngine,
} from "../engine/index.ts";
import { dumb } from "./dumb.ts";
import { pbx } from "./pbx.ts";

/** An engine in this process. */
export interface EmbeddedEngine extends AsyncDisposable {
  /** An app's connection to it: YAYPM's embedded dispatcher. */
  readonly yate: Yate;
  readonly engine: Engine;
  /** Another app's connection. */
  connect(options?: InProcessOptions): Yate;
  /** Ends its calls and its connections. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded engine with its standard modules (dumb, wave, tone, conference, regexroute, pbx) and those given,
 * and connects to it.
 * @example
 * import { createEngine } from "yayts/engine";
 *
 * await using engine = await createEngine();
 * engine.yate.handle("call.route", { filter: { called: "dial" } }, () => "tone/dial");
 * const call = await engine.yate.msg("call.execute", { callto: "dumb/", target: "dial" }).dispatch();
 */
export async function createEngine(options: EngineOptions = {}): Promise<EmbeddedEngine> {
  const engine = await startEngine({
    nodeName: hostname(),
    ...options,
    modules: [dumb(), pbx(), ...(options.modules ?? [])],
  });
  return {
    engine,
    yate: connectInProcess(engine),
    connect: (connection) => connectInProcess(engine, connection),
    stop: () => engine.stop(),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}
