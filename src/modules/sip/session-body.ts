import { parseSdp, type SessionDescription } from "../../sdp/index.ts";
import { parseMultipart, type SipBody, type SipMessage } from "../../sip/index.ts";
import { contentType } from "./request-params.ts";

/** A session description as the body of a message. */
export function sdpBody(text: string): SipBody {
  return { type: "application/sdp", bytes: new TextEncoder().encode(text) };
}

/** What a message says of media. */
export type SessionBody =
  | { readonly kind: "none" }
  /** A body, but no session description. */
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly problem: string }
  | { readonly kind: "session"; readonly session: SessionDescription };

/** Reads the session description of a message, which may be a part of its body (RFC 5621 §3.1). */
export function readSessionBody(message: SipMessage): SessionBody {
  if (message.body.length === 0) return { kind: "none" };
  const isSdp = contentType(message.headers) === "application/sdp";
  const body = isSdp
    ? message.body
    : parseMultipart(message.headers.get("Content-Type") ?? "", message.body).find(
        (part) => contentType(part.headers) === "application/sdp",
      )?.body;
  return body ? parseSdp(body) : { kind: "other" };
}

/** The session description in a message, if there is a usable one. */
export function sessionOf(message: SipMessage): SessionDescription | undefined {
  const found = readSessionBody(message);
  return found.kind === "session" ? found.session : undefined;
}
