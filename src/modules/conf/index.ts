export { conf } from "./conf.ts";
