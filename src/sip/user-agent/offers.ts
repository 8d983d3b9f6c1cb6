import type { SipRequest } from "../message.ts";
import type { ServerTransaction } from "../transaction.ts";
import type { OfferAnswer } from "../user-agent.ts";
import { authorized } from "./authorized.ts";
import { answer, hasSdp, isPromise, type Pair, randomBelow } from "./core.ts";
import type { Dialog } from "./dialog.ts";
import type { Session } from "./session.ts";
import { tooShort } from "./session-timer.ts";

/** Serves a re-INVITE or an UPDATE of the peer, or refuses it because something is under way. */
export function serveModification(session: Session, transaction: ServerTransaction, dialog: Dialog): void {
  const { core } = session;
  const { request } = transaction;
  const isInvite = request.method === "INVITE";
  const offers = hasSdp(request);
  const refused = refusal(session, request, offers);
  if (refused) {
    answer(core, transaction, refused.status, refused);
    return;
  }

  if (offers) session.offer = "theirs";
  const over = (): void => {
    if (isInvite) {
      core.cancellable.delete(transaction);
      if (session.serving === transaction) session.serving = undefined;
    } else session.updating = false;
    if (offers) session.offer = undefined;
    if (session.state !== "ended") session.modifications.pump();
  };
  if (isInvite) {
    session.serving = transaction;
    core.cancellable.set(transaction, () => {
      answer(core, transaction, 487);
      over();
    });
  } else session.updating = true;

  const settle = (result: OfferAnswer): void => {
    if (transaction.completed) return;
    if (session.state === "ended" || result.status >= 300 || result.status < 200) {
      if (session.state === "ended") answer(core, transaction, isInvite ? 487 : 481);
      else answer(core, transaction, result.status < 200 ? 500 : result.status, result);
      over();
      return;
    }
    dialog.refreshTarget(request);
    if (result.body) session.lastBody = result.body;
    const headers: Pair[] = [...core.supportedHeaders];
    if (session.state === "confirmed") headers.push(...session.timer.accept(request));
    const response = session.respond(transaction, result.status, result, headers);
    if (!isInvite) {
      transaction.respond(response);
      over();
      return;
    }
    const ourOffer = !offers && result.body !== undefined;
    session.sendSuccess(transaction, response, (ack) => {
      if (!ourOffer) return;
      session.offer = undefined;
      session.tell((handlers) => handlers.onAnswer?.(ack));
    });
    over();
    if (ourOffer) session.offer = "ours";
  };
  const serve = (): void => {
    // cancelled, or ended, while `authorize` was awaited
    if (transaction.completed) return;
    session.move(dialog, transaction.flow);
    if (session.state === "ended") settle({ status: 481 });
    else askUser(session, request, settle);
  };
  authorized(session, transaction, serve, over);
}

/** What stands in the way of serving it. */
function refusal(session: Session, request: SipRequest, offers: boolean): OfferAnswer | undefined {
  if (session.state === "ended") return { status: 481 };
  const clash = request.method === "INVITE" ? inviteClash(session) : updateClash(session, offers);
  if (clash === 491) return { status: 491 };
  if (clash === 500)
    return { status: 500, headers: [["Retry-After", String(randomBelow(session.core, 11))]] };
  return tooShort(session.core, request);
}

/** So many 2xx may wait for their ACKs; a phone that sends yet another re-INVITE does not hear them. */
const maxUnacknowledged = 8;

/** RFC 3261 §14.2, RFC 5407 §3.1.4, §3.1.5, §3.3. */
function inviteClash(session: Session): 491 | 500 | undefined {
  if (session.modifications.inviting || session.offer === "ours") return 491;
  if (session.state === "early") return session.direction === "outgoing" ? 491 : 500;
  const busy = session.serving || session.offer === "theirs" || session.unacknowledged >= maxUnacknowledged;
  return busy ? 500 : undefined;
}

/** RFC 3311 §5.2. */
function updateClash(session: Session, offers: boolean): 491 | 500 | undefined {
  if (offers && session.offer === "ours") return 491;
  return session.updating || (offers && session.offer === "theirs") ? 500 : undefined;
}

/** Asks `onOffer`, whatever way it answers. */
export function askUser(session: Session, request: SipRequest, settle: (result: OfferAnswer) => void): void {
  const { core, handlers } = session;
  if (!handlers?.onOffer) {
    settle({ status: request.method === "INVITE" || hasSdp(request) ? 488 : 200 });
    return;
  }
  const failed = (error: unknown): void => {
    core.log.error("sip: a handler of a session failed", { callId: session.callId, error });
    settle({ status: 500 });
  };
  try {
    const result = handlers.onOffer(request);
    if (isPromise(result)) result.then(settle).catch(failed);
    else settle(result);
  } catch (error) {
    failed(error);
  }
}
