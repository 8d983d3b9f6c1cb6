import { createRequest } from "../create-message.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ClientTransaction, ServerTransaction } from "../transaction.ts";
import type { MessageExtras, OutgoingInvite, SipBody } from "../user-agent.ts";
import { answer, type Core, type Pair } from "./core.ts";
import { Dialog } from "./dialog.ts";
import { sendInDialog } from "./in-dialog-request.ts";
import { acknowledge, progress, repeatAck } from "./invite-responses.ts";
import { cseqOf, Retry } from "./retry.ts";
import { Session } from "./session.ts";

/** So many branches of a fork are followed. */
const maxBranches = 50;

/** A call that we make (RFC 3261 §13.2). */
export class OutgoingSession extends Session {
  readonly #contact: string;
  readonly #callFlow: SipFlow;
  readonly #retry: Retry;
  /** By To tag: a fork makes several. */
  readonly #dialogs = new Map<string, Dialog>();
  /** The ACKs of their 2xx. */
  readonly #acks = new Map<string, SipRequest>();
  readonly #body: SipBody | undefined;
  #transaction: ClientTransaction | undefined;
  #cseq = 1;

  constructor(core: Core, invite: OutgoingInvite) {
    const localTag = core.random();
    super(core, {
      direction: "outgoing",
      invite: inviteRequest(core, invite, localTag),
      localTag,
      flow: invite.flow,
      sessionExpires: invite.sessionExpires ?? core.sessionExpires,
      credentials: invite.credentials,
    });
    this.#contact = invite.contact;
    this.#callFlow = invite.flow;
    this.#body = invite.body;
    this.lastBody = invite.body;
    this.#retry = new Retry(core, invite.credentials, this.timer);
    for (const [name, value] of this.timer.requestHeaders()) this.invite.headers.add(name, value);
    if (invite.body) this.offer = "ours";
  }

  /** Sends the INVITE. */
  start(): void {
    this.pending();
    this.#send(this.invite);
  }

  provisional(): void {}
  accept(): void {}
  reject(): void {}

  protected abort(extras: MessageExtras): void {
    this.#transaction?.cancel(extras.headers);
  }

  dialogWith(remoteTag: string): Dialog | undefined {
    return this.#dialogs.get(remoteTag);
  }

  override repeatAckOf(remoteTag: string, cseq: number): void {
    const ack = this.#acks.get(remoteTag);
    const dialog = this.#dialogs.get(remoteTag);
    if (ack && dialog && cseqOf(ack) === cseq) repeatAck(this, ack, dialog);
  }

  protected prack(transaction: ServerTransaction): void {
    answer(this.core, transaction, 481);
  }

  #send(request: SipRequest): void {
    let over = false;
    const finished = (): void => {
      if (!over) this.done();
      over = true;
    };
    this.#transaction = this.core.layer.send(request, this.#callFlow, {
      onResponse: (response) =>
        this.whenBegun(() => {
          if (response.status < 200) this.#provisional(request, response);
          else if (response.status < 300) {
            this.#success(request, response);
            finished();
          } else if (!over) {
            over = true;
            this.#failed(request, response);
          }
        }),
      onTimeout: () =>
        this.whenBegun(() => {
          this.finish({ kind: "timeout", detail: "no answer" });
          finished();
        }),
      onTransportError: (error) =>
        this.whenBegun(() => {
          this.finish({ kind: "transport", detail: error.message });
          finished();
        }),
    });
  }

  #provisional(request: SipRequest, response: SipResponse): void {
    if (response.status === 100 || this.state !== "early") return;
    this.noteAllow(response);
    const tag = tagOf(response.headers, "to");
    if (tag && !this.#dialogs.has(tag) && this.#dialogs.size >= maxBranches) return;
    if (tag) {
      const dialog = this.#dialogOf(request, response);
      if (!progress(this, dialog, request, response)) return;
      this.modifications.pump();
    }
    this.tell((handlers) => handlers.onProvisional?.(response));
  }

  /** RFC 3261 §13.2.2.4. */
  #success(request: SipRequest, response: SipResponse): void {
    const tag = tagOf(response.headers, "to");
    const known = this.#acks.get(tag);
    if (!known && this.#acks.size >= maxBranches) return;
    const dialog = this.#dialogOf(request, response);
    if (known) {
      repeatAck(this, known, dialog);
      return;
    }
    if (this.state !== "early") {
      // Of another branch, or too late for a CANCEL.
      this.#acks.set(tag, acknowledge(this, dialog, request, undefined));
      sendInDialog(this, "BYE", {}, () => {}, dialog);
      return;
    }
    this.state = "confirmed";
    this.dialog = dialog;
    this.offer = undefined;
    this.noteAllow(response);
    let body: SipBody | undefined;
    const taken = this.tell((handlers) => {
      body = handlers.onAccepted?.(response);
    });
    const answers = this.#body ? undefined : body;
    if (answers) this.lastBody = answers;
    this.#acks.set(tag, acknowledge(this, dialog, request, answers));
    // Somebody may have ended it in the handler.
    if (!this.#live()) return;
    this.timer.agreed(response);
    if (!taken) this.end();
    else this.modifications.pump();
  }

  #live(): boolean {
    return this.core.live.has(this);
  }

  #failed(request: SipRequest, response: SipResponse): void {
    const again =
      this.state === "early" ? this.#retry.next(request, response, () => ++this.#cseq) : undefined;
    if (again) {
      this.#dialogs.clear();
      this.dialog = undefined;
      this.#send(again);
      return;
    }
    this.finish({ kind: "rejected", response });
    this.done();
  }

  /** The dialog of a response's To tag, made by it or made before; its 2xx has the last word on the route (§13.2.2.4). */
  #dialogOf(request: SipRequest, response: SipResponse): Dialog {
    const tag = tagOf(response.headers, "to");
    let dialog = this.#dialogs.get(tag);
    if (!dialog) {
      dialog = Dialog.ofOutgoing(request, response, this.#callFlow, this.#contact);
      this.#dialogs.set(tag, dialog);
      this.dialog ??= dialog;
    } else if (response.status >= 200 && !this.#acks.has(tag)) dialog.confirm(response);
    else dialog.refreshTarget(response);
    return dialog;
  }
}

function inviteRequest(core: Core, invite: OutgoingInvite, localTag: string): SipRequest {
  const headers: Pair[] = [];
  for (const route of invite.route ?? []) headers.push(["Route", route]);
  headers.push(
    ["Max-Forwards", String(invite.maxForwards ?? 70)],
    ["From", `${invite.from};tag=${localTag}`],
    ["To", invite.to],
    ["Call-ID", invite.callId ?? core.random()],
    ["CSeq", "1 INVITE"],
    ["Contact", invite.contact],
    ...core.requestHeaders,
  );
  const left = new Set(core.supported);
  if (invite.reliable === false) left.delete("100rel");
  if ((invite.sessionExpires ?? core.sessionExpires) === 0) left.delete("timer");
  if (left.size > 0) headers.push(["Supported", [...left].join(", ")]);
  for (const pair of invite.headers ?? []) headers.push(pair);
  return createRequest({ method: "INVITE", uri: invite.uri, headers, body: invite.body });
}
