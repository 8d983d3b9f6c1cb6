import type { Params } from "../../bus/index.ts";
import {
  Channel,
  type ChannelOptions,
  type DisconnectCause,
  type EngineMessage,
} from "../../engine/index.ts";
import {
  formatAddress,
  type InviteSession,
  type MessageExtras,
  type OfferAnswer,
  reasonPhrase,
  type ServerTransaction,
  type SessionEnd,
  type SipFlow,
  type SipRequest,
  tagOf,
} from "../../sip/index.ts";
import { errorStatus, statusError } from "./causes.ts";
import { CallEnding } from "./ending.ts";
import { extraHeaders } from "./extra-headers.ts";
import { keyOfInfo } from "./key-info.ts";
import { receiveRefer } from "./refer.ts";
import { appendBody, appendHeaders, appendMedia } from "./request-params.ts";
import { sendKeys, sendText } from "./send-keys.ts";
import { sdpBody, sessionOf } from "./session-body.ts";
import { type DtmfMethod, readMethods } from "./settings.ts";
import { SipMedia } from "./sip-media.ts";
import type { SipService } from "./sip-service.ts";

/** What a SIP channel is made with, beside the way to its phone. */
export interface SipChannelOptions extends Omit<ChannelOptions, "address"> {
  readonly secure?: boolean | undefined;
}

/** A SIP call as a channel of the engine (spec/sip.md §3–§7). */
export class SipChannel extends Channel {
  readonly service: SipService;
  readonly media: SipMedia;
  session!: InviteSession;
  /** Who was authenticated when the call began; in-dialog requests are then too. */
  username: string | undefined;
  /** In-dialog requests are not: `xsip_auth_bye=false` (spec/sip.md §9). */
  authorizes = true;
  /** The credentials were right but too old: the challenge says so. */
  staleNonce = false;
  /** Whether its phone may send its peer elsewhere. */
  transfer: "possible" | "running" | "refused" = "possible";
  dtmfMethods: readonly DtmfMethod[];
  /** `formats` as the caller offered them. */
  toldFormats: string | undefined;
  /** The caller's domain, or the one that the call is made for. */
  domain = "";
  readonly ending: CallEnding = new CallEnding();
  #work: Promise<void> = Promise.resolve();
  #tagged = false;
  /** Of who refused an outgoing call, which makes no dialog. */
  #refusersTag = "";
  /** We have ended the session ourselves; what it tells of its end is known already. */
  #leaving = false;

  /** @param options.secure whether its offers are of SRTP; default: as it is set */
  constructor(service: SipService, flow: SipFlow, options: SipChannelOptions) {
    super(service.driver, { ...options, address: formatAddress(flow.remote) });
    const { settings } = service;
    const listener = service.listenerOf(flow);
    this.service = service;
    this.dtmfMethods = settings.dtmfMethods;
    this.media = new SipMedia({
      channel: this,
      formats: settings.formats,
      localIp: listener?.rtpLocalIp,
      natAddress: listener?.natAddress,
      peerIp: flow.remote.host,
      secure: options.secure ?? settings.secure,
    });
  }

