import type { SipRequest, SipResponse } from "../message.ts";
import type { SipBody } from "../user-agent.ts";
import { hasSdp, type Pair } from "./core.ts";
import type { Dialog } from "./dialog.ts";
import { sendInDialog } from "./in-dialog-request.ts";
import { cseqOf } from "./retry.ts";
import type { Session } from "./session.ts";
import { names } from "./session-timer.ts";

/** Acknowledges a 2xx to an INVITE of ours, with the INVITE's credentials (RFC 3261 §13.2.2.4). */
export function acknowledge(
  session: Session,
  dialog: Dialog,
  invite: SipRequest,
  body: SipBody | undefined,
): SipRequest {
  const headers: Pair[] = [];
  for (const name of ["Authorization", "Proxy-Authorization"])
    if (invite.headers.has(name)) for (const value of invite.headers.all(name)) headers.push([name, value]);
  return session.core.layer.sendAck(dialog.request("ACK", [headers], body, cseqOf(invite)), dialog.flow);
}

/** Sends the ACK of a 2xx again, as it was. */
export function repeatAck(session: Session, ack: SipRequest, dialog: Dialog): void {
  session.core.layer.sendAck(ack, dialog.flow);
}

/**
 * Takes a provisional response to an INVITE of ours; a reliable one is acknowledged with PRACK (RFC 3262 §4).
 * @returns false for what is to be ignored: a repetition, or one before which another is missing
 */
export function progress(
  session: Session,
  dialog: Dialog,
  invite: SipRequest,
  response: SipResponse,
): boolean {
  const rseq = Number(response.headers.get("rseq"));
  if (!names(response, "require", "100rel") || !session.core.supported.has("100rel") || !(rseq > 0))
    return true;
  if (dialog.rseq !== undefined && rseq !== dialog.rseq + 1) return false;
  dialog.rseq = rseq;
  let body: SipBody | undefined;
  if (hasSdp(response)) {
    if (!hasSdp(invite))
      session.tell((handlers) => {
        body = handlers.onEarlyOffer?.(response);
      });
    session.offer = undefined;
    if (body) session.lastBody = body;
  }
  const rack: Pair[] = [["RAck", `${rseq} ${cseqOf(invite)} INVITE`]];
  sendInDialog(session, "PRACK", body ? { body } : {}, () => {}, dialog, rack);
  return true;
}
