import { join } from "node:path";
import { YaytsError } from "../../base/index.ts";
import type { ConfigFile, ConfigSection } from "../config.ts";
import type { Engine } from "../engine.ts";
import { defaultLocalSettings, type LocalSettings } from "../local-settings.ts";
import { toBoolean, toInteger } from "../message.ts";
import type { ListenerOptions } from "./listener.ts";

/** A program and its one argument, which may be empty. */
export interface ScriptCall {
  readonly script: string;
  readonly argument: string;
}

/** The external modules' part of the configuration (spec/protocol.md §16). */
export interface ExtModuleConfig {
  /** What the settings of each app begin with. */
  readonly settings: LocalSettings;
  readonly scriptsDir: string;
  /** Of the handler of `call.execute`. */
  readonly priority: number;
  /** Priority at which `engine.halt` ends all scripts; undefined leaves them to the end of the engine. */
  readonly haltPriority: number | undefined;
  /** How long a script that was told to end may take until it gets SIGTERM. */
  readonly graceMs: number;
  readonly listeners: readonly ListenerOptions[];
  /** Global scripts, with the protocol. */
  readonly scripts: readonly ScriptCall[];
  /** Programs, without it. */
  readonly programs: readonly ScriptCall[];
}

/**
 * Reads it.
 * @throws YaytsError `config-invalid` for a listener that cannot be used
 */
export function readExtModuleConfig(engine: Engine): ExtModuleConfig {
  const file = engine.config("extmodule");
  const general = file.section("general");
  const number = (key: string, fallback: number): number => toInteger(general?.get(key)) ?? fallback;
  const flag = (key: string, fallback: boolean): boolean => toBoolean(general?.get(key)) ?? fallback;
  const filled = (text: string): string =>
    text.replace(
      /\$\{([^}$]*)(?:\$([^}]*))?\}/g,
      (_, name: string, fallback?: string) => engine.runParams.get(name) ?? fallback ?? "",
    );
  const calls = (name: string): ScriptCall[] =>
    (file.section(name)?.entries ?? []).map(({ key, value }) => ({ script: key, argument: filled(value) }));
  return {
    settings: {
      ...defaultLocalSettings,
      maxQueue: Math.min(10_000, Math.max(0, number("maxqueue", defaultLocalSettings.maxQueue))),
      timeoutMs: number("timeout", defaultLocalSettings.timeoutMs),
      timebomb: flag("timebomb", false),
      settime: flag("settime", false),
      trackName: flag("trackparam", false) ? "extmodule" : "",
    },
    scriptsDir: general?.get("scripts_dir") || join(engine.runParams.get("sharedpath") ?? ".", "scripts"),
    priority: number("priority", 100),
    haltPriority: flag("halt_cleanup", true) ? number("halt_priority", 1000) : undefined,
    graceMs: Math.min(1000, Math.max(1, number("recv_cleanup_waitpid", 30))),
    listeners: readListeners(file),
    scripts: calls("scripts"),
    programs: calls("execute"),
  };
}

function readListeners(file: ConfigFile): ListenerOptions[] {
  return file.sections.filter((section) => section.name.startsWith("listener ")).map(readListener);
}

function readListener(section: ConfigSection): ListenerOptions {
  const type = section.get("type") || "tcp";
  const role = section.get("role") || undefined;
  if (type !== "tcp" && type !== "unix") throw bad(section, "type", type, "tcp or unix");
  if (role !== undefined && role !== "global" && role !== "channel")
    throw bad(section, "role", role, "global or channel, or nothing");
  const text = section.get("port");
  const port = toInteger(text);
  if (type === "tcp" && (port === undefined || port < 0 || port > 65_535))
    throw bad(section, "port", text ?? "", "a number up to 65535");
  return {
    name: section.name.slice("listener ".length).trim(),
    type,
    role,
    port,
    addr: section.get("addr"),
    path: section.get("path"),
  };
}

function bad(section: ConfigSection, key: string, value: string, wanted: string): YaytsError {
  return new YaytsError(
    "config-invalid",
    `extmodule: [${section.name}] ${key}=${value}: this takes ${wanted}`,
  );
}
