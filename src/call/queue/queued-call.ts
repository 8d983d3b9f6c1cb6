import { errorText, YaytsError } from "../../base/index.ts";
import { type Call, coreOf } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { KeyReader } from "../keys/key-buffer.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { bridgeCalls } from "../people/bridge-calls.ts";
import { failed } from "../people/failed.ts";
import type { Playable } from "../sound/playable.ts";
import { AgentOffers, type Answer } from "./agent-offers.ts";
import type { QueueParts } from "./call-queue.ts";
import type { PlaceInLine } from "./queue-options.ts";
import { finished, join, type Leaving, leave, missed, talk as talkBegins } from "./queue-rules.ts";
import type { AgentRecord, QueueState, WaitingRecord } from "./queue-state.ts";
import { speakPlace } from "./speak-place.ts";
import { startWaitingSound, type WaitingSound } from "./waiting-sound.ts";

/** How waiting in line is done. */
export interface EnqueueOptions {
  /** Higher comes first. Default 0. */
  readonly priority?: number | undefined;
  /** Agents must have all of them. Default: none. */
  readonly skills?: readonly string[] | undefined;
  /** Keys that let the caller leave, as in `"#"`. Default: none. */
  readonly bargeOut?: string | undefined;
  /** Longest wait, in milliseconds. Default: the queue's. */
  readonly maxWaitMs?: number | undefined;
}

/** What became of a caller in line. */
export type EnqueueOutcome =
  /** An agent has talked with the caller, who is still there when `endedBy` is `agent`. */
  | {
      readonly kind: "served";
      /** The queue, which `overflow` may have changed. */
      readonly queue: string;
      readonly agent: { readonly id: string; readonly name: string };
      readonly waitedMs: number;
      readonly talkedMs: number;
      /** `app`: the program parted them, as by `unbridge`. */
      readonly endedBy: "caller" | "agent" | "app";
    }
  /** The caller pressed a key of `bargeOut`. */
  | { readonly kind: "left"; readonly key: string; readonly waitedMs: number }
  | { readonly kind: "timeout"; readonly waitedMs: number }
  | { readonly kind: "full" }
  /** The queue takes nobody, or has sent all away. */
  | { readonly kind: "closed" }
  /** The caller hung up while waiting. */
  | HangUp
  | Failed;

/** How a stretch of waiting ended: an agent has answered, or nothing will come of it. */
type WaitEnd = Answer | { readonly kind: "over"; readonly outcome: EnqueueOutcome };

type Talk =
  | {
      readonly begun: true;
      readonly waitedMs: number;
      readonly talkedMs: number;
      readonly endedBy: "caller" | "agent" | "app";
    }
  | { readonly begun: false; readonly outcome: Failed };

/** One call in one line, from its joining to its end there. */
export class QueuedCall {
  readonly #parts: QueueParts;
  readonly #queue: string;
  readonly #call: Call;
  readonly #core: CallCore;
  readonly #options: EnqueueOptions;
  readonly #sinceMs: number;
  /** The channel names it: a call is in one line at a time. */
  readonly #id: string;
  readonly #offers: AgentOffers;
  #end: PromiseWithResolvers<WaitEnd> = Promise.withResolvers();
  #record: WaitingRecord | undefined;
  /** Ways out of the line that are being tried. */
  #leaving = 0;
  #late = false;

  /** @param sinceMs since when it waits, by the wall clock */
  constructor(parts: QueueParts, queue: string, call: Call, options: EnqueueOptions, sinceMs: number) {
    this.#parts = parts;
    this.#queue = queue;
    this.#call = call;
    this.#core = coreOf(call);
    this.#options = options;
    this.#sinceMs = sinceMs;
    this.#id = this.#core.party;
    this.#offers = new AgentOffers(parts, queue, this.#core, (answer) => this.#end.resolve(answer));
  }

