/** Users: those who register here (`regfile`), and the accounts that the engine has with others (`accfile`). */
export { accfile } from "./accfile.ts";
export { regfile } from "./regfile.ts";
