import {
  Abandoned,
  type Clock,
  Disconnected,
  errorText,
  type Logger,
  type Timer,
  YaytsError,
} from "../base/index.ts";
import {
  createWait,
  type DispatchedMessage,
  type Message,
  observingOf,
  type ParamsToSend,
  type PendingWait,
  reasonOfStatus,
  type Wait,
  type WatchedMessage,
  type Yate,
} from "../bus/index.ts";
import { sleep } from "../flow/index.ts";
import { KeyBuffer } from "./keys/key-buffer.ts";
import type { CallKit } from "./kit.ts";
import { OpenOperation } from "./operations/index.ts";
import type { HangUp } from "./outcomes.ts";
import type { Taker } from "./takers.ts";
import { Whereabouts } from "./whereabouts.ts";

/** How far a call has come. */
export type CallState = "new" | "progressing" | "ringing" | "answered" | "ended";

/** What a call begins with. */
export interface CallStart {
  readonly direction: "incoming" | "outgoing";
  /** The other party's channel; "" until the engine has made it. */
  readonly party: string;
  /** Our own leg; "" until the engine has made it. */
  readonly leg: string;
  readonly from: string;
  readonly fromName: string;
  readonly to: string;
  /** The message that brought or placed the call. */
  readonly message: Message;
  /** The takers of calls whose programs led to this one, the first first. */
  readonly takers: readonly Taker[];
  /** Made where the app asked for such calls; see `placeMark`. */
  readonly origin?: object | undefined;
}

/** A channel that was dropped and is still there after so long is dropped again. */
const dropAgainMs = 250;

/** How long another message has to tell why the call ended. */
const wordWithinMs = 50;

/** So many operations may be begun after the hang-up, before a program that does not look at outcomes is stopped. */
const mostAfterEnd = 1000;

/**
 * What the features of a call are built on: the party's channel, our leg beside it, and what becomes of them. The party is
 * either `here`, connected to our leg, or away with somebody else, from whom it comes back to a new leg when that one
 * leaves.
 */
export class CallCore {
  readonly kit: CallKit;
  readonly start: CallStart;
  readonly keys: KeyBuffer;
  /** Resolves when the call is over; never rejects. */
  readonly ended: Wait<HangUp>;
  /** The call as a whole, for who observes; it lasts until the program has ended, if one runs. */
  readonly operation: OpenOperation;
  /** A program has the call. */
  programmed = false;
  state: CallState = "new";
  readonly #ending: PendingWait<HangUp>;
  readonly #abort = new AbortController();
  readonly #deferred: (() => unknown)[] = [];
  readonly #whereabouts: Whereabouts = new Whereabouts(this);
  readonly #states: Set<(state: CallState) => void> = new Set();
  #party = "";
  #leg = "";
  #over: HangUp | undefined;
  #dropped: string | undefined;
  #afterEnd = 0;
  /** Runs from a message that told the end without a reason. */
  #wordless: Timer | undefined;
  #forgetParty: () => void = () => {};
  #forgetLeg: () => void = () => {};

  constructor(kit: CallKit, start: CallStart) {
    this.kit = kit;
    this.start = start;
    this.keys = new KeyBuffer(kit.clock);
    this.#ending = createWait<HangUp>("the end of the call", undefined);
    this.ended = this.#ending.wait;
    this.#party = start.party;
    this.#leg = start.leg;
    this.operation = new OpenOperation(observingOf(kit.yate), {
      what: "call",
      party: this,
      detail: () => `${start.direction === "incoming" ? `${start.from} ` : ""}→ ${start.to}`,
      beganMs: kit.clock.now(),
      origin: start.origin,
    });
    kit.calls.add(this);
    this.operation.run(() => {
      if (start.party) this.setParty(start.party);
      if (start.leg) this.setLeg(start.leg);
    });
  }

  get yate(): Yate {
    return this.kit.yate;
  }

  get clock(): Clock {
    return this.kit.clock;
  }

  get log(): Logger {
    return this.kit.log;
  }

  /** The other party's channel. */
  get party(): string {
    return this.#party;
  }

  /** Our leg, where sound is attached; while the party is away, the one it had. */
  get leg(): string {
    return this.#leg;
  }

