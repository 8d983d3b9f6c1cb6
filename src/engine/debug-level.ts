import type { Logger } from "../base/index.ts";

/** Writes a text at one of the engine's debug levels: 1 is the gravest, from 9 on it is for debugging. */
export function logAtLevel(log: Logger, level: number, text: string): void {
  if (level <= 2) log.error(text);
  else if (level <= 5) log.warn(text);
  else if (level <= 8) log.info(text);
  else log.debug(text);
}
