import { Params } from "../../bus/index.ts";
import {
  CallEndpoint,
  carry,
  copyParams,
  type DisconnectCause,
  type Engine,
  EngineMessage,
} from "../../engine/index.ts";
import { compileRegexp } from "../regexroute/regexp.ts";
import { type ForkGroup, type ForkTarget, legParams } from "./fork-targets.ts";

/** What the forks of one engine have in common. */
export interface ForkHome {
  readonly engine: Engine;
  /** Masters and legs by id. */
  readonly endpoints: Map<string, ForkMaster | ForkLeg>;
}

/** How a leg counts: the fork lives as long as there are regular ones; persistent ones survive `|drop`. */
type LegKind = "regular" | "auxiliar" | "persistent";

/** What the called side of one target is connected to until somebody answers: `fork/<n>/<k>`. */
export class ForkLeg extends CallEndpoint {
  readonly master: ForkMaster;
  readonly kind: LegKind;
  /** Its ringing is preferred to that of others. */
  readonly ringer: boolean;

  constructor(master: ForkMaster, id: string, params: Params) {
    super(id);
    this.master = master;
    const kind = params.get("fork.calltype");
    this.kind = kind === "auxiliar" || kind === "persistent" ? kind : "regular";
    this.ringer = params.get("fork.ringer") === "true";
  }

  protected override disconnected(cause: DisconnectCause): void {
    this.master.lost(this, cause.reason);
  }

  protected override destroyed(): void {
    this.master.forget(this);
  }
}

/** What the caller is connected to while the targets are called: `fork/<n>` (spec/media.md §9). */
export class ForkMaster extends CallEndpoint {
  readonly #home: ForkHome;
  readonly #groups: ForkGroup[];
  readonly #base: Params;
  readonly #cause: EngineMessage;
  readonly #legs = new Set<ForkLeg>();
  readonly #setId: boolean;
  readonly #announced: boolean;
  #legCount = 0;
  #ended = false;
  /** A group is being started: what is lost meanwhile is looked at afterwards. */
  #starting = false;
  #reason: string | undefined;
  /** When the next group begins although this one has not failed. */
  #nextAt: number | undefined;
  #ringing: ForkLeg | undefined;
  /** Whom the caller was connected to; that can be while the legs are still being started. */
  #answeredBy: string | undefined;
  #faked = false;