  /** The channel whose end is the end of the call: the party's, or a phone's own leg. */
  get dropped(): string {
    return this.kit.phone ? this.#leg || this.#party : this.#party || this.#leg;
  }

  /** Whether the party is connected to our leg, and about to stay. */
  get here(): boolean {
    return this.#over === undefined && this.#whereabouts.here;
  }

  /** How the call ended, if it has. */
  get over(): HangUp | undefined {
    return this.#over;
  }

  /** Fires when the call is over; its reason is Abandoned, whose cause is the {@link HangUp}. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * To be asked by each operation as it begins: how the call ended, if it has. A program that never looks at outcomes would
   * go round for ever after the hang-up, so it is let breathe, and stopped in the end.
   */
  async begin(): Promise<HangUp | undefined> {
    if (!this.#over) return undefined;
    if (++this.#afterEnd > mostAfterEnd)
      throw new YaytsError(
        "call-over",
        `the program of ${this.#party} goes on after the hang-up: end its loop when an outcome's kind is "hangup"`,
      );
    await new Promise<void>((resolve) => this.clock.turn(resolve));
    return this.#over;
  }

  /** Calls `fn` when the call is over, the last one first; at once if it is. */
  defer(fn: () => unknown): void {
    if (this.#over) this.#run(fn);
    else this.#deferred.push(fn);
  }

  /** Calls `fn` each time the party leaves our leg: what sounded there is heard no more. Returns the way to stop that. */
  onLeave(fn: () => void): () => void {
    return this.#whereabouts.onLeave(fn);
  }

  /** Calls `fn` each time the party comes back to us on its own. Returns the way to stop that. */
  onReturn(fn: (reason: string) => void): () => void {
    return this.#whereabouts.onReturn(fn);
  }

  /** Calls `fn` at each new state. Returns the way to stop that. */
  onState(fn: (state: CallState) => void): () => void {
    this.#states.add(fn);
    return () => void this.#states.delete(fn);
  }

  /** Goes on to a later state; one that is past is not come back to. */
  advance(state: CallState): void {
    const order: readonly CallState[] = ["new", "progressing", "ringing", "answered", "ended"];
    if (order.indexOf(state) <= order.indexOf(this.state)) return;
    this.state = state;
    for (const fn of [...this.#states]) fn(state);
  }

  /**
   * Sends a message and waits for its answer; undefined when the call or the engine is gone before it comes.
   */
  async send<N extends string>(name: N, params: ParamsToSend<N>): Promise<DispatchedMessage<N> | undefined> {
    if (this.#over) return undefined;
    try {
      return await this.yate.msg(name, params).dispatch({ signal: this.signal });
    } catch (error) {
      if (error instanceof Abandoned || error instanceof Disconnected) return undefined;
      throw error;
    }
  }

  /** Sends `message` as if channel `id` did (spec/calls.md §8). */
  masquerade(
    id: string,
    message: string,
    params: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ): Promise<DispatchedMessage<"chan.masquerade"> | undefined> {
    return this.send("chan.masquerade", { message, id, ...params });
  }

  /** From now on `id` is the other party. */
  setParty(id: string): void {
    this.#forgetParty();
    this.#party = id;
    const forget = [
      this.#follow("chan.dtmf", { id }, (m) => this.keys.add(m.get("text") ?? "")),
      this.#follow("chan.hangup", { id }, (m) => void this.#partyGone(m)),
    ];
    this.#forgetParty = () => {
      for (const stop of forget) stop();
    };
  }

  /** From now on `leg` is our side of the call, and the party is here. */
  setLeg(leg: string): void {
    this.#forgetLeg();
    this.#leg = leg;
    this.#whereabouts.arrived();
    const gone = (m: WatchedMessage): void => {
      if (!this.#whereabouts.away && this.#leg === leg) this.#gone(m);
    };
    const parted = (m: WatchedMessage): void => {
      if (!this.#whereabouts.away && this.#leg === leg) void this.#partyGone(m);
    };
    const forget = [
      this.#follow("chan.disconnected", { id: leg }, parted),
      this.#follow("chan.hangup", { id: leg }, gone),
    ];
    this.#forgetLeg = () => {
      for (const stop of forget) stop();
    };
  }

  /**
   * Does what connects the party to somebody else. When it works, the party is away until that one leaves or `takeBack`
   * is called; when it does not, all is as before. Moves of one party have their turn one after another.
   * @param move resolves to whether it worked
   */
  goAway(move: () => Promise<boolean>): Promise<boolean> {
    return this.#whereabouts.goAway(move);
  }

  /** Connects the party to a new leg of ours, whoever it is with. False when the engine cannot. */
  takeBack(reason = "taken back"): Promise<boolean> {
    return this.#whereabouts.takeBack(reason);
  }

  /** How the call ended, if it has; asks the engine, for what failed may have failed because the party or our leg is gone. */
  async check(): Promise<HangUp | undefined> {
    const found = await this.send("chan.locate", { id: this.#whereabouts.away ? this.#party : this.#leg });
    // The word why comes with a message of its own, a moment later or earlier.
    if (found && !found.handled) await sleep(100, { until: this.ended, clock: this.clock }).catch(() => {});
    if (found && !found.handled) this.finish({ kind: "hangup", by: "party", reason: "" });
    return this.#over;
  }

  /** Ends the call; resolves when it is over. */
  async hangup(reason: string): Promise<HangUp> {
    if (this.#over) return this.#over;
    this.#dropped ??= reason;
    // A channel that is between two peers takes no notice of being dropped.
    while (!this.#over) {
      const id = this.dropped;
      const drop = id ? await this.send("call.drop", { id, reason }) : undefined;
      if (!drop?.handled) this.finish({ kind: "hangup", by: "app", reason });
      else await sleep(dropAgainMs, { until: this.ended, clock: this.clock }).catch(() => {});
    }
    return await this.ended;
  }

  /** The call is over. */
  finish(hangUp: HangUp): void {
    if (this.#over) return;
    this.#over = hangUp;
    this.#wordless?.cancel();
    this.#forgetParty();
    this.#forgetLeg();
    this.kit.calls.delete(this);
    this.#whereabouts.end();
    this.advance("ended");
    this.keys.end();
    this.#abort.abort(new Abandoned(`the call is over: ${hangUp.reason || "hangup"}`, hangUp));
    for (const fn of this.#deferred.splice(0).reverse()) this.#run(fn);
    this.#states.clear();
    if (!this.programmed) this.operation.end(hangUp);
    this.#ending.resolve(hangUp);
  }

  #run(fn: () => unknown): void {
    const failed = (error: unknown): void =>
      this.log.error(`a clean-up of the call ${this.#party} failed: ${errorText(error)}`);
    try {
      Promise.resolve(fn()).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** The party is gone or has left. A phone's leg may be with somebody else by now: that one is the party then. */
  async #partyGone(message: WatchedMessage): Promise<void> {
    const leg = this.#leg;
    if (!this.kit.phone || !leg || this.#whereabouts.away) return this.#gone(message);
    const found = await this.send("chan.locate", { id: leg, complete: true });
    const peer = found?.handled ? found.get("peerid") : undefined;
    if (!peer || this.#leg !== leg) return this.#gone(message);
    if (peer !== this.#party) this.setParty(peer);
  }

  /** Several messages tell that a call is over, in any order, and not all of them why. */
  #gone(message: WatchedMessage): void {
    const status = message.get("status") ?? "";
    const code = Number(message.get("cause_sip") ?? "");
    const told = message.get("reason") || reasonOfStatus(status);
    const by = this.#dropped === undefined ? "party" : "app";
    const hangUp: HangUp = {
      kind: "hangup",
      by,
      reason: this.#dropped ?? told,
      ...(code > 0 ? { code } : {}),
    };
    if (hangUp.reason) this.finish(hangUp);
    else this.#wordless ??= this.clock.after(wordWithinMs, () => this.finish(hangUp));
  }

  #follow(
    name: string,
    guard: Readonly<Record<string, string>>,
    fn: (message: WatchedMessage) => void,
  ): () => void {
    const stream = this.yate.watches(name, guard);
    const run = async (): Promise<void> => {
      for await (const message of stream) fn(message);
    };
    run().catch((error: unknown) =>
      this.log.error(`following ${name} of ${this.#party} failed: ${errorText(error)}`),
    );
    return () => void stream.return();
  }
}
