export { tone } from "./tone.ts";
