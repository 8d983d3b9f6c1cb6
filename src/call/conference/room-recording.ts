import type { Failed } from "../outcomes.ts";
import { type RecordedSound, recordOnEngine } from "../recording/index.ts";
import { failed } from "./failed.ts";
import type { Room } from "./room.ts";

/** A conference that is being recorded. */
export interface ConferenceRecording {
  readonly kind: "recording";
  /** Resolves when it has ended, by `stop` or with the room, and the file is whole. Never rejects. */
  readonly ended: Promise<RecordedSound | Failed>;
  stop(): Promise<RecordedSound | Failed>;
}

/** Records everybody in the room, from now on. */
export async function recordRoom(room: Room, to: string): Promise<ConferenceRecording | Failed> {
  await room.recording?.stop();
  const { kit, name } = room;
  const closed = Promise.withResolvers<void>();
  const forget = room.listen(
    (event) => event.kind === "closed" && closed.resolve(),
    () => closed.resolve(),
  );
  const tell = (record: string) => room.send("call.conference", { room: `conf/${name}`, record });
  const begun = await recordOnEngine(kit, {
    to,
    sides: ["room"],
    stereo: false,
    start: async ([file]) => (await tell(`wave/record/${file}`))?.handled ?? false,
  });
  if (begun.kind === "failed") {
    forget();
    const figures = begun.error.code === "no-media" ? await room.figures() : undefined;
    return begun.error.code !== "no-media" || figures
      ? begun
      : failed("room-empty", `nobody is in the conference ${name} to be recorded`);
  }
  let ending: Promise<RecordedSound | Failed> | undefined;
  const end = (stopped: boolean): Promise<RecordedSound | Failed> => {
    ending ??= (async () => {
      if (room.recording === recording) room.recording = undefined;
      if (stopped) await tell("-");
      return await begun.finish().finally(forget);
    })();
    return ending;
  };
  const recording: ConferenceRecording = {
    kind: "recording",
    ended: closed.promise.then(() => end(false)),
    stop() {
      const stopped = end(true);
      closed.resolve();
      return stopped;
    },
  };
  room.recording = recording;
  return recording;
}
