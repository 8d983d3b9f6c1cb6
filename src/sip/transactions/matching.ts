import { parseCSeq } from "../cseq.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { TopVia } from "./top-via.ts";

/** Begins every branch that is unique in space and time (RFC 3261 §8.1.1.7). */
export const branchCookie = "z9hG4bK";

const lowerCookie = branchCookie.toLowerCase();

/**
 * What a request has in common with its repetitions, and a CANCEL or an ACK with its INVITE, when it is asked for with that
 * method (RFC 3261 §17.2.3): branch, sent-by and method; without a magic cookie, what RFC 2543 had. A cookie alone
 * identifies nothing, and is none (RFC 4475 §3.2.1).
 * @param toTag only for the old way: the tag to look for, when it is not the request's own
 */
export function serverKey(
  request: SipRequest,
  top: TopVia | undefined,
  method: string = request.method,
  toTag?: string,
): string {
  const branch = branchOf(top);
  if (branch !== undefined && top)
    // parameter values and hosts are compared without case (§7.3.1)
    // and the Call-ID, which they have in common too: some clients' branches can be guessed
    return `${method} ${branch} ${top.via.host.toLowerCase()}:${top.via.port ?? ""} ${request.headers.get("call-id")}`;
  const { headers } = request;
  return [
    method,
    request.uri,
    toTag ?? tagOf(headers, "to"),
    tagOf(headers, "from"),
    headers.get("call-id"),
    parseCSeq(headers.get("cseq") ?? "")?.number,
    top?.text,
  ].join("\n");
}

/** Without a branch of RFC 3261, an ACK is matched by the To tag of our response (§17.2.3), so that its INVITE needs a second key. */
export function ackKey(
  invite: SipRequest,
  top: TopVia | undefined,
  response: SipResponse,
): string | undefined {
  if (branchOf(top) !== undefined) return undefined;
  return serverKey(invite, top, "ACK", tagOf(response.headers, "to"));
}

/** The key of a response's request among those we sent (RFC 3261 §17.1.3): branch and method of CSeq. */
export function clientKey(branch: string, method: string): string {
  return `${method} ${branch}`;
}

/** In lower case; undefined when it is not one of RFC 3261. */
function branchOf(top: TopVia | undefined): string | undefined {
  const branch = top?.via.branch?.toLowerCase();
  return branch?.startsWith(lowerCookie) && branch.length > lowerCookie.length ? branch : undefined;
}
