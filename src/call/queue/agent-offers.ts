import { errorText } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import { type CallAttempt, type CallOutcome, placeCall } from "../outgoing.ts";
import type { QueueParts } from "./call-queue.ts";
import { missed, take } from "./queue-rules.ts";
import type { AgentRecord, WaitingRecord } from "./queue-state.ts";

/** An agent has answered, and the caller is its. */
export interface Answer {
  readonly kind: "answered";
  readonly agent: AgentRecord;
  readonly call: Call;
}

interface Offer {
  readonly attempt: CallAttempt;
  withdrawn: boolean;
}

/** What agents' phones show as the reason why it stopped ringing. */
const tooLate = "pickup";

/** The ringing of one waiting call at agents. */
export class AgentOffers {
  readonly #parts: QueueParts;
  readonly #queue: string;
  readonly #caller: CallCore;
  readonly #id: string;
  readonly #onAnswer: (answer: Answer) => void;
  /** By the agent's id. */
  readonly #offers: Map<string, Offer> = new Map();
  #agents: Readonly<Record<string, AgentRecord>> = {};
  #record: WaitingRecord | undefined;
  #answered = false;

  constructor(parts: QueueParts, queue: string, caller: CallCore, onAnswer: (answer: Answer) => void) {
    this.#parts = parts;
    this.#queue = queue;
    this.#caller = caller;
    this.#id = caller.party;
    this.#onAnswer = onAnswer;
  }

  /** Whether an agent has the call. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Rings at whom the record names, and stops where it does not. */
  sync(record: WaitingRecord | undefined, agents: Readonly<Record<string, AgentRecord>>): void {
    this.#record = record;
    this.#agents = agents;
    for (const [id, offer] of this.#offers)
      if (!record?.ringing.includes(id) && record?.taken !== id) withdraw(offer);
    if (this.#answered) return;
    for (const id of record?.ringing ?? []) {
      const agent = agents[id];
      if (agent && !this.#offers.has(id)) void this.#offer(agent);
    }
  }

  /** The agent who answered is gone: it can be offered again. */
  again(): void {
    this.#answered = false;
    this.sync(this.#record, this.#agents);
  }

  withdrawAll(): void {
    this.#record = undefined;
    for (const offer of this.#offers.values()) withdraw(offer);
  }

  async #offer(agent: AgentRecord): Promise<void> {
    const { kit, centre, settings } = this.#parts;
    const { from, fromName } = this.#caller.start;
    const attempt = placeCall(kit, agent.target, {
      from: from || this.#queue,
      fromName: fromName || this.#queue,
      timeoutMs: settings.ringMs,
    });
    const offer: Offer = { attempt, withdrawn: false };
    this.#offers.set(agent.id, offer);
    try {
      const outcome = await attempt.catch(
        (error: unknown): CallOutcome => ({ kind: "rejected", reason: errorText(error) }),
      );
      if (outcome.kind === "answered") await this.#accept(offer, agent, outcome.call);
      else if (!offer.withdrawn)
        await centre.change((change) =>
          missed(change, this.#queue, this.#id, agent.id, outcome.reason || outcome.kind),
        );
    } catch (error) {
      kit.log.error(`the store of the queue ${this.#queue} failed: ${errorText(error)}`);
    } finally {
      this.#offers.delete(agent.id);
      this.sync(this.#record, this.#agents);
    }
  }

  async #accept(offer: Offer, agent: AgentRecord, call: Call): Promise<void> {
    const { centre } = this.#parts;
    const taken =
      !offer.withdrawn &&
      (await centre
        .change((change) => {
          const done = take(change, this.#queue, this.#id, agent.id);
          // At once, for the change is told to this call before it returns.
          if (done) this.#answered = true;
          return done;
        })
        .catch(async (error: unknown) => {
          await call.hangup("failure");
          throw error;
        }));
    if (taken) this.#onAnswer({ kind: "answered", agent, call });
    else void call.hangup(tooLate);
  }
}

function withdraw(offer: Offer): void {
  if (offer.withdrawn) return;
  offer.withdrawn = true;
  offer.attempt.cancel(tooLate);
}
