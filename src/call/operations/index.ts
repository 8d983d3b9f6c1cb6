/**
 * operations: what an app does on its calls, for whoever observes it. Part of layer call.
 */
export { detailOf } from "./describe.ts";
export { observed } from "./observed-call.ts";
export { OpenOperation, placeMark, runningOperation } from "./operation.ts";
