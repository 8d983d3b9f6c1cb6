import { errorText } from "../base/index.ts";
import { formatAddress, parseAddress } from "../client/index.ts";
import type { Arguments } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

/** The address that --yate gives, or its default. @throws UsageError */
export function engineAddress(args: Arguments): string {
  const given = args.text("yate") ?? "";
  try {
    return formatAddress(parseAddress(given));
  } catch (error) {
    const [what = "", advice = ""] = errorText(error)
      .replace(/^\[[\w-]+\] /, "")
      .split("; ");
    throw new UsageError(`--yate: ${what}`, advice);
  }
}
