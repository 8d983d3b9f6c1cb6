import type { Timer } from "../../base/index.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ServerTransaction } from "../transaction.ts";
import { parseUri } from "../uri.ts";
import type { MessageExtras } from "../user-agent.ts";
import type { InviteMark } from "./checks.ts";
import { answer, type Core, hasSdp, type Pair } from "./core.ts";
import { Dialog } from "./dialog.ts";
import { askUser } from "./offers.ts";
import { ReliableProvisionals } from "./reliable-provisionals.ts";
import { cseqOf } from "./retry.ts";
import { Session } from "./session.ts";
import { names } from "./session-timer.ts";

const ringAgainMs = 60_000;

/** A call that came (RFC 3261 §13.3). */
export class IncomingSession extends Session {
  readonly #transaction: ServerTransaction;
  readonly #dialog: Dialog;
  readonly #peerDoes100rel: boolean;
  readonly #peerWants100rel: boolean;
  #reliable: ReliableProvisionals | undefined;
  /** An answer to the INVITE's offer, or our offer when it had none, has gone out in a reliable response. */
  #negotiated = false;
  #ringing: Timer | undefined;
  #expiry: Timer | undefined;
  /** A 200 that waits for a PRACK. */
  #accepting: MessageExtras | undefined;

  readonly #mark: InviteMark;

  constructor(core: Core, transaction: ServerTransaction, mark: InviteMark) {
    const { request, flow } = transaction;
    super(core, {
      direction: "incoming",
      invite: request,
      localTag: core.random(),
      flow,
      sessionExpires: core.sessionExpires,
      credentials: undefined,
    });
    this.#transaction = transaction;
    this.#mark = mark;
    const contact = core.contact(flow, parseUri(request.uri)?.user);
    this.#dialog = Dialog.ofIncoming(request, this.localTag, flow, contact);
    this.dialog = this.#dialog;
    this.serving = transaction;
    if (hasSdp(request)) this.offer = "theirs";
    const able = core.supported.has("100rel");
    this.#peerWants100rel = able && names(request, "require", "100rel");
    this.#peerDoes100rel = able && (this.#peerWants100rel || names(request, "supported", "100rel"));
    // RFC 3261 §13.3.1: after that time nobody wants an answer any more.
    const expires = /^[1-9]\d{0,5}$/.exec(request.headers.get("expires") ?? "")?.[0];
    if (expires !== undefined)
      this.#expiry = core.clock.after(Number(expires) * 1000, () =>
        this.fail({ kind: "timeout", detail: "invitation expired" }),
      );
    core.cancellable.set(transaction, (cancel) => this.#cancelled(cancel));
  }