  constructor(home: ForkHome, id: string, cause: EngineMessage, groups: ForkGroup[], caller: CallEndpoint) {
    super(id);
    this.#home = home;
    this.#groups = groups;
    this.#setId = cause.flag("fork.setid", false);
    this.#announced = cause.flag("fork.chanmsgs", cause.get("pbxoper") !== undefined);
    // The message goes on and changes; the fork may need its parameters much later.
    this.#cause = home.engine.message(cause.name, cause.params);
    this.#base = legParams(cause)
      .set("callto", "")
      .set("fork.master", id)
      .set("fork.origid", caller.id)
      .set("cdrtrack", false)
      .set("rtp_forward", false);
    home.endpoints.set(id, this);
    home.engine.endpoints.set(id, this);
    this.#announce("chan.startup", {
      status: "outgoing",
      pbxguest: true,
      "fork.origid": caller.id,
      caller: cause.get("caller"),
      called: cause.get("called"),
    });
  }

  /** Calls the first group that works; false when none does, with the error of the last in `cause`. */
  async start(cause: EngineMessage): Promise<boolean> {
    const direct = await this.#startNext();
    if (direct) {
      copyParams(direct, cause.params, ["peerid", "targetid", "autoring", "autoanswer", "autoprogress"]);
      return true;
    }
    if (this.#hasRegular()) {
      cause.set("peerid", this.id).set("targetid", this.id);
      return true;
    }
    if (this.#answeredBy !== undefined) {
      cause.set("peerid", this.#answeredBy).set("targetid", this.#answeredBy);
      return true;
    }
    if (this.#ended) return false;
    cause.set("error", this.#reason ?? "");
    this.#end("hangup");
    this.disconnect({ reason: this.#reason });
    return false;
  }

  #hasRegular(): boolean {
    return [...this.#legs].some((leg) => leg.kind === "regular");
  }

  /**
   * Starts groups until one works.
   * @returns the message that connected the caller directly, if `|exec` did
   */
  async #startNext(): Promise<EngineMessage | undefined> {
    this.#starting = true;
    const release = this.hold();
    try {
      for (let group = this.#groups.shift(); group && !this.#ended; group = this.#groups.shift()) {
        this.#nextAt = undefined;
        this.#faked = false;
        const before = [...this.#legs];
        if (group.direct) {
          const done = await this.#connectDirectly(group);
          if (done) return done;
        } else for (const target of group.targets) await this.#startLeg(target);
        if (group.drops)
          this.#dropLegs(
            before.filter((leg) => leg.kind !== "persistent"),
            "hangup",
          );
        const afterMs = this.#groups[0]?.afterMs;
        if (afterMs !== undefined) this.#nextAt = this.#home.engine.clock.monotonicMs() + afterMs;
        if (this.#hasRegular() || this.#stops(this.#reason)) return undefined;
      }
      return undefined;
    } finally {
      this.#starting = false;
      release();
    }
  }

  #execute(target: ForkTarget, endpoint: CallEndpoint): EngineMessage {
    const message = this.#home.engine.message("call.execute", this.#base);
    message.set("id", endpoint.id).set("callto", target.callto);
    if (this.#reason) message.set("fork.reason", this.#reason);
    for (const [name, value] of target.params) message.set(name, value);
    message.userData = endpoint;
    return message;
  }

  async #startLeg(target: ForkTarget): Promise<void> {
    if (this.#ended) return;
    const { engine, endpoints } = this.#home;
    const params = this.#base.clone();
    for (const [name, value] of target.params) params.set(name, value);
    const leg = new ForkLeg(this, `${this.id}/${++this.#legCount}`, params);
    const release = leg.hold();
    endpoints.set(leg.id, leg);
    engine.endpoints.set(leg.id, leg);
    this.#legs.add(leg);
    const message = this.#execute(target, leg);
    const started = await engine.kernel.dispatch(message);
    if (!started || !leg.peer) {
      if (this.#legs.delete(leg) && message.get("error")) this.#reason = message.get("error");
    } else if (this.#ended && this.#legs.has(leg)) leg.disconnect({ reason: "hangup" });
    else if (message.flag("fork.autoring", false) && !this.#ringing) this.#pretendRinging(leg, message);
    release();
  }

  /** Connects the caller to the first target of the group that takes it, past the fork. */
  async #connectDirectly(group: ForkGroup): Promise<EngineMessage | undefined> {
    for (const target of group.targets) {
      const caller = this.peer;
      if (!caller || this.#ended) return undefined;
      const message = this.#execute(target, caller);
      if (!(await this.#home.engine.kernel.dispatch(message))) {
        if (message.get("error")) this.#reason = message.get("error");
        continue;
      }
      this.#end("hangup");
      this.#replaced(caller, undefined);
      return message;
    }
    return undefined;
  }

  #pretendRinging(leg: ForkLeg, cause: EngineMessage): void {
    const caller = this.peer;
    if (!caller) return;
    this.#ringing = leg;
    const { engine } = this.#home;
    const from = leg.peer?.id ?? leg.id;
    const message = engine.message(cause.get("fork.automessage") || "call.ringing", {
      id: this.#setId ? this.id : from,
      peerid: caller.id,
      targetid: caller.id,
      ...(this.#setId ? { "fork.origid": from } : { "fork.master": this.id }),
    });
    void this.#letHear(leg).then(() => engine.kernel.enqueue(message));
  }

  /** The caller hears what comes from the leg that rings, or the fake ringing given for it. */
  async #letHear(leg: ForkLeg): Promise<void> {
    const source = leg.peer?.audio.source;
    const fake = this.#cause.get("fork.fake");
    if (source && !(fake && this.#cause.flag("fork.fake_force", false))) {
      this.audio.setSource(source);
      return;
    }
    if (!fake || this.#faked) return;
    this.#faked = true;
    const prefix = "fork.fake.";
    const more = [...this.#cause.params].filter(([name]) => name.startsWith(prefix));
    const message = this.#home.engine.message(this.#cause.get("fork.fakemessage") || "chan.attach", [
      ["id", this.id],
      ["source", fake],
      ["single", true],
      ...more.map(([name, value]) => [name.slice(prefix.length), value] as const),
    ]);
    carry(message, this);
    await this.#home.engine.kernel.dispatch(message);
  }

  /** `call.ringing` or `call.progress` out of a leg: that of the first leg goes on to the caller. */
  async heardRinging(leg: ForkLeg, message: EngineMessage): Promise<void> {
    const caller = this.peer;
    const other = this.#ringing;
    if (!caller || this.#ended || (other && other !== leg && !(leg.ringer && !other.ringer))) return;
    this.#ringing = leg;
    this.#readdress(message, caller);
    await this.#letHear(leg);
  }

  /** `call.answered` out of a leg: caller and target are connected, everybody else is let go. */
  heardAnswer(leg: ForkLeg, message: EngineMessage): void {
    const caller = this.peer;
    const target = leg.peer;
    if (!caller || !target || this.#ended) return;
    this.#readdress(message, caller);
    const release = this.hold();
    this.#ended = true;
    this.#answeredBy = target.id;
    this.#legs.delete(leg);
    caller.connect(target);
    this.#replaced(caller, leg.id);
    this.#end(message.get("reason") || "pickup");
    release();
  }

  #readdress(message: EngineMessage, caller: CallEndpoint): void {
    message.set("peerid", caller.id).set("targetid", caller.id);
    if (this.#setId) message.set("fork.origid", message.get("id") ?? "").set("id", this.id);
    else message.set("fork.master", this.id);
  }

  #replaced(caller: CallEndpoint, legId: string | undefined): void {
    const target = caller.peer?.id ?? "";
    const { engine } = this.#home;
    const params = Params.from({ id: this.id, newid: target, peerid: caller.id });
    if (legId !== undefined) params.set("id.1", legId).set("newid.1", caller.id).set("peerid.1", target);
    engine.kernel.enqueue(
      new EngineMessage("chan.replaced", { params, timeMs: engine.clock.now(), broadcast: true }),
    );
  }

  /** A leg's target has gone away. */
  lost(leg: ForkLeg, reason: string | undefined): void {
    if (!this.#legs.delete(leg) || this.#ended) return;
    if (leg === this.#ringing) this.#ringing = undefined;
    if (leg.kind === "regular") this.#reason = reason;
    if (!this.#starting && !this.#hasRegular()) void this.#goOn();
  }

  /** No regular leg is left: the next group, or the end. */
  async #goOn(): Promise<void> {
    this.#dropLegs(
      [...this.#legs].filter((leg) => leg.kind === "auxiliar"),
      "hangup",
    );
    const release = this.hold();
    if (!this.#stops(this.#reason) && (await this.#startNext())) return release();
    if (!this.#ended && !this.#hasRegular()) {
      // The caller hears first, and why; it may be rerouted.
      const reason = this.#reason;
      this.#ended = true;
      this.disconnect({ reason });
      this.#end("hangup");
    }
    release();
  }

  #stops(reason: string | undefined): boolean {
    const text = this.#cause.get("fork.stop") ?? this.#cause.get("stoperror") ?? "";
    if (text === "" || !reason) return false;
    const negated = text.endsWith("^");
    try {
      return (compileRegexp(negated ? text.slice(0, -1) : text).exec(reason) !== undefined) !== negated;
    } catch (error) {
      this.#home.engine.log.warn(`${this.id}: fork.stop=${text} is no expression`, { error });
      return false;
    }
  }

  /** Called on each `engine.timer`. */
  checkTime(nowMs: number): void {
    if (this.#nextAt === undefined || nowMs < this.#nextAt || this.#starting || this.#ended) return;
    this.#nextAt = undefined;
    void this.#startNext().then((direct) => {
      if (!direct && !this.#ended && !this.#hasRegular()) return this.#goOn();
      return undefined;
    });
  }

  /** A message to the fork is sent on to every target, addressed to it by `param`. */
  sendOn(message: EngineMessage, param: string): void {
    const { engine } = this.#home;
    for (const leg of this.#legs) {
      if (leg.kind === "auxiliar" || !leg.peer) continue;
      const copy = engine.message(message.name, message.params);
      copy.set(param, leg.peer.id).delete("handlers");
      carry(copy, leg);
      engine.kernel.enqueue(copy);
    }
  }

  #dropLegs(legs: readonly ForkLeg[], reason: string): void {
    for (const leg of legs) if (this.#legs.delete(leg)) leg.disconnect({ reason });
  }

  #end(reason: string): void {
    this.#ended = true;
    this.#groups.length = 0;
    this.#dropLegs([...this.#legs], reason);
  }

  forget(leg: ForkLeg): void {
    this.#legs.delete(leg);
    this.#home.endpoints.delete(leg.id);
    this.#home.engine.endpoints.delete(leg.id);
  }

  #announce(name: string, more: { readonly [name: string]: string | boolean | undefined } = {}): void {
    if (this.#announced) this.#home.engine.enqueue(name, { module: "callfork", id: this.id, ...more });
  }

  /** The caller has gone, or has been connected elsewhere. */
  protected override disconnected(): void {
    if (this.#ended) return;
    this.#announce("chan.disconnected");
    this.#end("hangup");
  }

  protected override destroyed(): void {
    this.#end("hangup");
    this.#home.endpoints.delete(this.id);
    this.#home.engine.endpoints.delete(this.id);
    this.#announce("chan.hangup");
  }
}
