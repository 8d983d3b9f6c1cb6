import { SipHeaders } from "./headers.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { parseNameAddr } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import type { HeaderList, MessageExtras, SipBody } from "./user-agent.ts";

const noBody = new Uint8Array(0);

/** Methods that can create a dialog; their answers carry the Record-Route (RFC 3261 §12.1.1, RFC 6665, RFC 3515). */
const dialogMethods: ReadonlySet<string> = new Set(["INVITE", "SUBSCRIBE", "REFER"]);

/**
 * The response to a request (RFC 3261 §8.2.6): its Via, From, To, Call-ID and CSeq, its Timestamp in a 100, and its
 * Record-Route in a 1xx or 2xx that can make a dialog. `toTag` is added where To has no tag yet, but not to a 100.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  extras: MessageExtras & { readonly toTag?: string | undefined } = {},
): SipResponse {
  const headers = new SipHeaders();
  const copy = (name: string) => {
    for (const value of request.headers.all(name)) headers.add(name, value);
  };
  copy("Via");
  if (status > 100 && status < 300 && dialogMethods.has(request.method)) copy("Record-Route");
  copy("From");
  const to = request.headers.get("To");
  if (to !== undefined) {
    const wantsTag = extras.toTag && status > 100 && !parseNameAddr(to)?.params.has("tag");
    headers.add("To", wantsTag ? `${to};tag=${extras.toTag}` : to);
  }
  copy("Call-ID");
  copy("CSeq");
  if (status === 100) copy("Timestamp");
  return {
    kind: "response",
    version: "2.0",
    status,
    reason: extras.reason ?? reasonPhrase(status),
    headers: withRest(headers, extras.headers, extras.body),
    body: extras.body?.bytes ?? noBody,
  };
}

/** A request of these header fields, in their order; Content-Type is that of the body. */
export function createRequest(fields: {
  readonly method: string;
  readonly uri: string;
  readonly headers: HeaderList;
  readonly body?: SipBody | undefined;
}): SipRequest {
  return {
    kind: "request",
    version: "2.0",
    method: fields.method,
    uri: fields.uri,
    headers: withRest(new SipHeaders(), fields.headers, fields.body),
    body: fields.body?.bytes ?? noBody,
  };
}

function withRest(headers: SipHeaders, more: HeaderList | undefined, body: SipBody | undefined): SipHeaders {
  for (const [name, value] of more ?? []) headers.add(name, value);
  if (body) headers.set("Content-Type", body.type);
  return headers;
}
