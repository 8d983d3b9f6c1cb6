import { Disconnected } from "../../base/index.ts";
import { createResponse } from "../create-message.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction } from "../transaction.ts";
import { formatSipMessage } from "../write-message.ts";
import type { FlowWatcher } from "./flow-watch.ts";
import type { TransactionHost } from "./host.ts";
import { type InviteServerState, inviteServer } from "./invite-server.ts";
import type { ServerAction, ServerInput } from "./machine.ts";
import { type NonInviteServerState, nonInviteServer } from "./non-invite-server.ts";
import { Run, type RunOwner } from "./run.ts";
import type { TopVia } from "./top-via.ts";

/** What the layer keeps of it, and what it tells the user. */
interface Registry {
  answered(server: Server, response: SipResponse): void;
  lingers(server: Server): void;
  ended(server: Server): void;
  acknowledged(ack: SipRequest, flow: SipFlow): void;
  failed(server: Server, error: Error | undefined): void;
}

/** A request that came: a machine of RFC 3261 §17.2 with its messages and its flow. */
export class Server implements ServerTransaction, FlowWatcher, RunOwner<ServerAction> {
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly top: TopVia | undefined;
  readonly key: string;
  /** The second key, of an INVITE of RFC 2543. */
  ackKey: string | undefined;
  response: SipResponse | undefined;
  completed = false;
  /** A CANCEL has come. */
  cancelled = false;
  readonly #host: TransactionHost;
  readonly #registry: Registry;
  readonly #run:
    | Run<InviteServerState, ServerInput, ServerAction>
    | Run<NonInviteServerState, ServerInput, ServerAction>;
  #bytes: Uint8Array | undefined;
  /** The response that is being sent, the ACK that is being told. */
  #given: SipResponse | undefined;
  #ack: { request: SipRequest; flow: SipFlow } | undefined;
  #error: Error | undefined;
  #toTag: string | undefined;
  #failed = false;
  #repeated = 0;
  /** How much memory its request takes, about, in bytes. */
  readonly size: number;
  #stopped = false;

  constructor(
    host: TransactionHost,
    registry: Registry,
    request: SipRequest,
    top: TopVia | undefined,
    key: string,
    flow: SipFlow,
  ) {
    this.#host = host;
    this.#registry = registry;
    this.request = request;
    this.top = top;
    this.key = key;
    this.flow = flow;
    const table = host.tableFor(flow);
    this.#run =
      request.method === "INVITE"
        ? new Run(inviteServer, host.clock, table, this)
        : new Run(nonInviteServer, host.clock, table, this);
    host.watch.add(flow, this);
    this.size = sizeOf(request);
  }

  get isInvite(): boolean {
    return this.request.method === "INVITE";
  }

  /** The To tag of what the layer answers for it: that of the response that was sent, else one of its own (RFC 3261 §8.2.6.2, §9.2). */
  toTag(make: () => string): string {
    this.#toTag ??= (this.response && tagOf(this.response.headers, "to")) || make();
    return this.#toTag;
  }

  /** Sends a 100, without a To tag (RFC 3261 §17.2.1, §8.2.6.2). */
  sendTrying(): void {
    this.#send(createResponse(this.request, 100));
  }

  /** Once the user has had it: what is not answered yet is timed from now on. */
  start(): void {
    this.#run.start();
  }

  respond(response: SipResponse): void {
    const { status } = response;
    // RFC 4320 §4.2: "MUST NOT send a response with a Status-Code of 408 to a non-INVITE request"
    if (status === 408 && !this.isInvite) return;
    this.#given = response;
    if (this.#run.state === "terminated") this.#respondLate(response);
    else if (status < 200) this.#run.feed("respond 1xx");
    else this.#run.feed(status < 300 ? "respond 2xx" : "respond 300-699");
    // many may come from forged addresses: they leave their place to others
    if (this.isInvite && isChallenge(status) && this.#run.state === "completed") this.#registry.lingers(this);
    this.#given = undefined;
  }

  /** The request has come again. */
  repeated(): void {
    this.#run.feed("request");
  }

  acknowledge(ack: SipRequest, flow: SipFlow): void {
    this.#ack = { request: ack, flow };
    this.#run.feed("ACK");
    this.#ack = undefined;
  }

  onFlowError(error: Error, lost: boolean): void {
    this.#error = error;
    this.#run.feed(lost ? "lost" : "refused");
  }

  stop(): void {
    this.#stopped = true;
    this.#run.stop();
  }

  /** Leaves its place to another one. */
  evict(): void {
    this.#run.stop();
  }

  perform(action: ServerAction): void {
    switch (action) {
      case "send response":
        if (this.#given) this.#send(this.#given);
        break;
      case "repeat response":
        this.#repeat();
        break;
      case "send 100":
        this.sendTrying();
        break;
      case "tell ACK":
        if (this.#ack) this.#registry.acknowledged(this.#ack.request, this.#ack.flow);
        break;
      case "tell failure":
        this.#tellFailure(this.#error);
        break;
    }
  }

  /**
   * "SHOULD challenge questionable requests with only a single 401 ..., forgoing the normal response retransmission algorithm"
   * (§26.3.2.4), since it may go to a forged address. But a client that has had a 100 waits for it, and one may be lost: a few then.
   */
  #repeat(): void {
    const challenge = this.isInvite && isChallenge(this.response?.status ?? 0);
    if (challenge && ++this.#repeated > challengeRepeats) return;
    if (this.#bytes && !this.flow.closed) this.flow.send(this.#bytes);
  }

  lingers(): void {
    this.#registry.lingers(this);
  }

  ended(): void {
    this.#host.watch.delete(this.flow, this);
    this.#registry.ended(this);
  }

  #send(response: SipResponse): void {
    if (response !== this.response) {
      this.response = response;
      this.#bytes = formatSipMessage(response);
    }
    if (response.status >= 200 && !this.completed) {
      this.completed = true;
      this.#registry.answered(this, response);
    }
    this.#transmit();
  }

  /**
   * A 2xx to INVITE that is repeated goes out even when its transaction is over, by time or for want of room: it is the user's, end to end
   * (§13.3.1.4).
   */
  #respondLate(response: SipResponse): void {
    const repeats = this.isInvite && response.status < 300 && response === this.response;
    if (repeats && !this.#stopped && !this.#failed && !this.flow.closed) this.#transmit();
  }

  #transmit(): void {
    if (!this.flow.closed) {
      if (this.#bytes) this.flow.send(this.#bytes);
      return;
    }
    const error = new Disconnected(`the flow ${this.flow.id} is closed`);
    this.#host.clock.turn(() => {
      if (this.#stopped) return;
      if (this.#run.state === "terminated") this.#tellFailure(error);
      else this.onFlowError(error, true);
    });
  }

  #tellFailure(error: Error | undefined): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#registry.failed(this, error);
  }
}

/** The last of them 11.5 s after the first; at a loss of a fifth one in 15,000 challenges does not arrive. */
const challengeRepeats = 5;

const isChallenge = (status: number): boolean => status === 401 || status === 407;

/** What one more transaction costs, its request aside. */
const transactionBytes = 1000;

/** About: characters count one byte each, and a body is part of the packet that it came in. */
function sizeOf({ uri, headers, body }: SipRequest): number {
  let size = transactionBytes + uri.length + body.buffer.byteLength;
  for (const { name, value } of headers) size += name.length + value.length;
  return size;
}
