import { YaytsError } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { CallKit } from "../kit.ts";
import type { Done, Failed, PlayEnd } from "../outcomes.ts";
import type { RecordedSound } from "../recording/index.ts";
import type { Playable } from "../sound/playable.ts";
import { type AnnounceOptions, announce } from "./announce.ts";
import { type ConferenceEvent, type ConferenceMember, EventLoop } from "./events.ts";
import { failed } from "./failed.ts";
import { knownRoom, type Room, roomOf } from "./room.ts";
import { type ConferenceRecording, recordRoom } from "./room-recording.ts";

/** How a conference room is made, by the first who joins. In one that is there already these change nothing. */
export interface ConferenceOptions {
  /** Most members. Default 10. */
  readonly maxUsers?: number | undefined;
  /** Whether the last member stays alone in it. Default false: when the others have left it, it is closed. */
  readonly lonely?: boolean | undefined;
  /** So many talkers are told of at most, 0 to 8. Default 3. */
  readonly speakers?: number | undefined;
  /** Least time between two reports of who talks, 0 or at least 1000. Default 1000. */
  readonly talkingEveryMs?: number | undefined;
  /** Rate at which it mixes. Default 8000; phones with a wide band hear more of each other at 16000. */
  readonly rateHz?: 8000 | 16000 | 32000 | undefined;
  /** File that the whole conference is recorded to, from its beginning. */
  readonly record?: string | undefined;
}

/**
 * A conference room of the engine. Calls of other apps, and calls that the engine's own routes lead there, may be in it too;
 * they are members without a `call`.
 */
export interface Conference {
  readonly name: string;
  /** Who is in it now. One that nobody of this app has joined is looked at while somebody listens to its events. */
  readonly members: readonly ConferenceMember[];
  readonly locked: boolean;
  /**
   * The others do not hear this member any more.
   * @param who a call, or a channel
   */
  mute(who: Call | string): Promise<Done | Failed>;
  unmute(who: Call | string): Promise<Done | Failed>;
  /** Sends a member out: its `join` ends with `kicked`; a call that is not this app's is hung up. */
  kick(who: Call | string): Promise<Done | Failed>;
  /** Lets nobody else in, by whatever way, until it is unlocked or closed. */
  lock(): Promise<void>;
  unlock(): void;
  /** Plays to everybody; announcements come one after another. `hangup` is the end of the room. */
  announce(what: Playable, options?: AnnounceOptions): Promise<PlayEnd>;
  /**
   * Records everybody to one file from now on; a recording that is under way ends.
   * @param file its ending tells the format: `.wav`, `.au`, `.slin`, …
   */
  record(file: string): Promise<ConferenceRecording | Failed>;
  /** Ends the recording. Undefined when there is none. */
  stopRecording(): Promise<RecordedSound | Failed | undefined>;
  /** Sends everybody out. */
  close(): Promise<Done | Failed>;
  /** What happens in it from now on, for a `for await` loop, which ends only by leaving it. */
  events(): AsyncIterableIterator<ConferenceEvent>;
  /** Calls `fn` for each event from now on. Returns the way to stop that. */
  onEvent(fn: (event: ConferenceEvent) => void): () => void;
}

const handles = new WeakMap<Conference, () => Room>();

/** The room that a handle stands for, as it is known now. */
export function roomBehind(conference: Conference): Room {
  const room = handles.get(conference);
  if (!room)
    throw new YaytsError("bad-argument", "that is no conference of this app: make it by yate.conference");
  return room();
}

export function createConference(kit: CallKit, name: string, options: ConferenceOptions): Conference {
  check(name, options);
  const room = (): Room => roomOf(kit, name, options);
  const done: Done = { kind: "done" };
  const withMember = async (
    who: Call | string,
    act: (leg: string, room: Room) => Promise<boolean>,
  ): Promise<Done | Failed> => {
    const id = typeof who === "string" ? who : who.id;
    const now = knownRoom(kit, name);
    const member = now?.memberOf(id);
    if (now && member && (await act(member.leg, now))) return done;
    return failed("not-in-room", `${id} is not in the conference ${name}`);
  };
  const conference: Conference = {
    name,
    get members() {
      return knownRoom(kit, name)?.members ?? [];
    },
    get locked() {
      return knownRoom(kit, name)?.locked ?? false;
    },
    mute: (who) => withMember(who, (leg, now) => now.mute(leg, true)),
    unmute: (who) => withMember(who, (leg, now) => now.mute(leg, false)),
    kick: (who) => withMember(who, (leg, now) => now.drop(leg, "kicked")),
    lock: () => room().lock(),
    unlock: () => knownRoom(kit, name)?.unlock(),
    announce: (what, announceOptions = {}) => announce(room(), what, announceOptions),
    record: (file) => recordRoom(room(), file),
    stopRecording: async () => await knownRoom(kit, name)?.recording?.stop(),
    async close() {
      const dropped = await room().drop(`conf/${name}`, "closed");
      return dropped ? done : failed("room-empty", `nobody is in the conference ${name}`);
    },
    events() {
      const loop = new EventLoop(() => forget());
      const forget = room().listen(
        (event) => loop.push(event),
        () => loop.end(),
      );
      return loop;
    },
    onEvent: (fn) => room().listen(fn),
  };
  handles.set(conference, room);
  // Who is there already is looked at now, so that it is known when the first call joins.
  room();
  return conference;
}

function check(
  name: string,
  { maxUsers = 10, speakers = 3, talkingEveryMs = 1000 }: ConferenceOptions,
): void {
  const refuse = (text: string): never => {
    throw new YaytsError("bad-argument", text);
  };
  if (!name || /[/,;|\s]/.test(name))
    refuse(`a conference's name is a text without spaces, "/", ",", ";" and "|", not "${name}"`);
  if (!(Number.isInteger(maxUsers) && maxUsers >= 1)) refuse(`maxUsers must be 1 or more, not ${maxUsers}`);
  if (!(Number.isInteger(speakers) && speakers >= 0 && speakers <= 8))
    refuse(`speakers must be between 0 and 8, not ${speakers}`);
  if (!(talkingEveryMs === 0 || talkingEveryMs >= 1000))
    refuse(`talkingEveryMs must be 0, or 1000 or more, not ${talkingEveryMs}`);
}
