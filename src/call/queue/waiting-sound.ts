import type { Clock, Logger, Timer } from "../../base/index.ts";
import type { PlayEnd } from "../outcomes.ts";
import type { CallSound, Playing } from "../sound/call-sound.ts";
import { type Playable, tone } from "../sound/playable.ts";

/** What a waiting caller hears. */
export interface WaitingSoundOptions {
  readonly sound: Pick<CallSound, "play">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly music: Playable | undefined;
  /** 0 for none. */
  readonly announceEveryMs: number;
  readonly announce: () => Playable | undefined;
}

/** Music, interrupted by announcements. */
export interface WaitingSound {
  /** Silent from now on; resolves when it is. */
  stop(): Promise<void>;
}

const ringing = tone("ring");

export function startWaitingSound(options: WaitingSoundOptions): WaitingSound {
  const { sound, clock, log, announceEveryMs } = options;
  let playing: Playing | undefined;
  let stopped = false;
  let music = options.music ?? ringing;
  let due = false;
  let timer: Timer | undefined;

  const failed = (end: PlayEnd, what: string): boolean => {
    if (end.kind === "failed") log.warn(`${what} of a queue cannot be played: ${end.error.message}`);
    return end.kind === "failed";
  };
  const announceLater = (): void => {
    if (announceEveryMs <= 0) return;
    timer = clock.after(announceEveryMs, () => {
      due = true;
      void playing?.stop();
    });
  };
  const run = async (): Promise<void> => {
    announceLater();
    while (!stopped) {
      if (due) {
        due = false;
        const words = options.announce();
        if (words !== undefined) {
          playing = sound.play(words);
          const end = await playing;
          if (end.kind === "hangup") return;
          failed(end, "the announcement");
        }
        if (stopped) return;
        announceLater();
      }
      playing = sound.play(music, { loops: Number.POSITIVE_INFINITY });
      const end = await playing;
      if (end.kind === "hangup" || (end.kind === "stopped" && end.by === "next")) return;
      if (end.kind === "completed" ? end.playedMs > 0 : !failed(end, "the music")) continue;
      // Callers are not lost for want of music; when not even a tone can be played, they wait in silence.
      if (music === ringing) return;
      music = ringing;
    }
  };
  const done = run().catch((error: unknown) => log.error(`the music of a queue failed: ${String(error)}`));
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await playing?.stop();
      await done;
    },
  };
}
