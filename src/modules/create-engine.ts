import { hostname } from "node:os";
import type { Yate } from "../bus/index.ts";
import {
  connectInProcess,
  type Engine,
  type EngineOptions,
  type ExtModuleOptions,
  extmodule,
  type InProcessOptions,
  startEngine,
} from "../engine/index.ts";
import { callfork } from "./callfork/callfork.ts";
import { cdrbuild } from "./cdrbuild/index.ts";
import { conf } from "./conf/index.ts";
import { dumb } from "./dumb.ts";
import { moh } from "./moh/index.ts";
import { park } from "./park.ts";
import { pbx } from "./pbx.ts";
import { queues } from "./queues/queues.ts";
import { regexroute } from "./regexroute/regexroute.ts";
import { rtp } from "./rtp/index.ts";
import { type SipListenerAddress, sip } from "./sip/index.ts";
import { tone } from "./tone/index.ts";
import { tonedetect } from "./tonedetect/index.ts";
import { createTap, trace } from "./trace/index.ts";
import { accfile, regfile } from "./users/index.ts";
import { wave } from "./wave/index.ts";

/** How to make an engine. */
export interface CreateEngineOptions extends EngineOptions {
  /** Where apps of any language connect, and the limits they have. Default: nowhere but in process. */
  readonly extmodule?: ExtModuleOptions | undefined;
}

/** An engine in this process. */
export interface EmbeddedEngine extends AsyncDisposable {
  /** An app's connection to it: YAYPM's embedded dispatcher. */
  readonly yate: Yate;
  readonly engine: Engine;
  /** Another app's connection. */
  connect(options?: InProcessOptions): Yate;
  /** Where it listens, by the listeners' names: `tcp://host:port` or `unix:path`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where phones reach it, by the listeners' names. Empty without a configuration `ysipchan`. */
  readonly sip: ReadonlyMap<string, SipListenerAddress>;
  /** Ends its calls and its connections. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded engine with its standard modules and those given,
 * and connects to it.
 * @example
 * import { createEngine } from "yayts/engine";
 *
 * await using engine = await createEngine();
 * engine.yate.handle("call.route", { filter: { called: "dial" } }, () => "tone/dial");
 * const call = await engine.yate.msg("call.execute", { callto: "dumb/", target: "dial" }).dispatch();
 */
export async function createEngine(options: CreateEngineOptions = {}): Promise<EmbeddedEngine> {
  const listeners = extmodule(options.extmodule);
  const tap = createTap();
  const phones = sip({ tap });
  const engine = await startEngine({
    nodeName: hostname(),
    ...options,
    modules: [
      dumb(),
      tone(),
      tonedetect(),
      wave(),
      conf(),
      pbx(),
      park(),
      queues(),
      callfork(),
      cdrbuild(),
      moh(),
      regexroute(),
      rtp({ tap }),
      regfile({ tap }),
      accfile(),
      phones,
      trace({ tap }),
      ...(options.modules ?? []),
      listeners,
    ],
  });
  return {
    engine,
    addresses: listeners.addresses,
    sip: phones.addresses,
    yate: connectInProcess(engine),
    connect: (connection) => connectInProcess(engine, connection),
    stop: () => engine.stop(),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}
