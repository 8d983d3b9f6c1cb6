import { Disconnected } from "../../base/index.ts";
import { createWait, type PendingWait, type Wait } from "../../bus/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { HangUp } from "../outcomes.ts";
import { createTurns } from "../turns.ts";

/** A bridge is over, and the party is with its program again. */
export interface BridgeOver {
  readonly kind: "ended";
  /** The other party left, `unbridge` was called on either call, the time was over, or a key ended it. */
  readonly by: "other" | "unbridged" | "limit" | "key";
  /** The key, when one ended it. */
  readonly key?: string;
  /** The engine's word why the other party left, or the program's. */
  readonly reason: string;
  /** How long the two talked, time on hold included. */
  readonly bridgedMs: number;
}

interface Side {
  readonly call: Call;
  readonly core: CallCore;
  readonly end: PendingWait<BridgeOver | HangUp>;
  readonly forget: (() => void)[];
}

const bridges = new WeakMap<CallCore, Bridge>();

/**
 * Two calls whose parties are connected to each other, or will be again: on hold they are apart. Each side ends by itself,
 * for a phone may transfer its partner to somebody else: that one's bridge goes on until it comes back.
 */
export class Bridge {
  readonly #sides: readonly [Side, Side];
  readonly #inTurn = createTurns();
  #joined = false;
  #beganMs: number | undefined;
  #transferring = false;

  /** Reserves both calls, which nobody else can bridge from now on. */
  constructor(one: Call, other: Call) {
    this.#sides = [this.#side(one), this.#side(other)];
    for (const side of this.#sides) {
      bridges.set(side.core, this);
      side.forget.push(side.core.onReturn((reason) => this.#returned(side, reason)));
      void side.core.ended.then((hangUp) => this.#hungUp(side, hangUp));
    }
  }

  /** The bridge that a call is in, also while it is on hold. */
  static of(core: CallCore): Bridge | undefined {
    return bridges.get(core);
  }

  /** Whether the two are connected now. */
  get joined(): boolean {
    return this.#joined;
  }

  other(core: CallCore): Call {
    const [one, other] = this.#sides;
    return one.core === core ? other.call : one.call;
  }

  /** Resolves when the bridge is over for that call. */
  endOf(core: CallCore): Wait<BridgeOver | HangUp> {
    const [one, other] = this.#sides;
    return (one.core === core ? one : other).end.wait;
  }

  /** Connects the two; false when one is gone, or with somebody else. */
  join(): Promise<boolean> {
    return this.#inTurn(async () => {
      const [one, other] = this.#sides;
      if (one.end.settled || other.end.settled || !one.core.here || !other.core.here) return false;
      this.#joined = true;
      const joined = await connectParties(one.core, other.core);
      this.#joined &&= joined;
      if (joined) this.#beganMs ??= one.core.clock.monotonicMs();
      return joined;
    });
  }

  /** Resolves when what is being done to it is done. */
  settled(): Promise<void> {
    return this.#inTurn(async () => {});
  }

  /** Takes both back without ending the bridge. */
  hold(reason = "hold"): Promise<void> {
    return this.#inTurn(() => this.#takeBack(reason));
  }

  /** Takes both back and ends it. */
  part(by: BridgeOver["by"], reason: string, key?: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#takeBack(reason);
      for (const side of this.#sides) this.#settle(side, this.#over(by, reason, key));
    });
  }

  /** While `work` is under way, the one who stays is not told that the other hung up: it may be transferred. */
  async whileTransferring<T>(work: () => Promise<T>): Promise<T> {
    this.#transferring = true;
    try {
      return await work();
    } finally {
      this.#transferring = false;
      for (const side of this.#sides) if (side.core.over) this.#hungUp(side, side.core.over);
    }
  }

  #side(call: Call): Side {
    const end = createWait<BridgeOver | HangUp>("the end of a bridge", undefined);
    return { call, core: coreOf(call), end, forget: [] };
  }

  async #takeBack(reason: string): Promise<void> {
    if (!this.#joined) return;
    this.#joined = false;
    const open = this.#sides.filter(({ end }) => !end.settled);
    await Promise.all(open.map(({ core }) => core.takeBack(reason)));
  }

  #returned(side: Side, reason: string): void {
    // On hold, and while the program parts them, coming back is no end.
    if (this.#joined) this.#settle(side, this.#over("other", reason));
  }

  #hungUp(side: Side, hangUp: HangUp): void {
    this.#settle(side, hangUp);
    if (this.#transferring) return;
    const [one, two] = this.#sides;
    const other = side === one ? two : one;
    // One who is still with somebody comes back by itself, or is with somebody new.
    if (!this.#joined || other.core.here) this.#settle(other, this.#over("other", hangUp.reason));
  }

  #over(by: BridgeOver["by"], reason: string, key?: string): BridgeOver {
    const [{ core }] = this.#sides;
    const bridgedMs = this.#beganMs === undefined ? 0 : core.clock.monotonicMs() - this.#beganMs;
    return {
      kind: "ended",
      by,
      reason,
      bridgedMs: Math.round(bridgedMs),
      ...(key === undefined ? {} : { key }),
    };
  }

  #settle(side: Side, end: BridgeOver | HangUp): void {
    if (side.end.settled) return;
    if (bridges.get(side.core) === this) bridges.delete(side.core);
    for (const forget of side.forget.splice(0)) forget();
    // What was typed to the other party answers no question of the program.
    if (end.kind === "ended") side.core.keys.flush();
    side.end.resolve(end);
  }
}

/** Connects the parties of two calls to each other; both are away then. */
export function connectParties(one: CallCore, other: CallCore, reason = "bridge"): Promise<boolean> {
  const connect = async (): Promise<boolean> => {
    const params = { id: one.party, targetid: other.party, reason };
    try {
      // Also when one of them hangs up meanwhile: what became of the other depends on what the engine has done.
      return (await one.kit.yate.msg("chan.connect", params).dispatch()).handled;
    } catch (error) {
      if (error instanceof Disconnected) return false;
      throw error;
    }
  };
  return one.goAway(() => other.goAway(connect));
}
