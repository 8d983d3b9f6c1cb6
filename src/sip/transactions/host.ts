import type { Clock } from "../../base/index.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ClientHandlers } from "../transaction.ts";
import type { FlowWatch } from "./flow-watch.ts";
import type { TimerTable } from "./timers.ts";

/** What a transaction needs of its layer. */
export interface TransactionHost {
  readonly clock: Clock;
  readonly watch: FlowWatch;
  tableFor(flow: SipFlow): TimerTable;
  /** Calls a handler of the user's. What it throws is reported, and false returned. */
  call(what: string, fn: () => void): boolean;
}

/** What a client transaction needs besides. */
export interface ClientHost extends TransactionHost {
  /** Sends a request whose Via stands: the CANCEL of an INVITE. */
  sendWithVia(request: SipRequest, branch: string, flow: SipFlow, handlers: ClientHandlers): void;
  stray(response: SipResponse, flow: SipFlow): void;
}
