import { createRequest } from "../create-message.ts";
import { parseCSeq } from "../cseq.ts";
import type { SipFlow } from "../flow.ts";
import { listOf } from "../list.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { parseNameAddr, tagOf } from "../name-addr.ts";
import { parseUri } from "../uri.ts";
import type { SipBody } from "../user-agent.ts";
import type { Pair } from "./core.ts";

/** The URI of a From, To or Contact value, without the parameters of the header. */
export const uriOf = (value: string | undefined): string =>
  value === undefined ? "" : (parseNameAddr(value)?.uri ?? value);

const withTag = (uri: string, tag: string): string => (tag ? `<${uri}>;tag=${tag}` : `<${uri}>`);

interface DialogFields {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localCSeq: number;
  readonly remoteCSeq: number | undefined;
  readonly flow: SipFlow;
  readonly contact: string;
}

/** The state of one dialog (RFC 3261 §12), and the requests it makes. */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty with a peer of RFC 2543, which has none. */
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  remoteTarget: string;
  routeSet: readonly string[];
  /** Of the last request that we sent. */
  localCSeq: number;
  /** Of the last request that came; none when none has come. */
  remoteCSeq: number | undefined;
  flow: SipFlow;
  /** Our Contact. */
  contact: string;
  /** RSeq of the last reliable provisional response taken (RFC 3262 §4), for the INVITE that is going on. */
  rseq: number | undefined;

  constructor(fields: DialogFields) {
    this.callId = fields.callId;
    this.localTag = fields.localTag;
    this.remoteTag = fields.remoteTag;
    this.localUri = fields.localUri;
    this.remoteUri = fields.remoteUri;
    this.remoteTarget = fields.remoteTarget;
    this.routeSet = fields.routeSet;
    this.localCSeq = fields.localCSeq;
    this.remoteCSeq = fields.remoteCSeq;
    this.flow = fields.flow;
    this.contact = fields.contact;
  }

  /** RFC 3261 §12.1.1. */
  static ofIncoming(invite: SipRequest, localTag: string, flow: SipFlow, contact: string): Dialog {
    const { headers } = invite;
    const remoteUri = uriOf(headers.get("from"));
    return new Dialog({
      callId: headers.get("call-id") ?? "",
      localTag,
      remoteTag: tagOf(headers, "from"),
      localUri: uriOf(headers.get("to")),
      remoteUri,
      remoteTarget: uriOf(headers.get("contact")) || remoteUri,
      routeSet: listOf(headers, "record-route"),
      localCSeq: 0,
      remoteCSeq: parseCSeq(headers.get("cseq") ?? "")?.number,
      flow,
      contact,
    });
  }

  /** RFC 3261 §12.1.2: made by a response to our INVITE. */
  static ofOutgoing(invite: SipRequest, response: SipResponse, flow: SipFlow, contact: string): Dialog {
    const { headers } = invite;
    const remoteUri = uriOf(headers.get("to"));
    return new Dialog({
      callId: headers.get("call-id") ?? "",
      localTag: tagOf(headers, "from"),
      remoteTag: tagOf(response.headers, "to"),
      localUri: uriOf(headers.get("from")),
      remoteUri,
      remoteTarget: uriOf(response.headers.get("contact")) || invite.uri,
      routeSet: listOf(response.headers, "record-route").reverse(),
      localCSeq: parseCSeq(headers.get("cseq") ?? "")?.number ?? 1,
      remoteCSeq: undefined,
      flow,
      contact,
    });
  }

  /** Out of a 2xx whose INVITE is not known any more. */
  static ofStray(response: SipResponse, cseq: number, flow: SipFlow, contact: string): Dialog {
    const { headers } = response;
    const remoteUri = uriOf(headers.get("to"));
    return new Dialog({
      callId: headers.get("call-id") ?? "",
      localTag: tagOf(headers, "from"),
      remoteTag: tagOf(headers, "to"),
      localUri: uriOf(headers.get("from")),
      remoteUri,
      remoteTarget: uriOf(headers.get("contact")) || remoteUri,
      routeSet: listOf(headers, "record-route").reverse(),
      localCSeq: cseq,
      remoteCSeq: undefined,
      flow,
      contact,
    });
  }

  /** A target refresh (RFC 3261 §12.2): the peer's Contact, when the message has one. */
  refreshTarget(message: SipRequest | SipResponse): void {
    const contact = message.headers.get("contact");
    if (contact !== undefined) this.remoteTarget = uriOf(contact) || this.remoteTarget;
  }

  /** The 2xx to our INVITE has the last word on the way: its Record-Route replaces that of earlier responses (RFC 3261 §13.2.2.4). */
  confirm(response: SipResponse): void {
    this.refreshTarget(response);
    this.routeSet = listOf(response.headers, "record-route").reverse();
  }

  /**
   * A request of the dialog (RFC 3261 §12.2.1.1).
   * @param cseq default: the next one; ACK has its INVITE's
   */
  request(
    method: string,
    more: readonly (readonly Pair[])[],
    body: SipBody | undefined,
    cseq: number = ++this.localCSeq,
  ): SipRequest {
    const { uri, routes } = this.#way();
    const headers: Pair[] = [];
    for (const route of routes) headers.push(["Route", route]);
    headers.push(
      ["Max-Forwards", "70"],
      ["From", withTag(this.localUri, this.localTag)],
      ["To", withTag(this.remoteUri, this.remoteTag)],
      ["Call-ID", this.callId],
      ["CSeq", `${cseq} ${method}`],
      ["Contact", this.contact],
    );
    for (const pairs of more) for (const pair of pairs) headers.push(pair);
    return createRequest({ method, uri, headers, ...(body === undefined ? {} : { body }) });
  }

  /** Request-URI and Route headers: a first hop without `lr` gets the request as its own (RFC 3261 §12.2.1.1). */
  #way(): { uri: string; routes: readonly string[] } {
    const first = this.routeSet[0];
    if (first === undefined) return { uri: this.remoteTarget, routes: this.routeSet };
    const hop = uriOf(first);
    if (parseUri(hop)?.params.has("lr") !== false) return { uri: this.remoteTarget, routes: this.routeSet };
    return { uri: hop, routes: [...this.routeSet.slice(1), `<${this.remoteTarget}>`] };
  }
}
