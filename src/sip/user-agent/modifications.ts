import type { Timer } from "../../base/index.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ClientTransaction } from "../transaction.ts";
import type { ReinviteExtras, SipBody } from "../user-agent.ts";
import { madeUp, type Pair, randomBelow } from "./core.ts";
import type { Dialog } from "./dialog.ts";
import { judge, sendInDialog } from "./in-dialog-request.ts";
import { acknowledge, progress, repeatAck } from "./invite-responses.ts";
import { Retry } from "./retry.ts";
import type { Session } from "./session.ts";

/** So often is a 491 tried again. */
const maxGlares = 10;

interface Change {
  readonly method: "INVITE" | "UPDATE";
  readonly extras: ReinviteExtras;
  readonly resolve: (response: SipResponse) => void;
  glares: number;
}

/** Our re-INVITEs and UPDATEs with an offer: one after the other, and none while the peer's is under way. */
export class Modifications {
  readonly #session: Session;
  readonly #queue: Change[] = [];
  #current: Change | undefined;
  #transaction: ClientTransaction | undefined;
  #glare: Timer | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** A re-INVITE of ours has no final response yet. */
  get inviting(): boolean {
    return this.#current?.method === "INVITE";
  }

  /** Something is under way or waits. */
  get busy(): boolean {
    return this.#current !== undefined || this.#queue.length > 0;
  }

  add(method: "INVITE" | "UPDATE", extras: ReinviteExtras): Promise<SipResponse> {
    const session = this.#session;
    if (session.state === "ended") return Promise.resolve(madeUp(session.invite, 481));
    return new Promise((resolve) => {
      this.#queue.push({ method, extras, resolve, glares: 0 });
      this.pump();
    });
  }

  /** Starts the next one, if nothing is in its way. */
  pump(): void {
    const next = this.#queue[0];
    const { dialog } = this.#session;
    if (!next || !dialog || this.#current || this.#glare || !this.#session.idle(next.method)) return;
    this.#queue.shift();
    this.#current = next;
    if (next.extras.body) this.#session.offer = "ours";
    if (next.method === "INVITE") this.#invite(next, dialog);
    else
      sendInDialog(this.#session, "UPDATE", next.extras, (response) => {
        if (this.#current === next) this.#settle(next, response);
      });
  }

  /** The session is over: what has no response yet gets a made-up one. */
  close(): void {
    const { invite } = this.#session;
    this.#glare?.cancel();
    this.#glare = undefined;
    // Its end may never come otherwise, should only a provisional response have come.
    this.#transaction?.cancel();
    const open = [...(this.#current ? [this.#current] : []), ...this.#queue.splice(0)];
    this.#current = undefined;
    for (const change of open) change.resolve(madeUp(invite, 481));
  }

  #invite(change: Change, dialog: Dialog): void {
    const session = this.#session;
    const { core } = session;
    const { extras } = change;
    const retry = new Retry(core, session.credentials, session.timer);
    dialog.rseq = undefined;
    const attempt = (request: SipRequest): void => {
      let ack: SipRequest | undefined;
      this.#transaction = core.layer.send(request, dialog.flow, {
        onResponse: (response) => {
          if (response.status < 200) {
            if (this.#current === change) progress(session, dialog, request, response);
          } else if (response.status < 300) {
            if (ack) repeatAck(session, ack, dialog);
            else ack = this.#accepted(change, dialog, request, response);
          } else if (this.#current === change) {
            const again = retry.next(request, response, () => ++dialog.localCSeq);
            if (again) attempt(again);
            else this.#settle(change, response);
          }
        },
        onTimeout: () => this.#settle(change, madeUp(request, 408)),
        onTransportError: () => this.#settle(change, madeUp(request, 503)),
      });
    };
    const timing: readonly Pair[] = session.timer.requestHeaders();
    const headers = [core.requestHeaders, core.supportedHeaders, timing, [...(extras.headers ?? [])]];
    attempt(dialog.request("INVITE", headers, extras.body));
  }

  /** The first 2xx to our re-INVITE; after the end of the session too (RFC 5407 §3.2.3). */
  #accepted(change: Change, dialog: Dialog, request: SipRequest, response: SipResponse): SipRequest {
    const session = this.#session;
    const going = this.#current === change;
    let body: SipBody | undefined;
    if (going) {
      dialog.refreshTarget(response);
      session.noteAllow(response);
      if (!change.extras.body)
        session.tell(() => {
          body = change.extras.answer?.(response);
        });
    }
    const ack = acknowledge(session, dialog, request, body);
    if (going) {
      session.timer.agreed(response);
      const sent = change.extras.body ?? body;
      if (sent) session.lastBody = sent;
      this.#settle(change, response);
    }
    return ack;
  }

  #settle(change: Change, response: SipResponse): void {
    if (this.#current !== change) return;
    const session = this.#session;
    this.#current = undefined;
    this.#transaction = undefined;
    if (change.extras.body) session.offer = undefined;
    if (response.status === 491 && ++change.glares <= maxGlares) {
      this.#queue.unshift(change);
      this.#glare = session.core.clock.after(this.#glareMs(), () => {
        this.#glare = undefined;
        this.pump();
      });
      return;
    }
    change.resolve(response);
    if (change.method === "INVITE") judge(session, "INVITE", response);
    this.pump();
  }

  /** RFC 3261 §14.1: who made the Call-ID waits longer; in units of 10 ms. */
  #glareMs(): number {
    const { core, direction } = this.#session;
    return direction === "outgoing" ? 2100 + 10 * randomBelow(core, 191) : 10 * randomBelow(core, 201);
  }
}
