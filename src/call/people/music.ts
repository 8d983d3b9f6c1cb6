import { type Call, coreOf } from "../call.ts";
import { type Playable, silence } from "../sound/playable.ts";

/** What somebody hears who waits: prompts or tones, again and again, or `moh/<name>`, the engine's own music. */
export type Music = Playable;

export const defaultMusic: Music = ["hold-please", silence(15_000)];

/** Something that sounds until it is stopped. */
export interface Sounding {
  stop(): Promise<void>;
}

/** Plays music to a party that is with its program. What cannot be played is reported, and the party hears nothing. */
export async function startMusic(call: Call, music: Music): Promise<Sounding> {
  if (typeof music === "string" && music.startsWith("moh/")) return await startEngineMusic(call, music);
  const playing = call.play(music, { loops: Number.POSITIVE_INFINITY });
  return { stop: () => playing.stop().then(() => {}) };
}

async function startEngineMusic(call: Call, source: string): Promise<Sounding> {
  const core = coreOf(call);
  // Whatever is being played has its end first, for it would take its sound away later.
  await call.play(silence(0));
  const { leg } = core;
  const attached = await core.masquerade(leg, "chan.attach", { source, single: true });
  if (attached && !attached.handled) core.log.warn(`the engine has no music ${source}`);
  return {
    async stop() {
      if (core.here && core.leg === leg) await core.masquerade(leg, "chan.attach", { source: "-" });
    },
  };
}
