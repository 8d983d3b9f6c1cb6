import { type Clock, errorText, type Logger, silentLogger } from "../../base/index.ts";
import { createResponse } from "../create-message.ts";
import { parseCSeq } from "../cseq.ts";
import type { SipFlow } from "../flow.ts";
import { listOf } from "../list.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message.ts";
import type {
  ClientHandlers,
  ClientTransaction,
  TransactionHandlers,
  TransactionLayer,
} from "../transaction.ts";
import { parseVia } from "../via.ts";
import { formatSipMessage } from "../write-message.ts";
import { Client } from "./client.ts";
import { FlowWatch } from "./flow-watch.ts";
import type { ClientHost } from "./host.ts";
import { ackKey, branchCookie, clientKey, serverKey } from "./matching.ts";
import { Server } from "./server.ts";
import { defaultSipTimers, type SipTimers, type TimerTable, timerTable } from "./timers.ts";
import { ownVia, type TopVia, topVia, withSource } from "./top-via.ts";

export interface TransactionLayerOptions {
  readonly clock: Clock;
  readonly handlers: TransactionHandlers;
  /** A token that nobody can guess and that does not come twice: for branches and tags (RFC 3261 §8.1.1.7, §19.3). */
  random(): string;
  readonly timers?: Partial<SipTimers> | undefined;
  /**
   * How many transactions may live. A new request over it takes the place of the oldest transaction that only waits for repetitions;
   * where there is none, it is answered 503 with Retry-After, without a transaction, and one of our own is sent all the same.
   * Default 20,000.
   */
  readonly maxTransactions?: number | undefined;
  /** How much memory the requests of those that came may take, about; over it the same is done. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Default: silent. */
  readonly log?: Logger | undefined;
}

/** For whom is turned away: short, since room comes with every call that ends. */
const retryAfterSeconds = 5;

/**
 * The transactions of RFC 3261 §17, with RFC 6026 (2xx to INVITE), RFC 4320 (non-INVITE) and RFC 3581 (rport). An INVITE is answered
 * 100 unless its user answers it at once, CANCEL and the ACK of a rejection are dealt with here.
 */
export function createTransactionLayer(options: TransactionLayerOptions): TransactionLayer {
  return new Layer(options);
}

class Layer implements TransactionLayer, ClientHost {
  readonly clock: Clock;
  readonly watch: FlowWatch;
  readonly #handlers: TransactionHandlers;
  readonly #random: () => string;
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #log: Logger;
  readonly #reliable: TimerTable;
  readonly #unreliable: TimerTable;
  readonly #clients: Map<string, Client> = new Map();
  readonly #servers: Map<string, Server> = new Map();
  /** INVITEs of RFC 2543 by the key of their ACK. */
  readonly #oldAcks: Map<string, Server> = new Map();
  /** What waits for repetitions only, the oldest first. */
  readonly #lingering: Set<Client | Server> = new Set();
  /** Of the requests in `#servers`. */
  #bytes = 0;
  #refused = 0;
  #full = false;
  #stopped = false;