  async run(): Promise<EnqueueOutcome> {
    try {
      return await this.#run();
    } catch (error) {
      if (this.#core.over) return this.#core.over;
      const cause = errorText(error);
      return {
        kind: "failed",
        error: new YaytsError("handler-failed", `the queue ${this.#queue}: ${cause}`, { cause: error }),
      };
    }
  }

  async #run(): Promise<EnqueueOutcome> {
    const { centre, settings } = this.#parts;
    const core = this.#core;
    const { priority = 0, skills = [] } = this.#options;
    const { from, fromName } = core.start;
    const joined = await centre.change((change) =>
      join(change, this.#queue, { id: this.#id, from, fromName, priority, skills, joinedMs: this.#sinceMs }),
    );
    if (joined !== "joined") return core.over ?? { kind: joined };
    using reader = core.keys.open();
    this.#sync(centre.latest);
    const unfollow = centre.follow((state) => this.#sync(state));
    const maxWaitMs = this.#options.maxWaitMs ?? settings.maxWaitMs;
    const timer = Number.isFinite(maxWaitMs) ? core.clock.after(maxWaitMs, () => this.#timeOut()) : undefined;
    this.#followKeys(reader).catch((error: unknown) => core.log.error(errorText(error)));
    void core.ended.then((over) => this.#leave("abandoned", over));
    try {
      return await this.#serve();
    } finally {
      unfollow();
      timer?.cancel();
      this.#offers.withdrawAll();
    }
  }

  /** Waits for an agent, and again as long as those who answered are gone before they could talk. */
  async #serve(): Promise<EnqueueOutcome> {
    const { centre, settings } = this.#parts;
    const core = this.#core;
    const [queue, id] = [this.#queue, this.#id];
    let sound: WaitingSound | undefined;
    try {
      for (;;) {
        sound ??= this.#startSound();
        const end = await this.#end.promise;
        if (end.kind === "over") return end.outcome;
        const { agent } = end;
        const agentCore = coreOf(end.call);
        const words = settings.whisper?.({ ...this.#place(), from: core.start.from });
        if (words !== undefined) await tellFirst(core, end.call, words);
        await sound.stop();
        sound = undefined;
        const talk = await this.#talk(agent, end.call);
        if (talk.begun) {
          const { waitedMs, talkedMs, endedBy } = talk;
          await centre.change((change) => finished(change, queue, id, agent.id, talkedMs));
          return {
            kind: "served",
            queue,
            agent: { id: agent.id, name: agent.name },
            waitedMs,
            talkedMs,
            endedBy,
          };
        }
        if (core.over || !agentCore.over) {
          await agentCore.hangup("hangup");
          await centre.change((change) => leave(change, queue, id, core.over ? "abandoned" : "failed", true));
          return core.over ?? talk.outcome;
        }
        this.#end = Promise.withResolvers();
        const reason = agentCore.over.reason || "hangup";
        await centre.change((change) => missed(change, queue, id, agent.id, reason));
        this.#offers.again();
        if (this.#late) this.#timeOut();
      }
    } finally {
      await sound?.stop();
    }
  }

  /** Connects caller and agent until one leaves. */
  async #talk(agent: AgentRecord, agentCall: Call): Promise<Talk> {
    const core = this.#core;
    const { centre } = this.#parts;
    const waitedMs = this.#waitedMs();
    let begun: { readonly atMs: number; readonly told: Promise<void> } | undefined;
    const forget = core.onLeave(() => {
      const told = centre.change((change) => talkBegins(change, this.#queue, this.#id, agent.id));
      begun ??= { atMs: core.clock.monotonicMs(), told };
    });
    const end = await bridgeCalls(this.#call, agentCall, { keepOther: false });
    forget();
    if (!begun) {
      const none = failed("call-failed", `the caller was not connected to the agent ${agent.id}`);
      return { begun: false, outcome: end.kind === "failed" ? end : none };
    }
    await begun.told;
    const talkedMs = Math.round(core.clock.monotonicMs() - begun.atMs);
    if (end.kind === "hangup") return { begun: true, waitedMs, talkedMs, endedBy: "caller" };
    if (end.kind === "ended" && end.by === "other")
      return { begun: true, waitedMs, talkedMs, endedBy: "agent" };
    await coreOf(agentCall).hangup("hangup");
    return { begun: true, waitedMs, talkedMs, endedBy: "app" };
  }

  #startSound(): WaitingSound {
    const { settings } = this.#parts;
    return startWaitingSound({
      sound: this.#call,
      clock: this.#core.clock,
      log: this.#core.log,
      music: settings.music,
      announceEveryMs: settings.announceEveryMs,
      announce: () => (settings.announce ?? speakPlace)(this.#place()),
    });
  }

  #place(): PlaceInLine {
    return {
      queue: this.#queue,
      position: this.#record?.position ?? 1,
      waitedMs: this.#waitedMs(),
      language: this.#call.language,
    };
  }

  #waitedMs(): number {
    return Math.max(0, this.#core.clock.now() - this.#sinceMs);
  }

  /** Looks what has become of it: rings at whom it is meant to ring, and no more at others. */
  #sync(state: QueueState): void {
    const record = state.queues[this.#queue]?.waiting[this.#id];
    const wasThere = this.#record !== undefined;
    this.#record = record ?? this.#record;
    this.#offers.sync(record, state.agents);
    // Taken out by somebody else: the queue sends its callers away.
    if (!record && wasThere && this.#leaving === 0 && !this.#offers.answered)
      this.#end.resolve({ kind: "over", outcome: { kind: "closed" } });
  }

  async #followKeys(reader: KeyReader): Promise<void> {
    const { bargeOut = "" } = this.#options;
    for (;;) {
      const typed = await reader.next();
      if (!typed) return;
      const { key } = typed;
      if (bargeOut.includes(key))
        await this.#leave("left", { kind: "left", key, waitedMs: this.#waitedMs() });
    }
  }

  #timeOut(): void {
    this.#late = true;
    void this.#leave("timeout", { kind: "timeout", waitedMs: this.#waitedMs() });
  }

  /** Leaves the line, unless an agent has answered. */
  async #leave(why: Leaving, outcome: EnqueueOutcome): Promise<void> {
    this.#leaving++;
    const { centre } = this.#parts;
    try {
      const left = await centre.change((change) => leave(change, this.#queue, this.#id, why));
      if (left) this.#end.resolve({ kind: "over", outcome });
    } catch (error) {
      this.#core.log.error(`the store of the queue ${this.#queue} failed: ${errorText(error)}`);
      this.#end.resolve({ kind: "over", outcome });
    } finally {
      this.#leaving--;
      this.#sync(centre.latest);
    }
  }
}

/** Lets the agent hear something before the caller; it ends at once when the caller is gone. */
async function tellFirst(caller: CallCore, agentCall: Call, words: Playable): Promise<void> {
  const end = await agentCall.play(words, { signal: caller.signal });
  if (end.kind === "failed")
    caller.log.warn(`what an agent of a queue is told cannot be played: ${end.error.message}`);
}
