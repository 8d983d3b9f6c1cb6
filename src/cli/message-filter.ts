import type { WatchedMessage } from "../bus/index.ts";
import { UsageError } from "./usage-error.ts";

export interface MessageFilterOptions {
  /** Names; `*` stands for anything. None: all but `engine.timer`. */
  readonly names: readonly string[];
  /** A channel's or a call's id. */
  readonly channel: string | undefined;
  /** `NAME=VALUE`; all must fit. */
  readonly params: readonly string[];
}

/** Where a message names the channels it is about. */
const channelParams = ["id", "peerid", "targetid", "lastpeerid", "billid"] as const;

/** Tells which messages are wanted. @throws UsageError for a parameter without `=` */
export function createMessageFilter({
  names,
  channel,
  params,
}: MessageFilterOptions): (message: WatchedMessage) => boolean {
  const patterns = names.map(globPattern);
  const values = params.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--param must be NAME=VALUE, not ${text}`, "as in --param called=ivr");
    return { name: text.slice(0, at), value: globPattern(text.slice(at + 1)) };
  });
  return (message) => {
    if (
      patterns.length === 0
        ? message.name === "engine.timer"
        : !patterns.some((pattern) => pattern.test(message.name))
    )
      return false;
    if (channel !== undefined && !channelParams.some((name) => message.get(name) === channel)) return false;
    return values.every(({ name, value }) => value.test(message.get(name) ?? ""));
  };
}

/** The names to ask the engine for: each once, or all (the empty name) when one has a `*`. */
export function messagesToWatch(names: readonly string[]): string[] {
  return names.length === 0 || names.some((name) => name.includes("*")) ? [""] : [...new Set(names)];
}

function globPattern(text: string): RegExp {
  const source = text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s");
}
