import type { Engine } from "./engine.ts";
import { toBoolean, toInteger } from "./message.ts";

/** The local settings of one app (spec/protocol.md §8). */
export interface LocalSettings {
  reenter: boolean;
  selfwatch: boolean;
  timebomb: boolean;
  settime: boolean;
  setdata: boolean;
  /** 0 and below: wait for ever. */
  timeoutMs: number;
  /** Most unanswered messages; 0 is no limit. */
  maxQueue: number;
  trackName: string;
  /** Given to the peer when the app's endpoint goes. */
  reason: string;
}

export const defaultLocalSettings: LocalSettings = {
  reenter: false,
  selfwatch: false,
  timebomb: false,
  settime: false,
  setdata: true,
  timeoutMs: 10_000,
  maxQueue: 1000,
  trackName: "",
  reason: "",
};

/** What the engine replies to a `setlocal`. */
export interface LocalReply {
  readonly value: string;
  readonly ok: boolean;
}

/**
 * Sets a local setting, or with an empty value asks for it. A value of the wrong kind leaves it as it is, and that is a
 * success; undefined means that the name is none of those every app has.
 */
export function setLocal(
  engine: Engine,
  settings: LocalSettings,
  name: string,
  value: string,
): LocalReply | undefined {
  switch (name) {
    case "reenter":
    case "selfwatch":
    case "timebomb":
    case "settime":
    case "setdata":
      settings[name] = toBoolean(value) ?? settings[name];
      return done(settings[name]);
    case "timeout":
      settings.timeoutMs = toInteger(value) ?? settings.timeoutMs;
      return done(settings.timeoutMs);
    case "maxqueue":
      settings.maxQueue = Math.min(10_000, Math.max(0, toInteger(value) ?? settings.maxQueue));
      return done(settings.maxQueue);
    case "trackparam":
      settings.trackName = value || settings.trackName;
      return done(settings.trackName);
    case "reason":
      settings.reason = value;
      return done(value);
    case "runid":
      return { value: engine.runId, ok: value === "" };
    default:
      return readOnly(engine, name, value);
  }
}

function done(value: string | number | boolean): LocalReply {
  return { value: String(value), ok: true };
}

/** `engine.<param>`, `config.<section>[.<key>]` and `loaded.<module>`. */
function readOnly(engine: Engine, name: string, value: string): LocalReply | undefined {
  const [kind, ...rest] = name.split(".");
  if (rest.length === 0) return undefined;
  switch (kind) {
    case "engine": {
      const found = engine.runParams.get(rest.join("."));
      return { value: found ?? "", ok: found !== undefined && value === "" };
    }
    case "config": {
      const [section = "", ...key] = rest;
      const found = engine.config("yate").section(section);
      if (key.length === 0) return { value: "", ok: found !== undefined && value === "" };
      const text = found?.get(key.join("."));
      return { value: text ?? "", ok: text !== undefined && value === "" };
    }
    case "loaded":
      return { value: String(engine.modules.has(rest.join("."))), ok: value === "" };
    default:
      return undefined;
  }
}
