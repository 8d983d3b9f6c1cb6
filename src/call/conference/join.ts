import { onAbort, type Signal } from "../../base/index.ts";
import type { DispatchedMessage } from "../../bus/index.ts";
import type { Call } from "../call.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { Playable } from "../sound/playable.ts";
import { announce } from "./announce.ts";
import { type Conference, roomBehind } from "./conference.ts";
import { failed } from "./failed.ts";
import type { Room } from "./room.ts";
import { recordRoom } from "./room-recording.ts";

/** How a call is in a conference. */
export interface JoinOptions {
  /** Comes in muted; `room.unmute(call)` lets it be heard. Default false. */
  readonly muted?: boolean | undefined;
  /** False for one who only listens, as long as it is there. Default true. */
  readonly talk?: boolean | undefined;
  /** Played to everybody, itself too, when it has come in. */
  readonly announce?: Playable | undefined;
  /** Keys with which it leaves, as in `"#"`. Default none. */
  readonly leaveOn?: string | undefined;
  /** Told each key that the party presses in the room, but those of `leaveOn`. */
  readonly onKey?: ((key: string) => void) | undefined;
  /** Leaves when it fires. */
  readonly signal?: Signal | undefined;
}

/** How being in a conference ended. */
export type JoinEnd =
  | {
      readonly kind: "left";
      /** A key of `leaveOn`; `kick`; the end of the room, also because all others had left; `leave()` or the signal. */
      readonly by: "key" | "kicked" | "closed" | "left";
      /** Which key. */
      readonly key?: string;
      readonly stayedMs: number;
    }
  | HangUp
  /** `room-full`, `room-locked`, `room-refused`, or `call-elsewhere`. */
  | Failed;

/** A call in a conference: a promise of how that ends. Never rejects but for bad arguments. */
export interface Joined extends Promise<JoinEnd> {
  /** Leaves the room; resolves to how it ended, which may have been otherwise. */
  leave(): Promise<JoinEnd>;
}

/** Conferences, from a call's side. */
export interface CallConference {
  /**
   * Puts the call into a conference; resolves when it has left it, and the program goes on. A call that is not answered is
   * answered first. Keys that nobody read in the room are forgotten when `leaveOn` or `onKey` is given.
   */
  join(room: Conference, options?: JoinOptions): Joined;
}

/** Why a stay ends. */
type Cause = { readonly by: "key" | "kicked" | "closed" | "left"; readonly key?: string };

export function callConference(core: CallCore, call: () => Call): CallConference {
  return {
    join(conference, options = {}) {
      const stay = new Stay(core, roomBehind(conference), options);
      const end = stay.run(call());
      return Object.assign(end, {
        leave: () => {
          stay.leave({ by: "left" });
          return end;
        },
      });
    },
  };
}

/** One call in one room, from the way in to the way out. */
class Stay {
  readonly #core: CallCore;
  readonly #room: Room;
  readonly #options: JoinOptions;
  readonly #forgets: (() => void)[];
  /** The app's wish that it leaves, and the engine's word that it has. */
  readonly #leaving = Promise.withResolvers<Cause>();
  readonly #sentOut = Promise.withResolvers<Cause>();

  constructor(core: CallCore, room: Room, options: JoinOptions) {
    this.#core = core;
    this.#room = room;
    this.#options = options;
    this.#forgets = [room.hold()];
  }

  leave(cause: Cause): void {
    this.#leaving.resolve(cause);
  }

