import type { Timer } from "../../base/index.ts";
import type { SipResponse } from "../message.ts";
import type { ServerTransaction } from "../transaction.ts";
import { type Core, lifetimeMs, randomBelow } from "./core.ts";

interface Reliable {
  readonly rseq: number;
  readonly response: SipResponse;
  /** It has SDP, so no 2xx may overtake it (RFC 3262 §5). */
  readonly offers: boolean;
}

/**
 * The reliable provisional responses to one INVITE (RFC 3262 §3): one at a time, sent again after T1, 2 T1, 4 T1 … until its PRACK comes,
 * given up after 64 × T1.
 */
export class ReliableProvisionals {
  readonly #core: Core;
  readonly #transaction: ServerTransaction;
  readonly #timedOut: () => void;
  readonly #queue: Reliable[] = [];
  #lastRseq: number;
  #timer: Timer | undefined;

  constructor(core: Core, transaction: ServerTransaction, timedOut: () => void) {
    this.#core = core;
    this.#transaction = transaction;
    this.#timedOut = timedOut;
    this.#lastRseq = randomBelow(core, 2 ** 30);
  }

  /** One with SDP waits for its PRACK. */
  get offering(): boolean {
    return this.#queue.some(({ offers }) => offers);
  }

  /** Sends the response that `make` gives for its RSeq, when those before have been acknowledged. */
  send(offers: boolean, make: (rseq: number) => SipResponse): void {
    const rseq = ++this.#lastRseq;
    this.#queue.push({ rseq, response: make(rseq), offers });
    if (this.#queue.length === 1) this.#start();
  }

  /** Takes the RAck of a PRACK: whether it belongs to the response that waits for one. */
  acknowledge(rack: string | undefined, inviteCSeq: number): boolean {
    const [first] = this.#queue;
    const [rseq, cseq, method] = (rack ?? "").trim().split(/\s+/);
    if (!first || Number(rseq) !== first.rseq || Number(cseq) !== inviteCSeq || method !== "INVITE")
      return false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue.shift();
    if (this.#queue.length > 0) this.#start();
    return true;
  }

  /** A final response has been sent. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue.length = 0;
  }

  #start(): void {
    const [first] = this.#queue;
    if (!first) return;
    this.#arm(this.#core.t1Ms, lifetimeMs(this.#core), first.response);
    this.#transaction.respond(first.response);
  }

  #arm(intervalMs: number, leftMs: number, response: SipResponse): void {
    const waitMs = Math.min(intervalMs, leftMs);
    this.#timer = this.#core.clock.after(waitMs, () => {
      this.#timer = undefined;
      if (leftMs <= waitMs) {
        this.#timedOut();
        return;
      }
      this.#arm(2 * intervalMs, leftMs - waitMs, response);
      this.#transaction.respond(response);
    });
  }
}
