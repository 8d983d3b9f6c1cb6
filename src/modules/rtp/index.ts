export { type RtpEngineModule, type RtpModuleOptions, rtp } from "./rtp.ts";
export type { RtpFigures } from "./stream.ts";
