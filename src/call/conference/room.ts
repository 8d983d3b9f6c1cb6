import { Disconnected, errorText } from "../../base/index.ts";
import type { DispatchedMessage, MessageStream, WatchedMessage } from "../../bus/index.ts";
import { sleep } from "../../flow/index.ts";
import type { Call } from "../call.ts";
import type { KeyBuffer } from "../keys/key-buffer.ts";
import type { CallKit } from "../kit.ts";
import type { ConferenceOptions } from "./conference.ts";
import type { ConferenceEvent, ConferenceMember } from "./events.ts";
import { lockRoom, type RoomLock } from "./lock.ts";
import type { ConferenceRecording } from "./room-recording.ts";
import { legsIn, type RoomFigures, roomFigures } from "./status.ts";

/** A call of this app that is in a room, or on its way into it. */
interface OwnCall {
  readonly call: Call;
  readonly keys: KeyBuffer;
}

/** The list of members and their number are asked for so often, until they fit. */
const mostLooks = 4;
const lookAgainMs = 250;

/** Rooms that this app has to do with, by name. */
const rooms = new WeakMap<CallKit, Map<string, Room>>();

/** What a room of that name is, as far as this app knows it; it knows it from now on, if it did not before. */
export function roomOf(kit: CallKit, name: string, options: ConferenceOptions): Room {
  const byName = rooms.get(kit) ?? new Map<string, Room>();
  rooms.set(kit, byName);
  const known = byName.get(name);
  if (known) return known;
  const made = new Room(kit, name, options, () => byName.delete(name));
  byName.set(name, made);
  return made;
}

/** The room of that name, if this app knows anything about it. */
export function knownRoom(kit: CallKit, name: string): Room | undefined {
  return rooms.get(kit)?.get(name);
}

/**
 * The app's picture of one room, kept from the engine's notifications (spec/media.md §7) for as long as somebody is in it,
 * or looks at it.
 *
 * Every room is lonely to the engine; that the last member does not stay alone is seen to here, for to an engine a prompt
 * or a recorder that leaves is reason enough to send a single member home.
 */
export class Room {
  readonly kit: CallKit;
  readonly name: string;
  readonly options: ConferenceOptions;
  /** Announcements come one after another. */
  announcing: Promise<unknown> = Promise.resolve();
  /** Legs of ours that speak to it. */
  readonly announcers: Set<string> = new Set();
  recording: ConferenceRecording | undefined;
  readonly #forget: () => void;
  readonly #members = new Map<string, ConferenceMember>();
  /** Calls of this app by their channel. */
  readonly #own = new Map<string, OwnCall>();
  /** Legs of which half is known: that they joined, or whose they are. */
  readonly #half = new Map<string, string | true>();
  /** With what to call when no more events come. */
  readonly #listeners = new Map<(event: ConferenceEvent) => void, () => void>();
  readonly #streams: MessageStream<WatchedMessage>[] = [];
  readonly #forgetState: () => void;
  /** How many are looking, joining or speaking to it. */
  #holds = 0;
  #looking = true;
  readonly #leftMeanwhile = new Set<string>();
  #joining = 0;
  readonly #arrivals = new Map<string, () => void>();
  #wereSeveral = false;
  #closing = false;
  #lock: RoomLock | undefined;
  #ended = false;

