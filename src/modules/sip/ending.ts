import { Params } from "../../bus/index.ts";
import { reasonPhrase, type SessionEnd, type SipMessage, type SipRequest } from "../../sip/index.ts";
import { statusError } from "./causes.ts";
import { appendHeaders } from "./request-params.ts";

/** What a channel says when it is over, to the messages and to the phone. */
export interface Ending {
  /** `reason` of `chan.hangup`. */
  readonly reason?: string | undefined;
  /** `reason` of the peer's `chan.disconnected`. */
  readonly peerReason?: string | undefined;
  /** The last response, or what stands for it. */
  readonly status?: number | undefined;
  readonly phrase?: string | undefined;
  /** The BYE, CANCEL or final response that ended it. */
  readonly message?: SipMessage | undefined;
}

/** What a session that ended by itself comes to (spec/sip.md §5, §6); nothing for an end that we gave it. */
export function endingOf(end: SessionEnd, answered: boolean): Ending | undefined {
  switch (end.kind) {
    case "bye": {
      const text = reasonText(end.request);
      return { reason: text, peerReason: text, status: 200, phrase: "OK", message: end.request };
    }
    case "cancelled":
      return {
        reason: "Cancelled",
        peerReason: "Cancelled",
        status: 487,
        phrase: reasonPhrase(487),
        message: end.request,
      };
    case "rejected": {
      const status = end.response?.status ?? 500;
      const phrase = end.response?.reason || reasonPhrase(status);
      return {
        reason: phrase,
        peerReason: statusError(status, phrase),
        status,
        phrase,
        message: end.response,
      };
    }
    case "timeout": {
      const phrase = reasonPhrase(408);
      return { reason: phrase, peerReason: answered ? phrase : "noconn", status: 408, phrase };
    }
    case "transport":
      return { reason: "noconn", peerReason: "noconn", status: 503, phrase: reasonPhrase(503) };
    case "replaced":
      return { reason: "replaced", peerReason: "replaced", status: 200, phrase: "OK" };
    case "local":
      return undefined;
  }
}

/** The protocol's part of `chan.hangup` and of the peer's `chan.disconnected`. */
export function causeParams(
  ending: Ending | undefined,
  reason: string | undefined,
  usualStatus: number | undefined,
  stats: string | undefined,
): Params {
  const params = Params.from();
  const status = ending?.status ?? usualStatus;
  if (status !== undefined)
    params.set("cause_sip", status).set("reason_sip", ending?.phrase ?? reasonPhrase(status));
  if (ending?.message) appendHeaders(params, ending.message.headers);
  if (stats) params.set("rtp_stats", stats);
  if (reason) params.set("reason", reason);
  return params;
}

/** A Reason header for what ends a call (RFC 3326). */
export function reasonHeader({ status, phrase = "" }: Ending): readonly [string, string] {
  const text = phrase.replace(/[\r\n]+/g, " ").replace(/["\\]/g, "\\$&");
  return ["Reason", status ? `SIP;cause=${status};text="${text}"` : `SIP;text="${text}"`];
}

/** The text of a Reason header (RFC 3326). */
function reasonText(request: SipRequest | undefined): string | undefined {
  const value = request?.headers.get("Reason");
  const text = value && /;\s*text\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]+))/i.exec(value);
  return text ? (text[1] ?? text[2] ?? "").replace(/\\(.)/g, "$1") : undefined;
}
