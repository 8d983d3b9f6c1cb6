import { Disconnected, type Timer } from "../../base/index.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ClientHandlers, ClientTransaction } from "../transaction.ts";
import { formatSipMessage } from "../write-message.ts";
import type { FlowWatcher } from "./flow-watch.ts";
import { ackFor, cancelFor } from "./hop-requests.ts";
import type { ClientHost } from "./host.ts";
import { type InviteClientState, inviteClient } from "./invite-client.ts";
import type { ClientAction, ClientInput } from "./machine.ts";
import { type NonInviteClientState, nonInviteClient } from "./non-invite-client.ts";
import { Run, type RunOwner } from "./run.ts";

/** What the layer keeps of it. */
interface Registry {
  lingers(client: Client): void;
  ended(client: Client): void;
}

/** A request that was sent: a machine of RFC 3261 §17.1 with its messages, its flow and its CANCEL. */
export class Client implements ClientTransaction, FlowWatcher, RunOwner<ClientAction> {
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly branch: string;
  completed = false;
  readonly #host: ClientHost;
  readonly #registry: Registry;
  readonly #handlers: ClientHandlers;
  readonly #run:
    | Run<InviteClientState, ClientInput, ClientAction>
    | Run<NonInviteClientState, ClientInput, ClientAction>;
  readonly #bytes: Uint8Array;
  #ack: Uint8Array | undefined;
  /** What is being told. */
  #response: SipResponse | undefined;
  #error: Error | undefined;
  /** Header fields of the CANCEL that waits for a provisional response. */
  #cancelWith: readonly (readonly [string, string])[] | undefined;
  #cancelled = false;
  #cancelTimer: Timer | undefined;

  constructor(
    host: ClientHost,
    registry: Registry,
    request: SipRequest,
    branch: string,
    flow: SipFlow,
    handlers: ClientHandlers,
  ) {
    this.#host = host;
    this.#registry = registry;
    this.request = request;
    this.branch = branch;
    this.flow = flow;
    this.#handlers = handlers;
    this.#bytes = formatSipMessage(request);
    const table = host.tableFor(flow);
    this.#run =
      request.method === "INVITE"
        ? new Run(inviteClient, host.clock, table, this)
        : new Run(nonInviteClient, host.clock, table, this);
  }

  /** @param hindrance why it cannot be sent; told in a later turn, as is a closed flow */
  start(
    hindrance: string | undefined = this.flow.closed ? `the flow ${this.flow.id} is closed` : undefined,
  ): void {
    if (hindrance !== undefined) {
      this.#host.clock.turn(() => this.onFlowError(new Disconnected(hindrance), true));
      return;
    }
    this.#host.watch.add(this.flow, this);
    this.#run.start();
    this.flow.send(this.#bytes);
  }

  /** A response that matches. */
  receive(response: SipResponse): void {
    this.#response = response;
    if (response.status < 200) this.#run.feed("1xx");
    else this.#run.feed(response.status < 300 ? "2xx" : "300-699");
    // "If no provisional response has been received, the CANCEL request MUST NOT be sent; rather, the client MUST wait" (§9.1)
    if (this.#cancelWith) this.#sendCancel(this.#cancelWith);
  }

  onFlowError(error: Error, lost: boolean): void {
    this.#error = error;
    this.#run.feed(lost ? "lost" : "refused");
  }

  cancel(headers: Iterable<readonly [name: string, value: string]> = []): void {
    // "SHOULD NOT be sent to cancel a request other than INVITE"; "If the original request has generated a final response, the CANCEL
    // SHOULD NOT be sent, as it is an effective no-op" (§9.1)
    if (this.request.method !== "INVITE" || this.#cancelled || this.completed) return;
    if (this.#run.state === "calling") this.#cancelWith ??= [...headers];
    else if (this.#run.state === "proceeding") this.#sendCancel([...headers]);
  }

  stop(): void {
    this.#run.stop();
  }

  /** Leaves its place to another one. */
  evict(): void {
    this.#run.stop();
  }

  perform(action: ClientAction): void {
    switch (action) {
      case "send request":
        if (!this.flow.closed) this.flow.send(this.#bytes);
        break;
      case "send ACK":
        if (this.#response) this.#ack ??= formatSipMessage(ackFor(this.request, this.#response));
        if (this.#ack && !this.flow.closed) this.flow.send(this.#ack);
        break;
      case "tell response":
        this.#tellResponse();
        break;
      case "tell stray response":
        if (this.#response) this.#host.stray(this.#response, this.flow);
        break;
      case "tell timeout":
        this.#host.call("onTimeout", () => this.#handlers.onTimeout());
        break;
      case "tell transport error": {
        const error = this.#error ?? new Disconnected(`the flow ${this.flow.id} failed`);
        this.#host.call("onTransportError", () => this.#handlers.onTransportError(error));
        break;
      }
    }
  }

  lingers(): void {
    this.completed = true;
    this.#forgetCancel();
    this.#registry.lingers(this);
  }

  ended(): void {
    this.#forgetCancel();
    this.#host.watch.delete(this.flow, this);
    this.#registry.ended(this);
  }

  #tellResponse(): void {
    const response = this.#response;
    if (!response) return;
    if (response.status >= 200) this.completed = true;
    this.#host.call("onResponse", () => this.#handlers.onResponse(response));
  }

  #forgetCancel(): void {
    this.#cancelTimer?.cancel();
    this.#cancelTimer = this.#cancelWith = undefined;
  }

  #sendCancel(more: readonly (readonly [string, string])[]): void {
    this.#cancelled = true;
    this.#cancelWith = undefined;
    // as long as the CANCEL itself is waited for (§9.1)
    const waitMs = this.#host.tableFor(this.flow).F;
    this.#cancelTimer = this.#host.clock.after(waitMs, () => this.#run.feed("cancel in vain"));
    // its answer says nothing about the INVITE: 200 and 481 alike, the INVITE's own answer or the timer above decides
    this.#host.sendWithVia(cancelFor(this.request, more), this.branch, this.flow, unheard);
  }
}

const unheard: ClientHandlers = { onResponse() {}, onTimeout() {}, onTransportError() {} };