  async run(call: Call): Promise<JoinEnd> {
    try {
      const over = await this.#core.begin();
      if (over) return over;
      return await this.#stay(call);
    } finally {
      for (const forget of this.#forgets.reverse()) forget();
    }
  }

  async #stay(call: Call): Promise<JoinEnd> {
    const core = this.#core;
    const room = this.#room;
    const { name, kit } = room;
    if (!core.here)
      return failed("call-elsewhere", `${core.party} is connected to somebody else: end that first`);
    if (room.locked) return failed("room-locked", `the conference ${name} is locked`);
    await answer(core);

    const { party } = core;
    this.#forgets.push(room.expect(party, { call, keys: core.keys }));
    this.#forgets.push(
      core.onReturn((reason) => this.#sentOut.resolve({ by: reason === "kicked" ? "kicked" : "closed" })),
    );
    let execute: DispatchedMessage<string> | undefined;
    const moved = await core.goAway(async () => {
      execute = await core.masquerade(party, "call.execute", this.#params());
      return execute?.handled ?? false;
    });
    if (core.over) return core.over;
    if (!moved) return await this.#refused(execute?.get("error"));

    const beganMs = kit.clock.monotonicMs();
    const leg = execute?.get("peerid") ?? "";
    const muted = this.#options.muted ?? false;
    room.arrived(party, leg, muted);
    if (muted) await room.mute(leg, true);
    this.#listen();
    if (execute?.get("newroom") === "true" && room.options.record) {
      const begun = await recordRoom(room, room.options.record);
      if (begun.kind === "failed") kit.log.warn(begun.error.message);
    }
    if (this.#options.announce !== undefined) void announce(room, this.#options.announce, {});
    const cause = await this.#end();
    if ("kind" in cause) return cause;
    return { kind: "left", ...cause, stayedMs: Math.round(kit.clock.monotonicMs() - beganMs) };
  }

  #params(): Record<string, string | number | boolean | undefined> {
    const { name, options } = this.#room;
    const { maxUsers = 10, speakers = 3, talkingEveryMs = 1000, rateHz } = options;
    return {
      callto: `conf/${name}`,
      // Without a target for its notifications, a room that we make could not be followed.
      notify: `yayts/conf/${name}`,
      lonely: true,
      maxusers: maxUsers,
      speakers,
      interval: talkingEveryMs,
      rate: rateHz,
      voice: this.#options.talk ?? true,
    };
  }

  async #refused(error: string | undefined): Promise<Failed> {
    const { name } = this.#room;
    if (error === "forbidden") return failed("room-locked", `the conference ${name} is locked`);
    const figures = await this.#room.figures();
    if (figures && figures.users >= figures.maxUsers)
      return failed("room-full", `the conference ${name} is full: it takes ${figures.maxUsers}`);
    const why = error ? `: ${error}` : "; has it the module conference?";
    return failed(
      "room-refused",
      `the engine does not let ${this.#core.party} into the conference ${name}${why}`,
    );
  }

  #listen(): void {
    const { leaveOn = "", onKey, signal } = this.#options;
    if (signal) this.#forgets.push(onAbort(signal, () => this.leave({ by: "left" })));
    if (!leaveOn && !onKey) return;
    const { keys } = this.#core;
    this.#forgets.push(
      () => void keys.flush(),
      keys.onKey(({ key }) => {
        if (leaveOn.toUpperCase().includes(key)) this.leave({ by: "key", key });
        else onKey?.(key);
      }),
    );
  }

  /** Waits for the end of the stay, and brings the party back when it is the app's wish. */
  async #end(): Promise<Cause | HangUp> {
    const core = this.#core;
    const sentOut = this.#sentOut.promise;
    const first = await Promise.race([
      core.ended,
      sentOut.then((cause) => ({ ...cause, out: true })),
      this.#leaving.promise,
    ]);
    if ("kind" in first) return first;
    if ("out" in first) return { by: first.by };
    if (await core.takeBack("left")) return first;
    if (core.over) return core.over;
    // Nobody can be sent out twice: the room was quicker, or the engine makes no channels any more.
    core.log.warn(`${core.party} could not be taken out of the conference ${this.#room.name}`);
    const end = await Promise.race([core.ended, sentOut]);
    return end;
  }
}

/** In a room nobody answers. */
async function answer(core: CallCore): Promise<void> {
  if (core.start.direction !== "incoming" || core.state === "answered") return;
  core.advance("answered");
  await core.masquerade(core.leg, "call.answered", { targetid: core.party });
}
