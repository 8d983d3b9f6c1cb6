import { YaytsError } from "../../base/index.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction } from "../transaction.ts";
import { parseUri } from "../uri.ts";
import type {
  Credentials,
  InviteSession,
  MessageExtras,
  ReinviteExtras,
  SessionEnd,
  SessionHandlers,
  SipBody,
} from "../user-agent.ts";
import { authorized } from "./authorized.ts";
import { answer, type Core, makeResponse, type Pair } from "./core.ts";
import { type Dialog, uriOf } from "./dialog.ts";
import { sendInDialog } from "./in-dialog-request.ts";
import { Modifications } from "./modifications.ts";
import { serveModification } from "./offers.ts";
import { cseqOf } from "./retry.ts";
import { names, SessionTimer } from "./session-timer.ts";
import { SuccessRepeater } from "./success-repeater.ts";

/** What a session is made of. */
export interface SessionFields {
  readonly direction: "incoming" | "outgoing";
  readonly invite: SipRequest;
  readonly localTag: string;
  readonly flow: SipFlow;
  readonly sessionExpires: number;
  readonly credentials: Credentials | undefined;
}

/** What incoming and outgoing sessions have in common: all that happens in their dialog. */
export abstract class Session implements InviteSession {
  readonly core: Core;
  readonly direction: "incoming" | "outgoing";
  readonly callId: string;
  readonly localTag: string;
  readonly invite: SipRequest;
  state: "early" | "confirmed" | "ended" = "early";
  /** The confirmed one; before, the first early one. */
  dialog: Dialog | undefined;
  handlers: SessionHandlers | undefined;
  readonly timer: SessionTimer;
  readonly modifications: Modifications;
  readonly credentials: Credentials | undefined;
  /** Whose offer waits for its answer (RFC 3264 §4). */
  offer: "ours" | "theirs" | undefined;
  /** An INVITE of the peer without its final response. */
  serving: ServerTransaction | undefined;
  /** An UPDATE of the peer is being answered. */
  updating = false;
  /** The SDP we sent last, for refreshing the session with. */
  lastBody: SipBody | undefined;
  #peerUpdates: boolean;
  readonly #firstFlow: SipFlow;
  readonly #repeaters: SuccessRepeater[] = [];
  /** What came before the handlers were there. */
  #backlog: (() => void)[] | undefined = [];
  /** A BYE that waits for an ACK. */
  #bye: MessageExtras | undefined;
  #unfinished = 0;

  constructor(core: Core, fields: SessionFields) {
    this.core = core;
    this.direction = fields.direction;
    this.invite = fields.invite;
    this.callId = fields.invite.headers.get("call-id") ?? "";
    this.localTag = fields.localTag;
    this.credentials = fields.credentials;
    this.#firstFlow = fields.flow;
    this.#peerUpdates = fields.direction === "incoming" && names(fields.invite, "allow", "update");
    this.timer = new SessionTimer(core, fields.sessionExpires, {
      refresh: () => this.#refresh(),
      expired: () => this.fail({ kind: "timeout", detail: "session expired" }, "Session Expired"),
    });
    this.modifications = new Modifications(this);
    core.live.add(this);
    core.byTag.set(this.localTag, this);
  }

  get remoteTag(): string {
    return this.dialog?.remoteTag ?? "";
  }
  get localUri(): string {
    return this.dialog?.localUri ?? uriOf(this.invite.headers.get("from"));
  }
  get remoteUri(): string {
    return this.dialog?.remoteUri ?? uriOf(this.invite.headers.get("to"));
  }
  get remoteTarget(): string {
    return this.dialog?.remoteTarget ?? this.invite.uri;
  }
  get flow(): SipFlow {
    return this.dialog?.flow ?? this.#firstFlow;
  }

  /** How many 2xx of ours are repeated for want of their ACK. */
  get unacknowledged(): number {
    return this.#repeaters.length;
  }

  abstract provisional(status: number, extras?: MessageExtras & { readonly reliable?: boolean }): void;
  abstract accept(extras?: MessageExtras): void;
  abstract reject(status: number, extras?: MessageExtras): void;
  /** Ends what is not confirmed yet, on the wire only. */
  protected abstract abort(extras: MessageExtras & { readonly status?: number }): void;
  /** The dialog that a request with that From tag belongs to. */
  abstract dialogWith(remoteTag: string): Dialog | undefined;
  /** A PRACK has come. */
  protected abstract prack(transaction: ServerTransaction): void;

  // ---- handlers

