import { createRequest } from "../create-message.ts";
import { parseCSeq } from "../cseq.ts";
import type { SipRequest, SipResponse } from "../message.ts";

type Fields = Iterable<readonly [name: string, value: string]>;

/** The ACK of a response of 300 to 699 (RFC 3261 §17.1.1.3). */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  // "The To header field in the ACK MUST equal the To header field in the response being acknowledged"
  return hopRequest("ACK", invite, response.headers.get("to"), []);
}

/** The CANCEL of an INVITE (RFC 3261 §9.1). Require and Proxy-Require are not for it. */
export function cancelFor(invite: SipRequest, more: Fields): SipRequest {
  return hopRequest("CANCEL", invite, undefined, more);
}

/**
 * For the next hop only: "a single Via header field value ... equal to the top Via header field of the original request", its
 * Request-URI, Route, From, Call-ID and number of CSeq.
 */
function hopRequest(
  method: string,
  { uri, headers }: SipRequest,
  to: string | undefined,
  more: Fields,
): SipRequest {
  const number = parseCSeq(headers.get("cseq") ?? "")?.number ?? 1;
  return createRequest({
    method,
    uri,
    headers: [
      ["Via", headers.get("via") ?? ""],
      ["Max-Forwards", "70"],
      ...headers.all("route").map((value) => ["Route", value] as const),
      ["From", headers.get("from") ?? ""],
      ["To", to ?? headers.get("to") ?? ""],
      ["Call-ID", headers.get("call-id") ?? ""],
      ["CSeq", `${number} ${method}`],
      ...more,
    ],
  });
}
