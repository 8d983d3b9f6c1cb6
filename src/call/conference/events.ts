import type { Call } from "../call.ts";

/** Somebody in a conference room, as of now. */
export interface ConferenceMember {
  /** The member's channel, as in `sip/1`. */
  readonly id: string;
  /** Its leg in the room, as in `conf/1`. */
  readonly leg: string;
  /** The call, when it is one of this app's. */
  readonly call: Call | undefined;
  /** When it came, in milliseconds since the epoch; of one who was there before this app looked, when that was. */
  readonly joinedAtMs: number;
  /** By this app. */
  readonly muted: boolean;
  readonly talking: boolean;
}

/** What happens in a conference room. */
export type ConferenceEvent =
  | { readonly kind: "joined" | "left"; readonly member: ConferenceMember }
  /** Who talks has changed; the loudest first, nobody when all are silent. */
  | { readonly kind: "talking"; readonly members: readonly ConferenceMember[] }
  /** The room is being recorded, by whomever. */
  | { readonly kind: "recording"; readonly target: string }
  /** The engine has closed the room: nobody is in it. It may be opened again. */
  | { readonly kind: "closed" };

/** Most events kept for a loop that is busy; the oldest go first. */
const mostKept = 1000;

/** Events for a `for await` loop, from the moment it is made. */
export class EventLoop implements AsyncIterableIterator<ConferenceEvent> {
  readonly #left: () => void;
  #kept: ConferenceEvent[] = [];
  #waiting: ((result: IteratorResult<ConferenceEvent>) => void)[] = [];
  #over = false;

  /** @param left called once, when nobody reads any more */
  constructor(left: () => void) {
    this.#left = left;
  }

  push(event: ConferenceEvent): void {
    if (this.#over) return;
    const waiter = this.#waiting.shift();
    if (waiter) {
      waiter({ done: false, value: event });
      return;
    }
    this.#kept.push(event);
    if (this.#kept.length > mostKept) this.#kept.shift();
  }

  /** No more events come; those that are kept can still be read. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const waiter of this.#waiting.splice(0)) waiter({ done: true, value: undefined });
    this.#left();
  }

  next(): Promise<IteratorResult<ConferenceEvent>> {
    const event = this.#kept.shift();
    if (event) return Promise.resolve({ done: false, value: event });
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<ConferenceEvent>> {
    this.end();
    this.#kept = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
