import type { EngineMessage } from "../../engine/index.ts";
import { formatAddress, formatNameAddr, type OutgoingInvite, type SipFlow } from "../../sip/index.ts";
import { extraHeaders } from "./extra-headers.ts";
import type { Line } from "./lines.ts";
import type { SipService } from "./sip-service.ts";

/** Who calls whom, in the headers of an INVITE, out of a `call.execute` (spec/sip.md §6). */
export function invitationOf(
  service: SipService,
  message: EngineMessage,
  uri: string,
  flow: SipFlow,
  line: Line | undefined,
): Pick<OutgoingInvite, "from" | "to" | "contact" | "maxForwards" | "headers" | "credentials" | "route"> {
  const user = message.get("caller") === "" ? "anonymous" : (message.get("caller") ?? line?.username ?? "");
  const own = flow.local.port === 5060 ? flow.local.host : formatAddress(flow.local);
  const domain = message.get("domain") || line?.domain || own;
  return {
    from: formatNameAddr({
      displayName: message.get("callername") ?? line?.description ?? "",
      uri: `sip:${user ? `${escapeUser(user)}@` : ""}${domain}`,
      params: new Map(),
    }),
    to: formatNameAddr({ displayName: message.get("calledname") ?? "", uri, params: new Map() }),
    contact: `<${service.contactUri(flow, user)}>`,
    maxForwards: message.integer("antiloop", service.settings.maxForwards),
    headers: [...diversionHeaders(message, domain), ...extraHeaders(message)],
    credentials: line?.credentials,
    route: line?.route,
  };
}

/** RFC 3261 §25.1 `user`: what may not stand there as it is. */
export function escapeUser(user: string): string {
  return user.replace(/[^\w\-.!~*'()&=+$,;?/%]/g, (character) => encodeURIComponent(character));
}

/** Who sent the call on (spec/sip.md §6). */
function diversionHeaders(message: EngineMessage, domain: string): [string, string][] {
  const diverter = message.get("diverter");
  if (!diverter) return [];
  const address = formatNameAddr({
    displayName: message.get("divertername") ?? "",
    uri: `sip:${escapeUser(diverter)}@${domain}`,
    params: new Map(),
  });
  const given = ["reason", "privacy", "screen", "counter"].flatMap((name) => {
    const value = message.get(`divert_${name}`);
    return value ? [`;${name}=${/^[\w-]+$/.test(value) ? value : JSON.stringify(value)}`] : [];
  });
  return given.length > 0 ? [["Diversion", address + given.join("")]] : [["Referred-By", address]];
}
