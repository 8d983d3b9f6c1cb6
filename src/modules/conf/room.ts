import type { Timer } from "../../base/index.ts";
import type { Driver, EngineMessage } from "../../engine/index.ts";
import { toBoolean, toInteger } from "../../engine/index.ts";
import { createMixer, type Mixer, type MixerLeg, type MixerLegOptions } from "../../media/index.ts";
import { Leg } from "./leg.ts";
import { createSpeakerWatch, type SpeakerWatch } from "./speakers.ts";

/** Ticks without any sound from anybody after which a room stops mixing until somebody makes one: a second. */
const restTicks = 50;

/** A conference room (spec/media.md §7): it lives while it has legs. */
export class Room {
  readonly name: string;
  readonly driver: Driver;
  readonly rateHz: number;
  readonly maxUsers: number;
  /** Target of the room's notifications; empty for none. */
  readonly notifyId: string;
  readonly owners: Set<string> = new Set();
  readonly #legs = new Set<Leg>();
  readonly #mixer: Mixer;
  readonly #gone: () => void;
  readonly #speakers: SpeakerWatch | undefined;
  readonly #lonely: boolean;
  #lonelyMs = 0;
  #lonelyTimer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #users = 0;
  #playerId = "";
  #recorder: Leg | undefined;
  #created = true;
  #unsubscribe: (() => void) | undefined;
  #silentTicks = 0;
  #ended = false;

  /** @param gone called when the last leg has left */
  constructor(driver: Driver, name: string, message: EngineMessage, gone: () => void) {
    this.driver = driver;
    this.name = name;
    this.#gone = gone;
    this.rateHz = usableRate(message.integer("rate", 8000));
    this.maxUsers = message.integer("maxusers", 10);
    this.notifyId = message.get("notify") ?? "";
    this.#mixer = createMixer(this.blockSamples);
    this.#speakers = createSpeakerWatch(this, message);
    const lonely = message.get("lonely");
    this.#lonely = toBoolean(lonely) ?? (toInteger(lonely) ?? -1) >= 0;
    this.update(message);
    this.record(message);
    this.notify("created", {
      room: name,
      rate: this.rateHz,
      maxusers: this.maxUsers,
      caller: message.get("caller") ?? "",
      called: message.get("called") ?? "",
      billid: message.get("billid") ?? "",
      username: message.get("username") ?? "",
    });
  }

  get format(): string {
    return this.rateHz === 8000 ? "slin" : `slin/${this.rateHz}`;
  }

  get blockSamples(): number {
    return this.rateHz / 50;
  }

  get users(): number {
    return this.#users;
  }

  get full(): boolean {
    return this.#users >= this.maxUsers;
  }

  get legs(): ReadonlySet<Leg> {
    return this.#legs;
  }

  get mixer(): Mixer {
    return this.#mixer;
  }