  constructor(options: TransactionLayerOptions) {
    this.clock = options.clock;
    this.watch = new FlowWatch(options.clock);
    this.#handlers = options.handlers;
    this.#random = () => options.random();
    this.#max = options.maxTransactions ?? 20_000;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#log = options.log ?? silentLogger;
    const timers = { ...defaultSipTimers, ...options.timers };
    this.#reliable = timerTable(timers, true);
    this.#unreliable = timerTable(timers, false);
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  get refused(): number {
    return this.#refused;
  }

  receive(message: SipMessage, flow: SipFlow): void {
    if (this.#stopped) return;
    if (message.kind === "response") this.#receiveResponse(message, flow);
    else if (message.method === "ACK") this.#receiveAck(message, flow);
    else this.#receiveRequest(message, flow);
  }

  send(request: SipRequest, flow: SipFlow, handlers: ClientHandlers): ClientTransaction {
    const branch = branchCookie + this.#random();
    return this.#start(this.#withVia(request, flow, branch), branch, flow, handlers);
  }

  sendAck(ack: SipRequest, flow: SipFlow): SipRequest {
    const sent = ack.headers.has("via") ? ack : this.#withVia(ack, flow, branchCookie + this.#random());
    if (!flow.closed && !this.#stopped) flow.send(formatSipMessage(sent));
    return sent;
  }

  stop(): void {
    this.#stopped = true;
    for (const client of [...this.#clients.values()]) client.stop();
    for (const server of [...this.#servers.values()]) server.stop();
  }

  // What transactions ask for.

  tableFor(flow: SipFlow): TimerTable {
    return flow.reliable ? this.#reliable : this.#unreliable;
  }

  call(what: string, fn: () => void): boolean {
    try {
      fn();
      return true;
    } catch (thrown) {
      this.#log.error(`${what} of a SIP transaction's user threw: ${errorText(thrown)}`, { thrown });
      return false;
    }
  }

  sendWithVia(request: SipRequest, branch: string, flow: SipFlow, handlers: ClientHandlers): void {
    this.#start(request, branch, flow, handlers);
  }

  stray(response: SipResponse, flow: SipFlow): void {
    this.call("onStrayResponse", () => this.#handlers.onStrayResponse?.(response, flow));
  }

  // What transactions tell of themselves.

  lingers(one: Client | Server): void {
    this.#lingering.add(one);
  }

  ended(one: Client | Server): void {
    this.#lingering.delete(one);
    if (one instanceof Client) {
      this.#clients.delete(clientKey(one.branch, one.request.method));
      return;
    }
    if (this.#servers.delete(one.key)) this.#bytes -= one.size;
    if (one.ackKey !== undefined) this.#oldAcks.delete(one.ackKey);
  }

  answered(server: Server, response: SipResponse): void {
    if (!server.isInvite || this.#servers.get(server.key) !== server) return;
    server.ackKey = ackKey(server.request, server.top, response);
    if (server.ackKey !== undefined) this.#oldAcks.set(server.ackKey, server);
  }

  acknowledged(ack: SipRequest, flow: SipFlow): void {
    this.call("onAck", () => this.#handlers.onAck(ack, flow));
  }

  failed(server: Server, error: Error | undefined): void {
    this.call("onResponseFailed", () => this.#handlers.onResponseFailed?.(server, error));
  }

  // Clients.

  #withVia(request: SipRequest, flow: SipFlow, branch: string): SipRequest {
    return { ...request, headers: request.headers.clone().prepend("Via", ownVia(flow, branch)) };
  }

  #start(request: SipRequest, branch: string, flow: SipFlow, handlers: ClientHandlers): Client {
    this.#makeRoom();
    const client = new Client(this, this, request, branch, flow, handlers);
    this.#clients.set(clientKey(branch, request.method), client);
    client.start(this.#stopped ? "the transaction layer was stopped" : undefined);
    return client;
  }

  #receiveResponse(response: SipResponse, flow: SipFlow): void {
    const vias = listOf(response.headers, "via");
    // "If more than one Via header field value is present in a response, the UAC SHOULD discard the message" (§8.1.3.3)
    if (vias.length !== 1) return;
    const branch = parseVia(vias[0] ?? "")?.branch;
    const method = parseCSeq(response.headers.get("cseq") ?? "")?.method;
    const client =
      branch !== undefined && method !== undefined ? this.#clients.get(clientKey(branch, method)) : undefined;
    if (client) client.receive(response);
    else this.stray(response, flow);
  }

  // Servers.

  #receiveAck(ack: SipRequest, flow: SipFlow): void {
    const top = topVia(ack.headers);
    const server =
      this.#servers.get(serverKey(ack, top, "INVITE")) ?? this.#oldAcks.get(serverKey(ack, top, "ACK"));
    if (server) server.acknowledge(ack, flow);
    // the ACK of a 2xx has a branch of its own (§17.1.1.3)
    else this.acknowledged(ack, flow);
  }

  #receiveRequest(request: SipRequest, flow: SipFlow): void {
    const top = topVia(request.headers);
    const key = serverKey(request, top);
    const known = this.#servers.get(key);
    if (known) {
      known.repeated();
      return;
    }
    const filled = withSource(request, top, flow);
    // a CANCEL of a call makes room, so that it is served even when there is none: one for each INVITE at most
    if (!this.#makeRoom() && !this.#cancels(request, top)) {
      this.#refuse(filled, flow);
      return;
    }
    const server = new Server(this, this, filled, top, key, flow);
    this.#servers.set(key, server);
    this.#bytes += server.size;
    if (request.method === "CANCEL") this.#serveCancel(server);
    else this.#serve(server);
    server.start();
  }

  #serve(server: Server): void {
    const served = this.call("onRequest", () => this.#handlers.onRequest(server));
    if (!served && !server.completed)
      server.respond(createResponse(server.request, 500, { toTag: server.toTag(this.#random) }));
    // "unless it knows that the TU will generate a provisional or final response within 200 ms" (§17.2.1): it has
    if (server.isInvite && !server.response) server.sendTrying();
  }

  /** RFC 3261 §9.2. Requests other than INVITE are not looked for: CANCEL "has no effect" on them. */
  #serveCancel(server: Server): void {
    const cancel = server.request;
    const invite = this.#servers.get(serverKey(cancel, server.top, "INVITE"));
    if (!invite) {
      server.respond(createResponse(cancel, 481, { toTag: this.#random() }));
      return;
    }
    // "the To tag of the response to the CANCEL and the To tag in the response to the original request SHOULD be the same"
    server.respond(createResponse(cancel, 200, { toTag: invite.toTag(this.#random) }));
    // "If it has issued a final response for the original request ... the CANCEL request has no effect"
    if (invite.completed || invite.cancelled) return;
    invite.cancelled = true;
    this.call("onCancel", () => this.#handlers.onCancel(invite, cancel));
  }

  #cancels(request: SipRequest, top: TopVia | undefined): boolean {
    return request.method === "CANCEL" && this.#servers.has(serverKey(request, top, "INVITE"));
  }

  /** Whether one more transaction may live. */
  #makeRoom(): boolean {
    // some more at once, since a set that loses its first members again and again is slow to find its first
    if (!this.#hasRoom())
      for (const oldest of this.#lingering) {
        if (this.size < 0.99 * this.#max && this.#bytes < 0.99 * this.#maxBytes) break;
        oldest.evict();
      }
    const room = this.#hasRoom();
    if (room) this.#full = false;
    return room;
  }

  #hasRoom(): boolean {
    return this.size < this.#max && this.#bytes < this.#maxBytes;
  }

  #refuse(request: SipRequest, flow: SipFlow): void {
    this.#refused++;
    if (!this.#full)
      this.#log.warn(
        `${this.size} SIP transactions of ${this.#bytes} bytes are open: new requests are answered 503`,
      );
    this.#full = true;
    const headers = [["Retry-After", String(retryAfterSeconds)]] as const;
    const response = createResponse(request, 503, { headers, toTag: this.#random() });
    if (!flow.closed) flow.send(formatSipMessage(response));
  }
}
