import type { EngineMessage } from "../../engine/index.ts";
import { type Leg, level } from "./leg.ts";
import type { Room } from "./room.ts";

/** Reports who speaks in a room. */
export interface SpeakerWatch {
  /** To be called after each tick of the mix. */
  look(): void;
  /** Nobody spoke in the last report. */
  readonly quiet: boolean;
}

const mostSpeakers = 8;
/** `speakers=true` means so many. */
const usualSpeakers = 3;
const defaultIntervalMs = 3000;
const leastIntervalMs = 1000;
/** While somebody speaks the report comes again after so long without a change. */
const repeatMs = 5000;

/** @returns undefined when the message that makes the room asks for no reports (`speakers`), or the room has no target for them */
export function createSpeakerWatch(room: Room, message: EngineMessage): SpeakerWatch | undefined {
  const count = Math.min(
    mostSpeakers,
    message.integer("speakers", message.flag("speakers", false) ? usualSpeakers : 0),
  );
  const interval = message.integer("interval", defaultIntervalMs);
  const intervalMs = interval <= 0 ? 0 : Math.max(leastIntervalMs, interval);
  if (count <= 0 || !room.notifyId) return undefined;
  const { clock } = room.driver.engine;
  let told: readonly Leg[] = [];
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let repeatAtMs = Number.NEGATIVE_INFINITY;

  return {
    get quiet() {
      return told.length === 0;
    },
    look() {
      const nowMs = clock.monotonicMs();
      if (nowMs < notBeforeMs) return;
      const speakers = speakersOf(room, count);
      const same = speakers.length === told.length && speakers.every((leg, i) => told[i] === leg);
      if (same && (speakers.length === 0 || nowMs < repeatAtMs)) return;
      const changed = speakers.length !== told.length || speakers.some((leg) => !told.includes(leg));
      const params: Record<string, string | number | boolean> = { room: room.name, maxusers: room.maxUsers };
      speakers.forEach((leg, i) => {
        params[`speaker.${i + 1}`] = leg.id;
        if (leg.peer) params[`speaker.${i + 1}.peer`] = leg.peer.id;
        params[`speaker.${i + 1}.energy`] = level(leg.mix.energy);
      });
      room.notify("speaking", { ...params, speakers: speakers.length, changed });
      told = speakers;
      repeatAtMs = nowMs + repeatMs;
      notBeforeMs = nowMs + intervalMs;
    },
  };
}

/** The loudest first; only legs whose energy is watched, and no housekeeping ones. */
function speakersOf(room: Room, count: number): Leg[] {
  const speaking = [...room.legs].filter(({ mix, options }) => mix.speaking && mix.smart && !options.utility);
  return speaking.sort((a, b) => b.mix.energy - a.mix.energy).slice(0, count);
}