  /** The room's own parameters in a message to an existing room: the lonely timeout can be changed. */
  update(message: EngineMessage): void {
    const interval = toInteger(message.get("lonely"));
    if (!this.#lonely || interval === undefined || interval < 0) return;
    this.#lonelyMs = interval > 0 ? Math.max(1000, interval) : 0;
    this.#watchLonely();
  }

  addMix(options: MixerLegOptions): MixerLeg {
    return this.#mixer.addLeg(options);
  }

  /** A new leg is there. */
  enter(leg: Leg): void {
    this.#legs.add(leg);
    if (leg.options.player) this.#playerId = leg.id;
    if (leg.options.counted) {
      this.#users++;
      this.#watchLonely();
    }
    this.#tell("joined", leg, {});
  }

  /** A leg is gone; those that have nobody left to talk to are sent home. */
  leave(leg: Leg): void {
    if (!this.#legs.delete(leg)) return;
    leg.mix.remove();
    if (this.#recorder === leg) this.#recorder = undefined;
    if (this.#playerId === leg.id) this.#playerId = "";
    if (leg.options.counted) {
      this.#users--;
      this.#watchLonely();
    }
    this.#tell("left", leg, this.#lonely ? { lonely: this.#users === 1 } : {});
    // A recorder that fails must not send home the first user, who waits for others.
    const matters = leg.options.counted || this.#users === 0;
    if (matters && !this.#kept()) this.dropAll("hangup");
    if (this.#legs.size === 0) this.#end();
  }

  addOwner(id: string): void {
    if (id) this.owners.add(id);
  }

  removeOwner(id: string): void {
    if (this.owners.delete(id) && !this.#kept()) this.dropAll("hangup");
  }

  /** Whether the present users are reason enough for the room to go on. */
  #kept(): boolean {
    return this.#users > 0 && (this.#lonely || this.#users > 1 || this.#ownedByAnother());
  }

  /** An owner other than the only user keeps the room. */
  #ownedByAnother(): boolean {
    if (this.owners.size !== 1) return this.owners.size > 1;
    const last = [...this.#legs].find((leg) => leg.options.counted);
    return last?.peer !== undefined && !this.owners.has(last.peer.id);
  }

  dropAll(reason: string | undefined): void {
    for (const leg of [...this.#legs]) leg.disconnect({ reason });
  }

  /**
   * `newroom` and `users` into the message, `confowner` out of it.
   * @returns whether an owner was named
   */
  answer(message: EngineMessage): boolean {
    message.set("newroom", this.#created).set("users", this.#users);
    this.#created = false;
    const owner = message.get("confowner");
    if (!owner) return false;
    const add = toBoolean(owner);
    const id = message.get("id") ?? "";
    if (add === undefined) this.addOwner(owner);
    else if (add) this.addOwner(id);
    else this.removeOwner(id);
    return true;
  }

  /** Starts or stops recording as `record` in the message says; false without it. */
  record(message: EngineMessage): boolean {
    const target = message.get("record");
    if (target === undefined) return false;
    const former = this.#recorder;
    this.#recorder = undefined;
    // Stopping the recorder must not end the room before the new one is there.
    if (target !== "" && target !== "-" && toBoolean(target) !== false) this.#startRecording(message, target);
    former?.disconnect({ reason: message.get("reason") ?? "hangup" });
    return true;
  }

  #startRecording(message: EngineMessage, target: string): void {
    const { engine } = this.driver;
    const warning = message.get("recordwarn") ?? "";
    const leg = new Leg(
      this.driver,
      this,
      {
        counted: false,
        utility: true,
        voice: warning !== "",
        smart: false,
        echo: true,
        billing: false,
        keepTarget: true,
        player: false,
      },
      "incoming",
    );
    const call = leg.message("call.execute", { callto: target, cdrtrack: false });
    for (const name of ["caller", "called", "billid", "username", "maxlen", "notify"])
      call.set(name, message.get(name) ?? "");
    call.set("room", this.name);
    if (this.notifyId) call.set("targetid", this.notifyId);
    call.dispatched = leg.hold();
    engine.kernel.enqueue(call);
    if (warning) {
      const attach = engine.message(
        "chan.attach",
        { id: leg.id, module: "conf", override: warning, single: true, room: this.name },
        leg,
      );
      attach.dispatched = leg.hold();
      engine.kernel.enqueue(attach);
    }
    if (this.notifyId) {
      const { counted, utility } = leg.options;
      const told = engine.message(
        "chan.notify",
        [
          ["id", leg.id],
          ["module", "conf"],
          ["id", leg.id],
          ["targetid", this.notifyId],
        ],
        leg,
      );
      told.set("counted", counted).set("utility", utility).set("room", this.name).set("event", "recording");
      told.set("maxusers", this.maxUsers).set("users", this.#users).set("record", target);
      engine.kernel.enqueue(told);
    }
    this.#recorder = leg;
  }

  /** Sound has come: the room mixes while there is some. */
  wake(): void {
    this.#silentTicks = 0;
    this.#unsubscribe ??= this.driver.engine.ticker.subscribe(() => this.#tick());
  }

  #tick(): void {
    let sound = false;
    for (const leg of this.#legs) if (leg.speak()) sound = true;
    const quiet = this.#speakers?.quiet ?? true;
    if (!sound && quiet && ++this.#silentTicks > restTicks) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
    this.#mixer.tick();
    for (const leg of this.#legs) leg.listen();
    this.#speakers?.look();
  }

  /** The line of `engine.status module=conf/<room>`. */
  status(): string {
    const due = this.#lonelyTimer?.dueMs;
    const expire =
      due === undefined ? 0 : Math.max(0, Math.round(due - this.driver.engine.clock.monotonicMs()));
    const figures = [
      `module=${this.driver.name}`,
      `room=${this.name}`,
      `maxusers=${this.maxUsers}`,
      `lonely=${this.#lonely}`,
      `expire=${expire}`,
      `rate=${this.rateHz}`,
      `users=${this.#users}`,
      `chans=${this.#legs.size}`,
      `owners=${this.owners.size}`,
    ];
    if (this.notifyId) figures.push(`notify=${this.notifyId}`);
    if (this.#playerId) figures.push(`player=${this.#playerId}`);
    return `name=conf/${this.name},type=conference;${figures.join(",")}\r\n`;
  }

  /** Enqueues a notification of the room, if it has a target for them. */
  notify(
    event: string,
    params: Readonly<Record<string, string | number | boolean>>,
    first: Readonly<Record<string, string>> = {},
  ): void {
    if (!this.notifyId) return;
    this.driver.engine.enqueue("chan.notify", { ...first, targetid: this.notifyId, event, ...params });
  }

  #tell(event: "joined" | "left", leg: Leg, more: Readonly<Record<string, boolean>>): void {
    const { counted, utility } = leg.options;
    if (utility) return;
    const params: Record<string, string | number | boolean> = {
      counted,
      utility,
      room: this.name,
      maxusers: this.maxUsers,
      users: this.#users,
      ...more,
    };
    if (leg.peer) params.peerid = leg.peer.id;
    if (this.#playerId) params.player = this.#playerId;
    if (leg.lastPeerId) params.lastpeerid = leg.lastPeerId;
    this.notify(event, params, { id: leg.id });
  }

  /**
   * Starts or stops the time that a single user may stay in a lonely room. In the reference engine it never runs out; here
   * it ends the room with reason `timeout`, unless somebody else owns it.
   */
  #watchLonely(): void {
    this.#lonelyTimer?.timer.cancel();
    this.#lonelyTimer = undefined;
    if (this.#lonelyMs === 0 || this.#users !== 1) return;
    const { clock } = this.driver.engine;
    const expired = (): void => {
      this.#lonelyTimer = undefined;
      if (!this.#ownedByAnother()) this.dropAll("timeout");
    };
    const timer = clock.after(this.#lonelyMs, expired, { background: true });
    this.#lonelyTimer = { timer, dueMs: clock.monotonicMs() + this.#lonelyMs };
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lonelyTimer?.timer.cancel();
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#gone();
    this.notify("destroyed", { room: this.name, maxusers: this.maxUsers });
  }
}

/** Rooms mix at the rates that can be translated: the highest of them that is not above the one asked for. */
function usableRate(rateHz: number): number {
  return rateHz >= 32000 ? 32000 : rateHz >= 16000 ? 16000 : 8000;
}
