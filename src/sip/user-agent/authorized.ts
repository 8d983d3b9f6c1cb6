import type { ServerTransaction } from "../transaction.ts";
import type { MessageExtrasWithStatus } from "../user-agent.ts";
import { answer, isPromise } from "./core.ts";
import type { Session } from "./session.ts";

/** Serves a request unless the `authorize` handler has another answer to it. */
export function authorized(
  session: Session,
  transaction: ServerTransaction,
  serve: () => void,
  refused?: () => void,
): void {
  const { handlers } = session;
  if (!handlers?.authorize) {
    serve();
    return;
  }
  const settle = (refusal: MessageExtrasWithStatus | undefined): void => {
    if (!refusal) {
      serve();
      return;
    }
    answer(session.core, transaction, refusal.status, refusal);
    refused?.();
  };
  const failed = (error: unknown): void => {
    session.core.log.error("sip: a handler of a session failed", { callId: session.callId, error });
    settle({ status: 500 });
  };
  let verdict: ReturnType<typeof handlers.authorize>;
  try {
    verdict = handlers.authorize(transaction.request, transaction.flow);
  } catch (error) {
    failed(error);
    return;
  }
  if (isPromise(verdict)) verdict.then(settle).catch(failed);
  else settle(verdict);
}
