/** What the tests of the transactions have in common: a flow that keeps what is sent on it, and messages for it. Holds no test. */
import assert from "node:assert/strict";
import { createManualClock, type Logger, type ManualClock, silentLogger } from "../../base/index.ts";
import { createRequest, createResponse } from "../create-message.ts";
import type { SipAddress, SipFlow, SipTransport } from "../flow.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message.ts";
import { parseSipMessage } from "../parse-message.ts";
import type {
  ClientHandlers,
  ServerTransaction,
  TransactionHandlers,
  TransactionLayer,
} from "../transaction.ts";
import type { SipBody } from "../user-agent.ts";
import { createTransactionLayer, type TransactionLayerOptions } from "./layer.ts";

export interface Sent {
  readonly atMs: number;
  readonly message: SipMessage;
  readonly bytes: Uint8Array;
}

/** One end of a way to a peer; what is sent is parsed, kept, and given to `deliver`. */
export class FakeFlow implements SipFlow {
  readonly id = "general";
  readonly transport: SipTransport;
  readonly reliable: boolean;
  readonly local: SipAddress;
  readonly remote: SipAddress;
  closed = false;
  readonly sent: Sent[] = [];
  readonly listeners: Set<(error: Error) => void> = new Set();
  deliver: (message: SipMessage) => void = () => {};
  /** Refuses what is sent, before `send` returns: the worst that a flow may do. */
  refuses = false;
  readonly #clock: ManualClock;

  constructor(
    clock: ManualClock,
    transport: SipTransport = "UDP",
    local = "192.0.2.1",
    remote = "198.51.100.7",
  ) {
    this.#clock = clock;
    this.transport = transport;
    this.reliable = transport !== "UDP";
    this.local = { host: local, port: 5060 };
    this.remote = { host: remote, port: 40123 };
  }

  send(bytes: Uint8Array): void {
    const parsed = parseSipMessage(bytes);
    assert.equal(parsed.kind, "message");
    if (parsed.kind !== "message") return;
    this.sent.push({ atMs: this.#clock.monotonicMs(), message: parsed.message, bytes });
    if (this.refuses) this.fail();
    else this.deliver(parsed.message);
  }

  onError(fn: (error: Error) => void): () => void {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  }

  /** A message was refused; with `closed` nothing can be sent any more. */
  fail(closed = false): void {
    this.closed ||= closed;
    for (const fn of [...this.listeners]) fn(new Error("ECONNREFUSED"));
  }

  /** `INVITE@0 INVITE@500 ACK@700`: what was sent when. */
  get line(): string {
    return this.sent.map(({ atMs, message }) => `${nameOf(message)}@${atMs}`).join(" ");
  }

  last(): SipMessage {
    const last = this.sent.at(-1);
    assert.ok(last, "nothing was sent");
    return last.message;
  }
}

export function nameOf(message: SipMessage): string {
  return message.kind === "request" ? message.method : String(message.status);
}

/** Tokens in a row: what comes twice would show. */
export function tokens(prefix: string): () => string {
  let made = 0;
  return () => `${prefix}${(++made).toString(36)}`;
}

export interface Bench {
  readonly clock: ManualClock;
  readonly flow: FakeFlow;
  readonly layer: TransactionLayer;
  /** What the user of the layer was told, in order. */
  readonly told: string[];
  /** New requests. */
  readonly requests: ServerTransaction[];
  readonly handlers: ClientHandlers;
  /** Asserts that nothing is left of anything. */
  assertClean(): void;
}

/** A layer with one flow, and a user that writes down what it is told. */
export function bench(
  options: Partial<TransactionLayerOptions> & {
    transport?: SipTransport;
    on?: Partial<TransactionHandlers>;
    log?: Logger;
  } = {},
): Bench {
  const clock = createManualClock();
  const flow = new FakeFlow(clock, options.transport);
  const told: string[] = [];
  const requests: ServerTransaction[] = [];
  const layer = createTransactionLayer({
    clock,
    random: tokens("t"),
    timers: options.timers,
    maxTransactions: options.maxTransactions,
    maxBytes: options.maxBytes,
    log: options.log ?? silentLogger,
    handlers: {
      onRequest(transaction) {
        told.push(`request ${transaction.request.method}`);
        requests.push(transaction);
        options.on?.onRequest?.(transaction);
      },
      onCancel(invite, cancel) {
        told.push("cancel");
        options.on?.onCancel?.(invite, cancel);
      },
      onAck(ack, on) {
        told.push("ack");
        options.on?.onAck?.(ack, on);
      },
      onStrayResponse(response) {
        told.push(`stray ${response.status}`);
      },
      onResponseFailed(transaction, error) {
        options.on?.onResponseFailed?.(transaction, error);
        told.push(`failed ${error ? "by the flow" : "without ACK"}`);
      },
    },
  });
  return {
    clock,
    flow,
    layer,
    told,
    requests,
    handlers: {
      onResponse: ({ status }) => void told.push(String(status)),
      onTimeout: () => void told.push(`timeout@${clock.monotonicMs()}`),
      onTransportError: (error) => void told.push(`error ${error.message}`),
    },
    assertClean() {
      assert.equal(layer.size, 0, "transactions are left");
      assert.equal(clock.pending, 0, "timers are left");
      assert.equal(flow.listeners.size, 0, "listeners are left");
    },
  };
}

/** A request of ours, before it is sent. */
export function ours(method: string, more: readonly (readonly [string, string])[] = []): SipRequest {
  return createRequest({
    method,
    uri: "sip:bob@198.51.100.7",
    headers: [
      ["Max-Forwards", "70"],
      ["From", "<sip:alice@192.0.2.1>;tag=a1"],
      ["To", "<sip:bob@198.51.100.7>"],
      ["Call-ID", "c1"],
      ["CSeq", `7 ${method}`],
      ...more,
    ],
  });
}

/** A request of theirs, as it comes. */
export function theirs(
  method: string,
  {
    via = "SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKx;rport",
    to = "<sip:alice@192.0.2.1>",
    uri = "sip:alice@192.0.2.1",
    cseq = 3,
    callId = "c2",
    body = undefined as SipBody | undefined,
  } = {},
): SipRequest {
  return createRequest({
    method,
    uri,
    headers: [
      ["Via", via],
      ["Via", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKfirst"],
      ["Max-Forwards", "69"],
      ["From", "<sip:bob@198.51.100.7>;tag=b1"],
      ["To", to],
      ["Call-ID", callId],
      ["CSeq", `${cseq} ${method}`],
    ],
    ...(body ? { body } : {}),
  });
}

/** The peer's answer to what we sent last, or to that request. */
export function answer(bench: Bench, status: number, toTag = "b9", request?: SipRequest): SipResponse {
  const to =
    request ?? bench.flow.sent.map(({ message }) => message).findLast((one) => one.kind === "request");
  assert.ok(to?.kind === "request");
  return createResponse(to, status, { toTag });
}

/** Our user's answer. */
export function reply(transaction: ServerTransaction | undefined, status: number): SipResponse {
  assert.ok(transaction);
  const response = createResponse(transaction.request, status, { toTag: "u1" });
  transaction.respond(response);
  return response;
}
