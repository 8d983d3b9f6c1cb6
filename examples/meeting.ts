/**
 * meeting: call `meeting`, type the number of a room and its PIN, say your name, and talk with whoever is there. `#` leaves.
 *
 *     npx yayts dev examples/meeting.ts --phone 100:secret1 --phone 200:secret2
 *
 * Who came with the owner's PIN has three keys: 1 locks the room and opens it, 2 mutes the others and lets them be heard,
 * 3 sends out who came last. Whoever is alone hears music.
 */
import { app, type Call, type Conference, type RecordEnd, samples, spoken } from "yayts";

const rooms = [
  { number: "1", pin: "1111", ownerPin: "1991" },
  { number: "2", pin: "2222", ownerPin: "2992" },
];

export default app(
  (yate) => {
    const meetings = new Map(
      rooms.map((room) => [
        room.number,
        { ...room, conference: yate.conference(`meeting-${room.number}`, { lonely: true }) },
      ]),
    );
    for (const { conference } of meetings.values()) playToTheLonely(conference);

    yate.onCall("meeting", async (call) => {
      await call.answer();
      const number = await call.gather({
        prompt: ["welcome", "meeting/room-number"],
        invalidPrompt: "invalid",
        retries: 2,
        validate: (digits) => meetings.has(digits),
      });
      const meeting = number.kind === "digits" && meetings.get(number.digits);
      if (!meeting) return await call.play("goodbye");
      const { conference, pin, ownerPin } = meeting;

      const typed = await call.gather({
        prompt: "voicemail/enter-pin",
        invalidPrompt: "invalid",
        retries: 2,
        validate: (digits) => digits === pin || digits === ownerPin,
      });
      if (typed.kind !== "digits") return await call.play("goodbye");
      return await attend(call, conference, typed.digits === ownerPin);
    });
  },
  { prompts: new URL("./sounds/", import.meta.url) },
);

async function attend(call: Call, room: Conference, isOwner: boolean): Promise<void> {
  await call.play("meeting/say-your-name");
  const name = nameOf(await call.record({ maxMs: 4000, silenceMs: 1000 }));
  await call.play(["meeting/members", spoken.number(room.members.length)]);

  const others = room.members.length > 0;
  const stay = await call.join(room, {
    leaveOn: "#",
    announce: others ? [name, "meeting/has-joined"] : undefined,
    onKey: (key) => isOwner && rule(room, call, key),
  });
  if (isOwner) room.unlock();
  if (stay.kind !== "failed" && room.members.length > 1) void room.announce([name, "meeting/has-left"]);
  if (stay.kind === "failed")
    await call.play(stay.error.code === "room-locked" ? "meeting/locked" : "unavailable");
  await call.play("goodbye");
}

function nameOf(said: RecordEnd) {
  return said.kind === "recorded" && said.spoken && said.samples ? samples(said.samples) : "meeting/somebody";
}

/** What the owner's keys do. */
async function rule(room: Conference, owner: Call, key: string): Promise<void> {
  const others = room.members.filter(({ call }) => call !== owner);
  switch (key) {
    case "1":
      if (room.locked) room.unlock();
      else await room.lock();
      await room.announce(room.locked ? "meeting/locked" : "meeting/open");
      break;
    case "2": {
      const quiet = others.some(({ muted }) => muted);
      for (const { id } of others) await (quiet ? room.unmute(id) : room.mute(id));
      await room.announce(quiet ? "meeting/all-heard" : "meeting/all-muted");
      break;
    }
    case "3": {
      const last = others.at(-1);
      if (last) await room.kick(last.id);
    }
  }
}

function playToTheLonely(room: Conference): void {
  let music = new AbortController();
  room.onEvent(({ kind }) => {
    if (kind !== "joined" && kind !== "left") return;
    music.abort();
    if (room.members.length !== 1) return;
    music = new AbortController();
    void room.announce("music", { loops: Number.POSITIVE_INFINITY, signal: music.signal });
  });
}
