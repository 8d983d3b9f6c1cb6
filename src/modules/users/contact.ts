import type { EngineMessage } from "../../engine/index.ts";

/** One place where a user can be reached: what a `user.register` said. */
export interface Contact {
  /** The `callto` that reaches it. */
  readonly data: string;
  /** What routing sets with it: the parameters of `route_params`, and `driver`. */
  readonly route: readonly (readonly [name: string, value: string])[];
  /** The connection it came over, if it has an id. */
  readonly connection: string;
  /** It ends with its connection: there is no way back to it after a restart. */
  readonly reliable: boolean;
  /** `+sip.instance` of RFC 5626: the telephone itself, whatever address it has. */
  readonly instance: string;
  /** A telephone uses one Call-ID for all its registrations until it restarts (RFC 3261 §10.2.4). */
  readonly callId: string;
  /** The contact's own URI, before what a NAT made of it. */
  readonly uri: string;
}

/** Reads the contact out of a `user.register` or `user.unregister`; undefined without `data`. */
export function contactOf(message: EngineMessage): Contact | undefined {
  const data = message.get("data");
  if (!data) return undefined;
  const names = (message.get("route_params") ?? "").split(",").map((name) => name.trim());
  const route: [string, string][] = [];
  for (const name of [...new Set([...names, "driver"])]) {
    const value = name === "" ? undefined : message.get(name);
    if (value !== undefined) route.push([name, value]);
  }
  return {
    data,
    route,
    connection: message.get("connection_id") ?? "",
    reliable: message.flag("connection_reliable", false),
    instance: instanceOf(message),
    callId: message.get("sip_callid") ?? "",
    uri: message.get("sip_to") ?? "",
  };
}

/** `+sip.instance` beside this contact's URI: a request may register several contacts. */
function instanceOf(message: EngineMessage): string {
  const listed = [...message.params].flatMap(([name, value]) => (name === "sip_contact" ? [value] : []));
  const text = listed.join(",");
  const uri = message.get("sip_to");
  const at = uri === undefined ? -1 : text.indexOf(`<${uri}>`);
  // Without its URI it can be told only when it is the only one.
  if (at < 0 && text.split("<").filter((part) => /^sips?:/i.test(part)).length > 1) return "";
  const [own = ""] = /^(?:[^,"]|"[^"]*")*/.exec(at < 0 ? text : text.slice(at)) ?? [];
  return /;\s*\+sip\.instance\s*=\s*"([^"]+)"/i.exec(own)?.[1] ?? "";
}

/**
 * Whether a new registration takes the place of an older one: the same target, the same telephone, or the same contact again
 * whose address has been changed by a NAT.
 */
export function replaces(now: Contact, before: Contact): boolean {
  if (now.data === before.data) return true;
  if (now.instance !== "") return now.instance === before.instance;
  return now.callId !== "" && now.callId === before.callId && now.uri !== "" && now.uri === before.uri;
}
