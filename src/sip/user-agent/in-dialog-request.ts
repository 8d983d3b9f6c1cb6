import type { SipResponse } from "../message.ts";
import type { MessageExtras } from "../user-agent.ts";
import { madeUp, type Pair } from "./core.ts";
import type { Dialog } from "./dialog.ts";
import { exchange } from "./exchange.ts";
import { Retry } from "./retry.ts";
import type { Session } from "./session.ts";

/** Any request but INVITE in a dialog of this session. */
export function sendInDialog(
  session: Session,
  method: string,
  extras: MessageExtras,
  done: (response: SipResponse) => void,
  dialog: Dialog | undefined = session.dialog,
  more: readonly Pair[] = [],
): void {
  if (!dialog || (session.state === "ended" && method !== "BYE")) {
    done(madeUp(session.invite, 481));
    return;
  }
  const timed = method === "UPDATE" && session.state === "confirmed" ? session.timer : undefined;
  const request = dialog.request(
    method,
    [
      session.core.requestHeaders,
      timed ? [...session.core.supportedHeaders, ...timed.requestHeaders()] : [],
      more,
      extras.headers ? [...extras.headers] : [],
    ],
    extras.body,
  );
  exchange(session.core, {
    request,
    flow: dialog.flow,
    retry: new Retry(session.core, session.credentials, timed),
    nextCSeq: () => ++dialog.localCSeq,
    done: (response) => {
      if (method === "UPDATE" && response.status < 300) {
        dialog.refreshTarget(response);
        timed?.agreed(response);
      }
      done(response);
      if (dialog === session.dialog) judge(session, method, response);
    },
  });
}

/** 481 and 408 to a request tell that the peer has no such dialog any more (RFC 3261 §12.2.1.2). */
export function judge(session: Session, method: string, response: SipResponse): void {
  if (session.state !== "confirmed" || (response.status !== 481 && response.status !== 408)) return;
  // RFC 5057 §5.3: those of a subscription, and a transfer that came to nothing, say nothing about the call.
  if (["SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE"].includes(method)) return;
  session.fail(
    response.status === 408
      ? { kind: "timeout", detail: `no answer to ${method}` }
      : { kind: "rejected", response },
  );
}
