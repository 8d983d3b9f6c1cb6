import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { type Core, madeUp } from "./core.ts";
import type { Retry } from "./retry.ts";

/** One request that is no INVITE, to its final response. */
export interface Exchange {
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly retry: Retry;
  /** CSeq of the next try. */
  nextCSeq(): number;
  /** Called once with the final response; 408 and 503 are made up (RFC 3261 §8.1.3.1). */
  done(response: SipResponse): void;
}

/** Sends it, again with what its challenges ask for. */
export function exchange(core: Core, { request, flow, retry, nextCSeq, done }: Exchange): void {
  let over = false;
  const finish = (response: SipResponse): void => {
    if (over) return;
    over = true;
    core.abandon.delete(abandon);
    done(response);
  };
  const abandon = (): void => finish(madeUp(request, 503));
  const attempt = (current: SipRequest): void => {
    core.layer.send(current, flow, {
      onResponse(response) {
        if (over || response.status < 200) return;
        const again = retry.next(current, response, nextCSeq);
        if (again) attempt(again);
        else finish(response);
      },
      onTimeout: () => finish(madeUp(current, 408)),
      onTransportError: () => finish(madeUp(current, 503)),
    });
  };
  core.abandon.add(abandon);
  attempt(request);
}