  /** Somebody has answered the INVITE in its transaction, past this session. */
  answeredElsewhere(): void {
    if (this.state !== "early" || !this.#transaction.completed) return;
    this.finish({ kind: "rejected" }, () => this.#answered(this.#transaction.response?.status ?? 487));
  }

  provisional(status: number, extras?: MessageExtras & { readonly reliable?: boolean }): void {
    if (this.state !== "early" || this.#accepting || status <= 100 || status >= 200) return;
    const offers = extras?.body !== undefined;
    if (offers) this.lastBody = extras?.body;
    if (!this.#peerWants100rel && !(extras?.reliable && this.#peerDoes100rel)) {
      const response = this.respond(this.#transaction, status, extras);
      this.#transaction.respond(response);
      this.#keepRinging(response);
      return;
    }
    this.#ringing?.cancel();
    this.#reliable ??= new ReliableProvisionals(this.core, this.#transaction, () => this.#unacknowledged());
    this.#reliable.send(offers, (rseq) => {
      const headers: Pair[] = [
        ["Require", "100rel"],
        ["RSeq", String(rseq)],
      ];
      return this.respond(this.#transaction, status, extras, headers);
    });
    if (!offers || this.#negotiated) return;
    this.#negotiated = true;
    this.offer = hasSdp(this.invite) ? undefined : "ours";
  }

  accept(extras?: MessageExtras): void {
    if (this.state !== "early" || this.#accepting) return;
    // RFC 3262 §5: SDP in a reliable response is acknowledged first.
    if (this.#reliable?.offering) {
      this.#accepting = extras ?? {};
      return;
    }
    this.#reliable?.stop();
    this.state = "confirmed";
    this.#answered(200);
    if (extras?.body) this.lastBody = extras.body;
    const headers: Pair[] = [...this.core.supportedHeaders, ...this.timer.accept(this.invite)];
    const response = this.respond(this.#transaction, 200, extras, headers);
    this.offer = !hasSdp(this.invite) && !this.#negotiated && extras?.body ? "ours" : undefined;
    this.sendSuccess(this.#transaction, response, (ack) => {
      this.offer = undefined;
      if (!this.tell((handlers) => handlers.onAck?.(ack))) this.end();
    });
  }

  reject(status: number, extras?: MessageExtras): void {
    if (this.state !== "early") return;
    this.finish({ kind: "rejected" }, () => this.#refuse(Math.max(status, 300), extras));
  }

  protected abort(extras: MessageExtras & { readonly status?: number }): void {
    this.#refuse(Math.max(extras.status ?? 487, 300), extras);
  }

  dialogWith(remoteTag: string): Dialog | undefined {
    return remoteTag === this.#dialog.remoteTag ? this.#dialog : undefined;
  }

  protected prack(transaction: ServerTransaction): void {
    const { request } = transaction;
    const waited = this.state === "early" && this.offer;
    if (!this.#reliable?.acknowledge(request.headers.get("rack"), cseqOf(this.invite))) {
      answer(this.core, transaction, 481);
      return;
    }
    const done = (response: SipResponse): void => {
      transaction.respond(response);
      this.modifications.pump();
      const accepting = this.#accepting;
      if (!accepting || this.#reliable?.offering) return;
      this.#accepting = undefined;
      this.accept(accepting);
    };
    const plain = (): SipResponse => this.respond(transaction, 200, undefined);
    if (!hasSdp(request) || this.state !== "early") {
      done(plain());
      return;
    }
    if (waited === "ours") {
      this.offer = undefined;
      this.tell((handlers) => handlers.onAnswer?.(request));
      done(plain());
      return;
    }
    // RFC 3262 §5: an offer in the PRACK is answered in its 2xx.
    this.offer = "theirs";
    askUser(this, request, (result) => {
      if (this.offer === "theirs") this.offer = undefined;
      if (result.status < 300 && result.body) this.lastBody = result.body;
      done(this.respond(transaction, result.status, result));
    });
  }

  #cancelled(cancel: SipRequest): void {
    this.whenBegun(() => {
      if (this.state !== "early") return;
      this.finish({ kind: "cancelled", request: cancel }, () => this.#refuse(487));
    });
  }

  /** A proxy gives an INVITE up that it hears nothing of for three minutes: it hears something every minute (RFC 3261 §13.3.1.1). */
  #keepRinging(response: SipResponse): void {
    this.#ringing?.cancel();
    this.#ringing = this.core.clock.after(ringAgainMs, () => {
      this.#transaction.respond(response);
      this.#keepRinging(response);
    });
  }

  #unacknowledged(): void {
    // RFC 3262 §3.
    if (this.state === "early") this.finish({ kind: "timeout", detail: "no PRACK" }, () => this.#refuse(504));
  }

  #refuse(status: number, extras?: MessageExtras): void {
    this.#answered(status);
    if (!this.#transaction.completed)
      this.#transaction.respond(this.respond(this.#transaction, status, extras));
  }

  protected override forgetInvite(): void {
    if (this.state === "early") this.#answered(487);
  }

  #answered(status: number): void {
    this.#mark.answered(status);
    this.#ringing?.cancel();
    this.#expiry?.cancel();
    this.#reliable?.stop();
    this.#accepting = undefined;
    this.serving = undefined;
    this.core.cancellable.delete(this.#transaction);
  }
}
