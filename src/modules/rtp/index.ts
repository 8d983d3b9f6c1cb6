export { type RtpEngineModule, rtp } from "./rtp.ts";
export type { RtpFigures } from "./stream.ts";