  constructor(kit: CallKit, name: string, options: ConferenceOptions, forget: () => void) {
    this.kit = kit;
    this.name = name;
    this.options = options;
    this.#forget = forget;
    this.#follow("chan.notify", { room: name }, (message) => this.#notified(message));
    this.#follow("chan.connected", { module: "conf", address: name }, (message) => {
      const [leg, peer] = [message.get("id"), message.get("peerid")];
      if (leg && peer) this.#learn(leg, peer);
    });
    this.#forgetState = kit.yate.onState((state) => {
      if (state.kind === "connected") return;
      this.#empty();
      if (state.kind === "closed") for (const ended of [...this.#listeners.values()]) ended();
      this.#release();
    });
    const release = this.hold();
    this.#lookAround()
      .catch((error: unknown) => kit.log.warn(`who is in conf/${name} is not known: ${errorText(error)}`))
      .finally(() => {
        this.#looking = false;
        this.#leftMeanwhile.clear();
        release();
      });
  }

  get members(): readonly ConferenceMember[] {
    return [...this.#members.values()];
  }

  get locked(): boolean {
    return this.#lock !== undefined;
  }

  /** Keeps the picture for as long as it is not given back. */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      this.#release();
    };
  }

  /** @param ended called when the engine is given up, and no more events come */
  listen(fn: (event: ConferenceEvent) => void, ended: () => void = () => {}): () => void {
    // One function may listen twice.
    const listener = (event: ConferenceEvent): void => fn(event);
    this.#listeners.set(listener, ended);
    const release = this.hold();
    return () => {
      this.#listeners.delete(listener);
      release();
    };
  }

  /** A call of this app is on its way in. Returns what to call when it did not come, or has left. */
  expect(id: string, own: OwnCall): () => void {
    this.#own.set(id, own);
    this.#joining++;
    const release = this.hold();
    let arrived = false;
    const arrive = (): void => {
      if (!arrived) this.#joining--;
      arrived = true;
    };
    this.#arrivals.set(id, arrive);
    return () => {
      arrive();
      this.#arrivals.delete(id);
      this.#own.delete(id);
      for (const member of this.members) if (member.id === id) this.#gone(member.leg);
      this.#sendHomeTheLast();
      release();
    };
  }

  /** The engine has let the call in, as `leg`. */
  arrived(id: string, leg: string, muted: boolean): void {
    this.#arrivals.get(id)?.();
    this.#half.delete(leg);
    this.#enter(leg, id);
    if (muted) this.#change(leg, { muted });
  }

  memberOf(id: string): ConferenceMember | undefined {
    return this.members.find((member) => member.id === id || member.leg === id);
  }

  /** Lets a member be heard, or not. False when it is not there. */
  async mute(leg: string, muted: boolean): Promise<boolean> {
    const answer = await this.send("chan.control", { targetid: leg, mute: muted });
    if (answer?.handled) this.#change(leg, { muted });
    return answer?.handled ?? false;
  }

  /** Ends a leg, or the room. False when there is none. */
  async drop(id: string, reason: string): Promise<boolean> {
    return (await this.send("call.drop", { id, reason }))?.handled ?? false;
  }

  /** Nobody else comes in, by this app or by any other way, until it is unlocked or closed. */
  async lock(): Promise<void> {
    this.#lock ??= lockRoom(this.kit.yate, this.name);
    await this.#lock.ready;
  }

  unlock(): void {
    this.#lock?.unlock();
    this.#lock = undefined;
    this.#release();
  }

  /** What the engine says about the room; undefined when there is none. */
  async figures(): Promise<RoomFigures | undefined> {
    const status = await this.send("engine.status", { module: `conf/${this.name}` });
    return status?.handled ? roomFigures(status.retvalue) : undefined;
  }

  /** Undefined when the engine is lost. */
  async send(
    name: string,
    params: Readonly<Record<string, string | boolean>>,
  ): Promise<DispatchedMessage<string> | undefined> {
    try {
      return await this.kit.yate.msg(name, params).dispatch();
    } catch (error) {
      if (error instanceof Disconnected) return undefined;
      throw error;
    }
  }

  #notified(message: WatchedMessage): void {
    const leg = message.get("id") ?? "";
    switch (message.get("event")) {
      case "joined":
        if (message.get("utility") !== "true") this.#learn(leg, true);
        break;
      case "left":
        this.#gone(leg);
        this.#sendHomeTheLast();
        break;
      case "speaking":
        if (message.get("changed") !== "false") this.#speaking(message);
        break;
      case "dtmf":
        this.#own.get(message.get("peerid") ?? "")?.keys.add(message.get("text") ?? "");
        break;
      case "recording":
        this.#tell({ kind: "recording", target: message.get("record") ?? "" });
        break;
      case "destroyed":
        this.#closing = true;
        this.#closed();
        break;
      case undefined:
        break;
    }
  }

  /** A member is one of whom both is known: that it joined and is no housekeeping leg, and whose leg it is. */
  #learn(leg: string, what: string | true): void {
    if (this.#members.has(leg)) return;
    const known = this.#half.get(leg);
    if (known === undefined || known === what) this.#half.set(leg, what);
    else {
      this.#half.delete(leg);
      this.#enter(leg, known === true ? String(what) : known);
    }
  }

  #enter(leg: string, id: string): void {
    if (this.#members.has(leg)) return;
    const member: ConferenceMember = {
      id,
      leg,
      call: this.#own.get(id)?.call,
      joinedAtMs: this.kit.clock.now(),
      muted: false,
      talking: false,
    };
    this.#members.set(leg, member);
    if (this.#members.size > 1) this.#wereSeveral = true;
    this.#tell({ kind: "joined", member });
  }

  #gone(leg: string): void {
    this.#half.delete(leg);
    if (this.#looking) this.#leftMeanwhile.add(leg);
    const member = this.#members.get(leg);
    if (!member) return;
    this.#members.delete(leg);
    this.#tell({ kind: "left", member });
    this.#closed();
    this.#release();
  }

  /** A real YATE may tell of the end of a room before it tells that the last ones have left it. */
  #closed(): void {
    if (!this.#closing || this.#members.size > 0) return;
    this.#closing = false;
    this.#wereSeveral = false;
    this.#tell({ kind: "closed" });
    this.unlock();
  }

  #speaking(message: WatchedMessage): void {
    const legs: string[] = [];
    for (let n = 1; ; n++) {
      const leg = message.get(`speaker.${n}`);
      if (!leg) break;
      legs.push(leg);
    }
    for (const { leg, talking } of this.members)
      if (talking !== legs.includes(leg)) this.#change(leg, { talking: !talking });
    const members = legs.map((leg) => this.#members.get(leg)).filter((member) => member !== undefined);
    this.#tell({ kind: "talking", members });
  }

  #change(leg: string, what: Partial<Pick<ConferenceMember, "muted" | "talking">>): void {
    const member = this.#members.get(leg);
    if (member) this.#members.set(leg, { ...member, ...what });
  }

  #sendHomeTheLast(): void {
    if (this.options.lonely || !this.#wereSeveral || this.#joining > 0 || this.#members.size !== 1) return;
    this.#wereSeveral = false;
    this.drop(`conf/${this.name}`, "hangup").catch((error: unknown) =>
      this.kit.log.warn(`conf/${this.name} could not be closed: ${errorText(error)}`),
    );
  }

  #empty(): void {
    this.#half.clear();
    this.#wereSeveral = false;
    for (const leg of [...this.#members.keys()]) this.#gone(leg);
  }

  /** Who was there before. A room that notifies nobody cannot be followed, so of that one only own calls are known. */
  async #lookAround(): Promise<void> {
    for (let tries = 0; tries < mostLooks && !this.#ended; tries++) {
      this.#leftMeanwhile.clear();
      const [figures, status] = await Promise.all([
        this.figures(),
        this.send("engine.status", { module: "conf" }),
      ]);
      if (!figures?.notifies) return;
      const legs = legsIn(this.name, status?.retvalue ?? "").filter(({ peer }) => !this.announcers.has(peer));
      // Who speaks to a room as we do is in the list, but no member.
      if (legs.length === figures.users) {
        for (const { leg, peer } of legs) if (!this.#leftMeanwhile.has(leg)) this.#enter(leg, peer);
        return;
      }
      await sleep(lookAgainMs, { clock: this.kit.clock });
    }
  }

  #tell(event: ConferenceEvent): void {
    for (const listener of [...this.#listeners.keys()]) {
      try {
        listener(event);
      } catch (error) {
        this.kit.log.error(`a listener to conf/${this.name} failed: ${errorText(error)}`);
      }
    }
  }

  #follow(
    name: string,
    guard: Readonly<Record<string, string>>,
    fn: (message: WatchedMessage) => void,
  ): void {
    const stream = this.kit.yate.watches(name, guard);
    this.#streams.push(stream);
    const run = async (): Promise<void> => {
      for await (const message of stream) fn(message);
    };
    run().catch((error: unknown) =>
      this.kit.log.error(`following ${name} of conf/${this.name} failed: ${errorText(error)}`),
    );
  }

  /** Forgets the room when nobody is in it or looks at it. A lock is a look. */
  #release(): void {
    if (this.#ended || this.#holds > 0 || this.#members.size > 0 || this.#lock) return;
    this.#ended = true;
    this.#forget();
    this.#forgetState();
    for (const stream of this.#streams) void stream.return();
  }
}
