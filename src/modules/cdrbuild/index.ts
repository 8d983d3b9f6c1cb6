export { cdrbuild } from "./cdrbuild.ts";