  /** From here on the handlers are there; what came before is told now. */
  begin(handlers: SessionHandlers | undefined): void {
    this.handlers = handlers;
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const fn of backlog) fn();
  }

  /** Runs `fn`, at once or when the handlers are there. */
  whenBegun(fn: () => void): void {
    if (this.#backlog) this.#backlog.push(fn);
    else fn();
  }

  /** Calls handlers; what they throw is reported. False when they did. */
  tell(call: (handlers: SessionHandlers) => void): boolean {
    if (!this.handlers) return true;
    try {
      call(this.handlers);
      return true;
    } catch (error) {
      this.core.log.error("sip: a handler of a session failed", { callId: this.callId, error });
      return false;
    }
  }

  // ---- requests of the peer

  /** A request with our tag has come. */
  receive(transaction: ServerTransaction): void {
    this.whenBegun(() => {
      const { request } = transaction;
      const dialog = this.dialogWith(tagOf(request.headers, "from"));
      if (!dialog || request.headers.get("call-id") !== this.callId)
        return answer(this.core, transaction, 481);
      const cseq = cseqOf(request);
      // RFC 3261 §12.2.2.
      if (dialog.remoteCSeq !== undefined && cseq < dialog.remoteCSeq)
        return answer(this.core, transaction, 500, { reason: "CSeq Out Of Order" });
      dialog.remoteCSeq = cseq;
      this.noteAllow(request);
      this.#serve(transaction, dialog);
    });
  }

  /**
   * The peer has come another way (a NAT binding, a connection anew): our requests go there from now on. Whoever knows the call's tags
   * could say so; where the handlers authorize requests, only one that they have let pass does.
   */
  move(dialog: Dialog, flow: SipFlow): void {
    if (dialog.flow === flow) return;
    dialog.flow = flow;
    if (this.direction === "incoming")
      dialog.contact = this.core.contact(flow, parseUri(uriOf(dialog.contact))?.user);
  }

  #serve(transaction: ServerTransaction, dialog: Dialog): void {
    const { method } = transaction.request;
    switch (method) {
      case "BYE":
        authorized(this, transaction, () => this.#byeCame(transaction));
        return;
      case "PRACK":
        if (!this.handlers?.authorize || dialog.flow.closed) this.move(dialog, transaction.flow);
        this.prack(transaction);
        return;
      case "INVITE":
      case "UPDATE":
        serveModification(this, transaction, dialog);
        return;
      case "INFO":
      case "REFER":
        authorized(this, transaction, () => {
          this.move(dialog, transaction.flow);
          this.#other(transaction);
        });
        return;
      default:
        if (!this.handlers?.authorize || dialog.flow.closed) this.move(dialog, transaction.flow);
        this.#other(transaction);
        return;
    }
  }

  #byeCame(transaction: ServerTransaction): void {
    answer(this.core, transaction, 200);
    for (const repeater of this.#repeaters.splice(0)) repeater.stop();
    if (this.state === "ended") {
      // RFC 5407 §3.2.1: both end it; a BYE that still waits for an ACK need not be sent any more.
      const waiting = this.#bye;
      this.#bye = undefined;
      if (waiting) this.done();
      return;
    }
    const early = this.state === "early";
    this.finish({ kind: "bye", request: transaction.request }, () => {
      if (early) this.abort({ status: 487 });
    });
  }

  #other(transaction: ServerTransaction): void {
    if (this.state === "ended") {
      answer(this.core, transaction, 481);
      return;
    }
    if (!this.handlers?.onRequest) {
      answer(this.core, transaction, transaction.request.method === "OPTIONS" ? 200 : 501);
      return;
    }
    if (!this.tell((handlers) => handlers.onRequest?.(transaction))) answer(this.core, transaction, 500);
  }

  /** An ACK of a 2xx has come. */
  receiveAck(ack: SipRequest, flow: SipFlow): void {
    this.whenBegun(() => {
      const cseq = cseqOf(ack);
      const at = this.#repeaters.findIndex((repeater) => repeater.cseq === cseq);
      const dialog = this.dialogWith(tagOf(ack.headers, "from"));
      if (at < 0 || !dialog) return;
      this.move(dialog, flow);
      this.#repeaters.splice(at, 1)[0]?.acknowledge(ack);
      this.#byeIfAcknowledged();
    });
  }

  /** A response to an INVITE of the peer could not be sent, or was not acknowledged. */
  responseFailed(transaction: ServerTransaction, error: Error | undefined): void {
    if (!error || this.state === "ended") return;
    const waiting = this.#repeaters.some((repeater) => repeater.transaction === transaction);
    if (transaction !== this.serving && !waiting) return;
    for (const repeater of this.#repeaters.splice(0)) repeater.stop();
    this.fail({ kind: "transport", detail: error.message });
  }

  /** A response to a request of this dialog, with Allow, Server, Contact and what we support. */
  respond(
    transaction: ServerTransaction,
    status: number,
    extras: MessageExtras | undefined,
    more: readonly Pair[] = [],
  ): SipResponse {
    const contact: Pair[] =
      this.dialog && status < 300 ? [["Contact", this.dialog.contact], ...more] : [...more];
    return makeResponse(this.core, transaction.request, status, extras, contact, this.localTag);
  }

  /** Sends a 2xx to an INVITE until its ACK comes. */
  sendSuccess(transaction: ServerTransaction, response: SipResponse, onAck: (ack: SipRequest) => void): void {
    const repeater = new SuccessRepeater(this.core, transaction, response, cseqOf(transaction.request), {
      acknowledged: (ack) => {
        if (this.state === "ended") return;
        onAck(ack);
        this.modifications.pump();
      },
      timedOut: () => {
        const at = this.#repeaters.indexOf(repeater);
        if (at >= 0) this.#repeaters.splice(at, 1);
        if (this.state === "ended") this.#byeIfAcknowledged();
        else this.fail({ kind: "timeout", detail: "no ACK" }, "Request Timeout", 408);
      },
    });
    this.#repeaters.push(repeater);
    repeater.start();
  }

  // ---- requests of ours

  reinvite(extras: ReinviteExtras): Promise<SipResponse> {
    return this.modifications.add("INVITE", extras);
  }

  request(method: string, extras: MessageExtras = {}): Promise<SipResponse> {
    if (["INVITE", "ACK", "CANCEL", "BYE", "PRACK"].includes(method))
      return Promise.reject(
        new YaytsError("bad-argument", `${method} is not sent with request; there is reinvite, and end`),
      );
    if (method === "UPDATE" && extras.body) return this.modifications.add(method, extras);
    return new Promise((resolve) => sendInDialog(this, method, extras, resolve));
  }

  /** A 2xx to our INVITE has come again after the end of its transaction. */
  repeatAckOf(_remoteTag: string, _cseq: number): void {}

  /** Whether the peer takes UPDATE. */
  noteAllow(message: SipRequest | SipResponse): void {
    if (message.headers.has("allow")) this.#peerUpdates = names(message, "allow", "update");
  }

  /** Nothing of the offer/answer exchange or of an INVITE is in the way (RFC 3261 §14.1, RFC 3311 §5.1). */
  idle(method: "INVITE" | "UPDATE"): boolean {
    if (!this.dialog || this.offer || this.updating || this.state === "ended") return false;
    if (this.state === "early") return method === "UPDATE";
    return !this.serving && this.#repeaters.length === 0;
  }

  #refresh(): void {
    const done = (response: SipResponse): void => {
      if (response.status === 405 || response.status === 501) this.#peerUpdates = false;
    };
    if (this.#peerUpdates || !this.lastBody) sendInDialog(this, "UPDATE", {}, done);
    else if (!this.modifications.busy) void this.modifications.add("INVITE", { body: this.lastBody });
  }

  // ---- the end

  end(extras: MessageExtras & { readonly status?: number } = {}): void {
    if (this.state === "ended") return;
    const confirmed = this.state === "confirmed";
    this.finish({ kind: "local" }, () => (confirmed ? this.bye(extras) : this.abort(extras)));
  }

  /** Ends it for a reason that the peer is told. */
  fail(end: SessionEnd, text?: string, cause?: number): void {
    if (this.state === "ended") return;
    const confirmed = this.state === "confirmed";
    const reason = text === undefined ? undefined : `SIP;cause=${cause ?? 408};text="${text}"`;
    const extras: MessageExtras = reason === undefined ? {} : { headers: [["Reason", reason]] };
    this.finish(end, () => (confirmed ? this.bye(extras) : this.abort(extras)));
  }

  /** Sends BYE: now, or when our 2xx has been acknowledged (RFC 3261 §15). */
  protected bye(extras: MessageExtras): void {
    this.#bye = extras;
    this.#unfinished++;
    this.#byeIfAcknowledged();
  }

  #byeIfAcknowledged(): void {
    const extras = this.#bye;
    if (!extras || this.#repeaters.length > 0) return;
    this.#bye = undefined;
    sendInDialog(this, "BYE", extras, () => this.done());
  }

  /** Something has to be waited for before this session can be forgotten; as many calls of `done` are due. */
  protected pending(): void {
    this.#unfinished++;
  }

  protected done(): void {
    this.#unfinished--;
    this.#forget();
  }

  /** It is over: the one place where `onEnd` is called. */
  finish(end: SessionEnd, onWire?: () => void): void {
    if (this.state === "ended") return;
    this.state = "ended";
    this.core.live.delete(this);
    this.timer.close();
    onWire?.();
    const { serving } = this;
    // RFC 3261 §15.1.2: what is pending is answered.
    if (serving && !serving.completed) serving.respond(this.respond(serving, 487, undefined));
    if (serving) this.core.cancellable.delete(serving);
    this.serving = undefined;
    this.modifications.close();
    this.#forget();
    this.whenBegun(() => this.tell((handlers) => handlers.onEnd(end)));
  }

  /** The user agent is closed: nothing is sent any more. */
  drop(): void {
    for (const repeater of this.#repeaters.splice(0)) repeater.stop();
    this.#bye = undefined;
    this.#unfinished = 0;
    this.forgetInvite();
    this.finish({ kind: "local" });
    this.#forget();
  }

  /** Timers of an INVITE that has no final response. */
  protected forgetInvite(): void {}

  #forget(): void {
    if (this.state !== "ended" || this.#unfinished > 0 || !this.core.byTag.delete(this.localTag)) return;
    if (this.direction === "outgoing") this.core.invited.set(this.localTag, this.callId);
  }
}
