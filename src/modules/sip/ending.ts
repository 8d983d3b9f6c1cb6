import { Params } from "../../bus/index.ts";
import { reasonPhrase, type SessionEnd, type SipMessage, type SipRequest } from "../../sip/index.ts";
import { errorStatus, statusError } from "./causes.ts";
import { appendHeaders } from "./request-params.ts";

/** What a call has to say of its end, to the messages and to the phone, as far as it is known (spec/sip.md §5). */
export class CallEnding {
  /** `reason` of `chan.hangup`. */
  reason: string | undefined;
  /** The final response that says it; 0 where none is called for. */
  status = 0;
  /** `cause_sip`, `reason_sip`, `rtp_stats` and headers, for `chan.hangup` and the peer's `chan.disconnected`. */
  readonly params: Params = Params.from();

  constructor() {
    this.open(false);
  }

  /** Nobody has given a reason: the usual one of a call that was not answered, none of one that was. */
  open(answered: boolean): void {
    this.status = answered ? 0 : 487;
    this.reason = answered ? undefined : reasonPhrase(487);
  }

  /** A reason was given: an error's name means its response, any other text stands for itself. */
  because(reason: string): void {
    const status = errorStatus(reason);
    this.reason = status === undefined ? reason : reasonPhrase(status);
    if (status !== undefined) this.status = status;
  }

  /** The last response of the INVITE. */
  note(status: number, phrase: string | undefined): void {
    this.params.set("cause_sip", status);
    if (phrase) this.params.set("reason_sip", phrase);
    else this.params.delete("reason_sip");
  }

  /** What the peer said does not matter any more, it has left. */
  forget(): void {
    this.params.clear();
  }

  set stats(text: string | undefined) {
    if (text) this.params.set("rtp_stats", text);
  }

  get stats(): string | undefined {
    return this.params.get("rtp_stats");
  }

  /**
   * A session that ended by itself (spec/sip.md §5, §6).
   * @returns the reason that the peer is told
   */
  take(end: SessionEnd, answered: boolean): string | undefined {
    switch (end.kind) {
      case "bye": {
        if (end.request) appendHeaders(this.params, end.request.headers);
        const text = reasonText(end.request);
        if (text !== undefined) this.reason = text;
        return this.reason;
      }
      case "cancelled":
        return "Cancelled";
      case "rejected":
        return this.#rejected(end.response);
      case "timeout":
        this.status = 408;
        this.reason = reasonPhrase(408);
        this.note(408, undefined);
        return answered ? this.reason : "noconn";
      case "transport":
        this.status = 503;
        this.reason = reasonPhrase(503);
        this.note(503, this.reason);
        return "noconn";
      case "replaced":
        this.reason = "replaced";
        return "replaced";
      case "local":
        return this.reason;
    }
  }

  #rejected(response: SipMessage | undefined): string {
    const final = response?.kind === "response" ? response : undefined;
    this.status = final?.status ?? 500;
    this.reason = final?.reason || reasonPhrase(this.status);
    this.forget();
    this.note(this.status, this.reason);
    if (final) appendHeaders(this.params, final.headers);
    return statusError(this.status, this.reason);
  }

  /** A Reason header for a BYE (RFC 3326), if there is one to be told. */
  get header(): readonly (readonly [string, string])[] {
    if (!this.reason) return [];
    const text = this.reason.replace(/[\r\n]+/g, " ").replace(/["\\]/g, "\\$&");
    const named = this.status >= 300 && this.status !== 487;
    return [["Reason", named ? `SIP;cause=${this.status};text="${text}"` : `SIP;text="${text}"`]];
  }
}

/** The text of a Reason header (RFC 3326). */
function reasonText(request: SipRequest | undefined): string | undefined {
  const value = request?.headers.get("Reason");
  const text = value && /;\s*text\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]+))/i.exec(value);
  return text ? (text[1] ?? text[2] ?? "").replace(/\\(.)/g, "$1") : undefined;
}
