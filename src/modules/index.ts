/**
 * Layer modules: what the embedded engine can do beside moving messages, and the engine with all of it. May import all
 * layers below.
 */
export {
  type ConfigFile,
  type ConfigSection,
  type Engine,
  type EngineConfig,
  type EngineModule,
  type EngineOptions,
  type ExtModuleOptions,
  type InProcessOptions,
  type ListenerOptions,
  parseConfig,
} from "../engine/index.ts";
export { callfork } from "./callfork/callfork.ts";
export { cdrbuild } from "./cdrbuild/index.ts";
export { conf } from "./conf/index.ts";
export { type CreateEngineOptions, createEngine, type EmbeddedEngine } from "./create-engine.ts";
export { dumb } from "./dumb.ts";
export { moh } from "./moh/index.ts";
export { park } from "./park.ts";
export { pbx } from "./pbx.ts";
export { queues } from "./queues/queues.ts";
export { regexroute } from "./regexroute/regexroute.ts";
export { type RtpEngineModule, type RtpFigures, rtp } from "./rtp/index.ts";
export { type SipListenerAddress, sip } from "./sip/index.ts";
export { tone } from "./tone/index.ts";
export { tonedetect } from "./tonedetect/index.ts";
export { accfile, regfile } from "./users/index.ts";
export { wave } from "./wave/index.ts";
