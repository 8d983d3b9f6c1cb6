import { errorText } from "../base/index.ts";
import type { IncomingMessage } from "../bus/index.ts";
import type { CallCore } from "./call-core.ts";
import type { CallKit } from "./kit.ts";
import { createTurns } from "./turns.ts";

/** A message that somebody left may be this old when it comes: with whom the party is by then has to be asked. */
const lateMs = 2000;
/** How long the engine has to connect a party anew. */
const connectWithinMs = 10_000;

/**
 * Where the party of a call is: here, connected to our leg, or away with somebody else. The engine lets a channel whose peer
 * left live only if it is connected anew while that is being told (spec/calls.md §2), so that is where it is brought back to a
 * new leg.
 */
export class Whereabouts {
  readonly #core: CallCore;
  readonly #leavings: Set<() => void> = new Set();
  readonly #returns: Set<(reason: string) => void> = new Set();
  /** Moves of the party, and its returns, one after another: the engine is asked for one thing at a time. */
  readonly #inTurn = createTurns();
  /** Moves that are under way or wait for their turn. */
  #moves = 0;
  #movedMs = Number.NEGATIVE_INFINITY;
  #away = false;

  constructor(core: CallCore) {
    this.#core = core;
  }

  get away(): boolean {
    return this.#away;
  }

  /** Whether the party is connected to our leg, and about to stay. */
  get here(): boolean {
    return !this.#away && this.#moves === 0;
  }

  onLeave(fn: () => void): () => void {
    this.#leavings.add(fn);
    return () => void this.#leavings.delete(fn);
  }

  onReturn(fn: (reason: string) => void): () => void {
    this.#returns.add(fn);
    return () => void this.#returns.delete(fn);
  }

  /** The party is connected to a leg of ours. */
  arrived(): void {
    this.#setAway(false);
  }

  /** The call is over. */
  end(): void {
    this.#setAway(false);
    this.#leavings.clear();
    this.#returns.clear();
  }

  async goAway(move: () => Promise<boolean>): Promise<boolean> {
    if (this.#core.over) return false;
    this.#moves++;
    try {
      return await this.#inTurn(() => this.#move(move));
    } finally {
      this.#moves--;
      this.#movedMs = this.#core.clock.monotonicMs();
    }
  }

  takeBack(reason: string): Promise<boolean> {
    return this.#inTurn(
      async () => this.#core.over === undefined && (!this.#away || (await this.#take(reason))),
    );
  }

  /**
   * Whom the party was with has left it: the message that tells so goes on as a call to a new leg of ours. Nothing is sent while
   * it is held, for a YATE has few workers (spec/kernel.md §4) and a room of many may close at once.
   * @returns what answers the message
   */
  left(message: IncomingMessage<"chan.disconnected">): false | Promise<false> {
    const core = this.#core;
    if (core.over || !this.#away) return false;
    const reason = message.get("reason") ?? "";
    if (this.#moves > 0 || core.clock.monotonicMs() - this.#movedMs < lateMs) return this.#ask(reason);
    const executed = core.yate.onwatch(
      "call.execute",
      { id: core.party },
      { until: core.ended, timeoutMs: connectWithinMs },
    );
    void this.#inTurn(async () => {
      const execute = await executed.catch(() => undefined);
      const leg = execute?.handled ? (execute.get("targetid") ?? execute.get("peerid")) : undefined;
      if (!leg || core.over) return;
      core.setLeg(leg);
      this.#tellReturn(reason);
    });
    message.name = "call.execute";
    message.set("callto", "dumb/");
    return false;
  }

  /** The peer of the party has left it, but it may have another one by now. */
  async #ask(reason: string): Promise<false> {
    const core = this.#core;
    const back = await this.#inTurn(async () => {
      if (core.over || !this.#away) return false;
      const found = await core.send("chan.locate", { id: core.party, complete: true });
      return found?.handled === true && !found.get("peerid") && (await this.#take(reason));
    }).catch((error: unknown) => {
      core.log.error(`taking ${core.party} back failed: ${errorText(error)}`);
      return false;
    });
    if (back) this.#tellReturn(reason);
    return false;
  }

  async #move(move: () => Promise<boolean>): Promise<boolean> {
    const core = this.#core;
    if (core.over) return false;
    const wasAway = this.#away;
    this.#setAway(true);
    let moved = false;
    try {
      moved = await move();
    } finally {
      if (!moved && !wasAway) this.#setAway(false);
    }
    if (core.over) return moved;
    if (moved && !wasAway) for (const fn of [...this.#leavings]) fn();
    if (!moved && !wasAway) await core.check();
    return moved;
  }

  async #take(reason: string): Promise<boolean> {
    const core = this.#core;
    const execute = await core.masquerade(core.party, "call.execute", { callto: "dumb/", reason });
    const leg = execute?.handled ? (execute.get("targetid") ?? execute.get("peerid")) : undefined;
    if (!leg || core.over) return false;
    core.setLeg(leg);
    return true;
  }

  #tellReturn(reason: string): void {
    for (const fn of [...this.#returns]) fn(reason);
  }

  #setAway(away: boolean): void {
    const { kit, party } = this.#core;
    this.#away = away;
    if (away) {
      watchReturns(kit);
      kit.away.set(party, this);
    } else if (kit.away.get(party) === this) kit.away.delete(party);
  }
}

/** Before the drivers, who take what becomes of the message. */
const beforeDrivers = 80;
const watched = new WeakSet<CallKit>();

function watchReturns(kit: CallKit): void {
  if (watched.has(kit)) return;
  watched.add(kit);
  kit.yate.handle(
    "chan.disconnected",
    { priority: beforeDrivers },
    (message) => kit.away.get(message.get("id") ?? "")?.left(message) ?? false,
  );
}
