import type { Engine } from "../engine.ts";
import { type LocalReply, type LocalSettings, setLocal } from "../local-settings.ts";
import { toBoolean, toInteger } from "../message.ts";
import type { AppChannel } from "./app-channel.ts";

/** What an app behind a line protocol can set beside what every app can (spec/protocol.md §8). */
export interface AppSettings extends LocalSettings {
  /** Input buffer; the longest line is two bytes shorter. */
  bufsizeBytes: number;
  debugLevel: number;
  debugName: string;
  debugNamed: boolean;
  /** Whether a global script is started again when it ends; undefined for what cannot be. */
  restart: boolean | undefined;
}

/** The engine's level; what the logger shows is the logger's choice. */
const defaultDebugLevel = 10;

export function createAppSettings(initial: LocalSettings, name: string, restartable: boolean): AppSettings {
  return {
    ...initial,
    bufsizeBytes: 8192,
    debugLevel: defaultDebugLevel,
    debugName: name,
    debugNamed: false,
    restart: restartable ? false : undefined,
  };
}

/** Does what a `setlocal` line asks for. */
export function setAppLocal(
  engine: Engine,
  settings: AppSettings,
  channel: AppChannel | undefined,
  name: string,
  value: string,
): LocalReply {
  switch (name) {
    case "id":
      if (!channel) return { value, ok: false };
      if (value) channel.id = value;
      return done(channel.id);
    case "disconnected":
      if (!channel) return { value, ok: false };
      channel.tellsDisconnected = toBoolean(value) ?? channel.tellsDisconnected;
      return done(channel.tellsDisconnected);
    case "bufsize":
      settings.bufsizeBytes = clamp(toInteger(value) ?? settings.bufsizeBytes, 2048, 65_536);
      return done(settings.bufsizeBytes);
    case "restart":
      if (settings.restart !== undefined) settings.restart = toBoolean(value) ?? settings.restart;
      return done(settings.restart ?? false);
    case "debuglevel":
      if (value) settings.debugLevel = clamp(toInteger(value) ?? 10, 3, 10);
      return done(settings.debugLevel);
    case "debugname":
      if (value && !settings.debugNamed) {
        settings.debugName = value;
        settings.debugNamed = true;
      }
      return done(settings.debugName);
    default:
      return setLocal(engine, settings, name, value) ?? { value, ok: false };
  }
}

function done(value: string | number | boolean): LocalReply {
  return { value: String(value), ok: true };
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
