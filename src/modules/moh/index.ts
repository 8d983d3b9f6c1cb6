export { moh } from "./moh.ts";
