import type { Signal } from "@preact/signals";
import { stored } from "../../parts/stored.ts";

/** What the user chose about sound; kept in this browser. Devices are "" for the browser's own choice. */
export interface SoundSettings {
  readonly rateHz: 8000 | 16_000;
  readonly input: string;
  readonly output: string;
  readonly ring: string;
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
  readonly keyTones: boolean;
  /** Of what is heard, 0…1. */
  readonly volume: number;
}

export const startSettings: SoundSettings = {
  rateHz: 8000,
  input: "",
  output: "",
  ring: "",
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  keyTones: true,
  volume: 1,
};

/** Whether what was kept has every setting, of its type. */
export function isSettings(found: unknown): found is SoundSettings {
  if (typeof found !== "object" || found === null) return false;
  const kept = new Map(Object.entries(found));
  return (
    Object.entries(startSettings).every(([name, value]) => typeof kept.get(name) === typeof value) &&
    (kept.get("rateHz") === 8000 || kept.get("rateHz") === 16_000)
  );
}

export const settings: Signal<SoundSettings> = stored("sound", startSettings, isSettings);

export function change(changed: Partial<SoundSettings>): void {
  settings.value = { ...settings.value, ...changed };
}
