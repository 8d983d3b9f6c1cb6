export { wave } from "./wave.ts";