  /** The dialog, as messages name it; the side that has not answered yet has no tag. */
  get callId(): string {
    const { direction, callId, localTag, remoteTag } = this.session;
    const tags =
      direction === "outgoing"
        ? [localTag, remoteTag || this.#refusersTag]
        : [remoteTag, this.#tagged ? localTag : ""];
    return ["sip", callId, ...tags].join("/");
  }

  override complete(params: Params, minimal = false): void {
    super.complete(params, minimal);
    if (minimal || !this.session) return;
    if (this.domain) params.set("domain", this.domain);
    params.set("callid", this.callId);
  }

  /** One thing after the other: what the phone is told keeps the order in which the engine said it. */
  next(work: () => Promise<void> | void): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.service.engine.log.error("a SIP call could not go on", { id: this.id, error });
      this.drop("failure");
    });
  }

  override ringing(message: EngineMessage): boolean {
    if (!super.ringing(message)) return false;
    this.#provisional(180, message);
    return true;
  }

  override progress(message: EngineMessage): boolean {
    if (!super.progress(message)) return false;
    const status = { forwarded: 181, queued: 182 }[message.get("reason") ?? ""] ?? 183;
    this.#provisional(status, message);
    return true;
  }

  #provisional(status: number, message: EngineMessage): void {
    const withMedia = message.flag("earlymedia", this.peer?.audio.source !== undefined);
    const headers = extraHeaders(message);
    this.next(async () => {
      const described = withMedia ? await this.media.describe({ atOnce: true }) : undefined;
      if (this.gone) return;
      this.#tellTags();
      this.ending.note(status, reasonPhrase(status));
      this.session.provisional(status, {
        headers,
        reliable: this.service.settings.reliableProvisional,
        ...(described?.kind === "sdp" ? { body: sdpBody(described.text) } : {}),
      });
      if (described?.kind === "sdp") await this.media.start();
    });
  }

  override answeredBy(message: EngineMessage): boolean {
    if (!super.answeredBy(message)) return false;
    const headers = extraHeaders(message);
    this.next(async () => {
      const described = await this.media.describe();
      if (this.gone) return;
      if (described.kind === "unacceptable") {
        this.answered = false;
        this.refuse(488, undefined, headers);
        return;
      }
      this.#tellTags();
      this.ending.open(true);
      this.ending.note(200, reasonPhrase(200));
      this.session.accept({
        headers,
        ...(described.kind === "sdp" ? { body: sdpBody(described.text) } : {}),
      });
      if (this.service.settings.rtpStartAtOnce) await this.media.start();
    });
    return true;
  }

  /** The call's records are told that its dialog has got its tags (spec/sip.md §4). */
  #tellTags(): void {
    if (this.#tagged) return;
    this.#tagged = true;
    this.driver.engine.kernel.enqueue(this.message("call.update").set("operation", "cdrbuild"));
  }

  override reject(error: string, reason: string | undefined, message: EngineMessage): void {
    const status = errorStatus(error) ?? 500;
    const headers = [...extraHeaders(message)];
    if (status === 401 && error === "noauth")
      headers.push(
        ...this.service.auth.challenges({ stale: this.staleNonce, domain: message.get("domain") }),
      );
    this.ending.status = status;
    this.ending.reason = reason;
    this.#refuse(status, { headers, reason: oneLine(reason) });
    super.reject(error, reason, message);
  }

  /** Routed to another place: the caller is told to go there (spec/sip.md §3). */
  override routed(message: EngineMessage): boolean {
    const callto = message.get("callto") ?? "";
    if (message.flag("redirect", false) && callto.startsWith("sip/")) {
      const wanted = Number(message.get("reason"));
      const status = wanted >= 300 && wanted < 400 ? wanted : 302;
      const uri = callto.slice("sip/".length);
      const name = message.get("calledname");
      const headers: (readonly [string, string])[] = [
        ...extraHeaders(message),
        ["Contact", name ? `${JSON.stringify(name)} <${uri}>` : `<${uri}>`],
      ];
      const diversion = message.get("diversion");
      if (diversion) headers.push(["Diversion", diversion]);
      this.status = "redirected";
      this.ending.status = status;
      this.ending.reason = "Redirected";
      this.#refuse(status, { headers });
      this.end();
      return false;
    }
    // What the caller offers is told there; only what a handler made of it restricts.
    if (message.get("formats") !== this.toldFormats) this.media.restrict(message.get("formats"));
    this.dtmfMethods = readMethods(message.get("idtmfmethods")) ?? this.dtmfMethods;
    this.authorizes = message.flag("xsip_auth_bye", true);
    if (!message.flag("ienable_refer", true)) this.transfer = "refused";
    if (message.flag("progress", this.service.settings.progress)) {
      const headers = extraHeaders(message);
      this.next(() => this.session.provisional(183, { headers }));
    }
    return true;
  }

  override drop(reason: string | undefined, cause?: Params): void {
    this.status = reason || "dropped";
    // A text that is no error's name is for the messages only (spec/sip.md §5).
    if (reason && errorStatus(reason) !== undefined) this.ending.because(reason);
    this.end({ reason: reason || undefined, params: cause });
  }

  /** Refuses a call for the phone's sake, after the engine had taken it. */
  refuse(status: number, reason: string | undefined, headers: MessageExtras["headers"] = []): void {
    const phrase = reason ?? reasonPhrase(status);
    this.status = "rejected";
    this.ending.status = status;
    this.ending.reason = phrase;
    this.#refuse(status, { reason: oneLine(reason), headers });
    this.end({ reason: statusError(status, phrase) });
  }

  #refuse(status: number, extras: MessageExtras): void {
    this.#leaving = true;
    this.session.reject(status, extras);
  }

  protected override disconnected(cause: DisconnectCause): void {
    if (cause.reason) this.ending.because(cause.reason);
    this.ending.forget();
    super.disconnected(cause);
  }

  protected override connected(reason: string | undefined): void {
    // What a former peer left behind does not matter any more.
    this.ending.open(this.status === "answered");
    super.connected(reason);
  }

  protected override destroyed(): void {
    this.driver.forget(this);
    this.#over();
    this.#endSession();
  }

  /** Tells the phone. Whoever dropped the call, or the peer who left, gave the reason. */
  #endSession(): void {
    const { session, ending } = this;
    if (!session || session.state === "ended") return;
    const headers: (readonly [string, string])[] = [];
    const confirmed = session.state === "confirmed";
    if (session.direction === "outgoing" && !confirmed) {
      if (this.status === "pickup" || ending.reason === "pickup")
        headers.push(["Reason", 'SIP;cause=200;text="Call completed elsewhere"']);
    } else if (confirmed) headers.push(...ending.header);
    if (confirmed && ending.stats) headers.push(["P-RTP-Stat", ending.stats]);
    this.#leaving = true;
    const status = ending.status >= 300 ? ending.status : 487;
    session.end({ headers, status, reason: oneLine(ending.reason) });
  }

  /** `chan.hangup`, with the protocol's cause (spec/sip.md §5). Once. */
  #over(): void {
    this.ending.stats = this.media?.terminate();
    this.hangup(this.ending.params, this.ending.reason);
  }

  /** The session has ended by itself; the engine's side follows. */
  sessionEnded(end: SessionEnd): void {
    if (this.gone || this.#leaving) return;
    const answered = this.session.state === "confirmed" || this.status === "answered";
    this.ending.stats = this.media.terminate();
    if (end.response) this.#refusersTag = tagOf(end.response.headers, "to");
    const reason = this.ending.take(end, answered);
    for (const [name, value] of this.endParams(end)) this.ending.params.append(name, value);
    if (end.kind === "cancelled") {
      this.end({ reason });
      return;
    }
    this.#over();
    this.end({ reason, params: this.ending.params });
  }

  /** More that the end of the call tells: where a redirection leads. */
  protected endParams(_end: SessionEnd): Iterable<readonly [string, string]> {
    return [];
  }

  /** The ACK of our 200. */
  acknowledged(ack: SipRequest): void {
    this.ending.note(200, undefined);
    this.next(async () => {
      const answer = sessionOf(ack);
      if (answer && !this.media.known) this.media.receiveAnswer(answer);
      if (!this.media.started) await this.media.start();
    });
  }

  /** A re-INVITE or UPDATE (spec/sip.md §4). */
  async receiveOffer(request: SipRequest): Promise<OfferAnswer> {
    const offer = sessionOf(request);
    if (!offer) {
      const { current } = this.media;
      return {
        status: 200,
        ...(current.kind === "sdp" && request.method === "INVITE" ? { body: sdpBody(current.text) } : {}),
      };
    }
    const { answer, mute, stats } = await this.media.reoffer(offer);
    this.ending.stats = stats;
    if (answer.kind !== "sdp") return { status: 488 };
    this.next(async () => {
      if (this.gone) return;
      await this.media.start();
      const message = this.message("call.update");
      message
        .set("operation", "notify")
        .set("mandatory", false)
        .set("address_changed", false)
        .set("contact_changed", false)
        .set("audio_changed", false)
        .set("mute", mute);
      appendMedia(message.params, offer, "reoffer", this.service.settings.formats);
      this.driver.engine.kernel.enqueue(message);
    });
    return { status: 200, body: sdpBody(answer.text) };
  }

  /** INFO, REFER, MESSAGE and other requests of the dialog. */
  receiveRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case "INFO":
        this.#receiveInfo(transaction);
        return;
      case "REFER":
        receiveRefer(this, transaction);
        return;
      case "NOTIFY":
        this.service.agent.respond(transaction, 200);
        return;
      case "MESSAGE":
        if (!this.service.settings.messages.enabled) break;
        this.service.agent.respond(transaction, 200);
        this.#receiveText(request);
        return;
    }
    this.service.generic.receive(transaction, this);
  }

  #receiveInfo(transaction: ServerTransaction): void {
    const { request } = transaction;
    const key = keyOfInfo(request);
    if (key === undefined) {
      this.service.generic.receive(transaction, this);
      return;
    }
    this.service.agent.respond(transaction, 200);
    const message = this.message("chan.dtmf");
    appendHeaders(message.params, request.headers);
    message.set("text", key).set("detected", "sip-info");
    const { duplicate } = this.masquerade(message);
    if (!duplicate) this.driver.engine.kernel.enqueue(message);
  }

  #receiveText(request: SipRequest): void {
    const message = this.message("chan.text");
    appendHeaders(message.params, request.headers);
    appendBody(message.params, request);
    message.set("text", new TextDecoder().decode(request.body));
    this.driver.engine.kernel.enqueue(message);
  }

  /** Keys and texts for the phone; false leaves a key to the RTP session (spec/sip.md §7). */
  receive(message: EngineMessage): boolean {
    return message.name === "chan.text" ? sendText(this, message) : sendKeys(this, message);
  }
}

function oneLine(text: string | undefined): string | undefined {
  return text?.replace(/[\r\n]+/g, " ");
}
