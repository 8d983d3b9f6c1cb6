import type { Timer } from "../../base/index.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ServerTransaction } from "../transaction.ts";
import { type Core, lifetimeMs } from "./core.ts";

/** What becomes of a 2xx to INVITE. */
export interface SuccessOutcome {
  acknowledged(ack: SipRequest): void;
  timedOut(): void;
}

/**
 * A 2xx to INVITE that is sent, on reliable transports too, again and again until its ACK comes: after T1, then at intervals that double
 * up to T2, for 64 × T1 (RFC 3261 §13.3.1.4).
 */
export class SuccessRepeater {
  /** Of the INVITE and of the ACK that is waited for. */
  readonly cseq: number;
  readonly #core: Core;
  readonly transaction: ServerTransaction;
  readonly #response: SipResponse;
  readonly #outcome: SuccessOutcome;
  #intervalMs: number;
  #leftMs: number;
  #timer: Timer | undefined;

  constructor(
    core: Core,
    transaction: ServerTransaction,
    response: SipResponse,
    cseq: number,
    outcome: SuccessOutcome,
  ) {
    this.cseq = cseq;
    this.#core = core;
    this.transaction = transaction;
    this.#response = response;
    this.#outcome = outcome;
    this.#intervalMs = core.t1Ms;
    this.#leftMs = lifetimeMs(core);
  }

  start(): void {
    this.#arm();
    this.transaction.respond(this.#response);
  }

  acknowledge(ack: SipRequest): void {
    this.stop();
    this.#outcome.acknowledged(ack);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const waitMs = Math.min(this.#intervalMs, this.#leftMs);
    this.#timer = this.#core.clock.after(waitMs, () => {
      this.#leftMs -= waitMs;
      if (this.#leftMs <= 0) {
        this.#timer = undefined;
        this.#outcome.timedOut();
        return;
      }
      this.#intervalMs = Math.min(2 * this.#intervalMs, this.#core.t2Ms);
      this.#arm();
      this.transaction.respond(this.#response);
    });
  }
}
