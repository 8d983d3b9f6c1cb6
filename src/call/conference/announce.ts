import { CallCore } from "../call-core.ts";
import type { PlayEnd } from "../outcomes.ts";
import { keepLeg, makeLeg } from "../own-leg.ts";
import { callSound, type PlayOptions } from "../sound/call-sound.ts";
import type { Playable } from "../sound/playable.ts";
import { failed } from "./failed.ts";
import type { Room } from "./room.ts";

/** How long the way into the room may take. */
const enterWithinMs = 3000;

/** How to play to a room. */
export type AnnounceOptions = Omit<PlayOptions, "bargeIn">;

/** Plays to everybody in a room, after what is being played to it already. */
export function announce(room: Room, what: Playable, options: AnnounceOptions): Promise<PlayEnd> {
  const release = room.hold();
  const played = room.announcing.then(() => speak(room, what, options)).finally(release);
  room.announcing = played.catch(() => {});
  return played;
}

/** By a leg of ours that is no member: the engine neither counts it nor tells of it. */
async function speak(room: Room, what: Playable, options: AnnounceOptions): Promise<PlayEnd> {
  if (options.signal?.aborted) return { kind: "stopped", by: "app", playedMs: 0 };
  const core = await enter(room);
  if (!core) return failed("room-empty", `nobody is in the conference ${room.name} who could hear it`);
  try {
    return await callSound(core).play(what, options);
  } finally {
    await core.hangup("hangup");
    room.announcers.delete(core.leg);
  }
}

/** Undefined when there is no such room. */
async function enter(room: Room): Promise<CallCore | undefined> {
  const { kit, name } = room;
  const callto = `conf/${name}`;
  const made = await makeLeg(kit, { target: callto }, enterWithinMs);
  if (made.kind !== "made") return undefined;
  const { leg, message } = made;
  room.announcers.add(leg);
  const core = new CallCore(kit, {
    direction: "outgoing",
    party: "",
    leg,
    from: "",
    fromName: "",
    to: callto,
    takers: [],
    message,
  });
  const moved = await core.masquerade(leg, "call.execute", { callto, utility: true, existing: true });
  const party = moved?.get("peerid");
  if (!moved?.handled || !party) {
    await core.hangup("hangup");
    room.announcers.delete(leg);
    return undefined;
  }
  keepLeg(kit, leg);
  core.setParty(party);
  core.advance("answered");
  return core;
}
