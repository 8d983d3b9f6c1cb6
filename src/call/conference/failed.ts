import { YaytsError } from "../../base/index.ts";
import type { Failed } from "../outcomes.ts";

export function failed(code: YaytsError["code"], text: string): Failed {
  return { kind: "failed", error: new YaytsError(code, text) };
}
