import { YaytsError } from "../base/index.ts";
import type { Message, ParamValue } from "../bus/index.ts";
import type { CallCore } from "./call-core.ts";
import type { Failed } from "./outcomes.ts";

/** A call that nobody took. `reason` is the engine's word, `code` SIP's status when a phone or exchange gave one. */
export type CallFailure = CallRefused | CallFailed;

/** Somebody did not want the call, or was not there; or the program gave it up (`cancelled`). */
export interface CallRefused {
  readonly kind: "busy" | "noanswer" | "rejected" | "cancelled";
  readonly reason: string;
  readonly code?: number;
}

/** The call did not come to anybody: no route, no such phone, no engine. */
export interface CallFailed extends Failed {
  readonly reason: string;
  readonly code?: number;
}

/** Who calls whom, and what else goes into the `call.execute`. */
export interface RouteOptions {
  /** The number that the called party sees. */
  readonly from: string;
  readonly fromName?: string | undefined;
  /** Headers for a SIP phone, as in `{"X-Customer": "17"}`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More parameters of the `call.execute`, as in `{line: "trunk"}`. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
}

/**
 * Routes a number, or takes a target with its driver as it is, and connects channel `id` to where it leads.
 * @returns the executed message; undefined when the call or the engine is gone
 */
export async function executeTo(
  core: CallCore,
  id: string,
  target: string,
  { from, fromName, params = {}, headers = {} }: RouteOptions,
): Promise<Message | CallFailure | undefined> {
  const wrong = unfit([target, from, fromName ?? "", ...Object.values(params).map(String)], headers);
  if (wrong) return { kind: "failed", error: new YaytsError("bad-argument", wrong), reason: "bad-argument" };
  const parties = { caller: from, called: target, callername: fromName, ...params };
  const sipHeaders = Object.entries(headers).map(([name, value]) => [`osip_${name}`, value]);
  let route: Record<string, ParamValue | undefined> = parties;
  let callto = target;
  if (!callto.includes("/")) {
    const routed = await core.send("call.route", { driver: "dumb", id, ...parties });
    if (!routed) return undefined;
    callto = routed.retvalue.trim();
    if (!routed.handled || callto === "" || callto === "-" || callto === "error")
      return failureOf(routed.get("error") || "noroute", routed.get("code"));
    route = Object.fromEntries(routed.params);
    delete route.handlers;
  }
  const execute = await core.masquerade(id, "call.execute", {
    ...route,
    ...Object.fromEntries(sipHeaders),
    id,
    message: "call.execute",
    callto,
  });
  if (!execute || execute.handled) return execute;
  return failureOf(execute.get("error") || execute.get("reason") || "failure", execute.get("code"));
}

/** Names of headers (RFC 3261 §25.1, token). */
const token = /^[\w.!%*+`'~-]+$/;

/** What cannot travel: a line's end would begin a header of somebody else's making, where an engine writes texts as they are. */
function unfit(texts: readonly string[], headers: Readonly<Record<string, string>>): string | undefined {
  const breaks = (text: string): boolean => /[\r\n\0]/.test(text);
  const name = Object.keys(headers).find((header) => !token.test(header));
  if (name !== undefined) return `a header cannot be named ${JSON.stringify(name)}`;
  const text = [...texts, ...Object.values(headers)].find(breaks);
  return text && `a call cannot take ${JSON.stringify(text.slice(0, 80))}: it has the end of a line in it`;
}

/** What the engine's word, or SIP's status, means to who called (spec/calls.md §3). */
export function failureOf(reason: string, codeText?: string | number): CallFailure {
  const code = Number(codeText ?? "") || undefined;
  const told = { reason, ...(code ? { code } : {}) };
  const kind = kindOf(reason, code);
  return kind === "failed" ? callFailed(reason, code) : { kind, ...told };
}

export function callFailed(reason: string, code?: number): CallFailed {
  const error = new YaytsError("call-failed", `the call came to nobody: ${reason || "no reason was given"}`);
  return { kind: "failed", error, reason, ...(code ? { code } : {}) };
}

function kindOf(reason: string, code: number | undefined): CallFailure["kind"] {
  if (reason === "busy" || code === 486 || code === 600) return "busy";
  if (reason === "noanswer" || code === 480 || code === 408) return "noanswer";
  if (
    reason === "rejected" ||
    reason === "forbidden" ||
    (code && code >= 400 && code !== 404 && code !== 503)
  )
    return "rejected";
  return "failed";
}
