import { randomBytes } from "node:crypto";
import type { Clock } from "../base/index.ts";
import type { Tokens } from "./token.ts";

/** Links that work once, within a minute: other users of the machine can read with what programs are started. */
export interface OnceLinks {
  /** The path of a new one. */
  make(): string;
  /** Where a path leads to, and it is used up; undefined for one that is none. */
  take(path: string): string | undefined;
}

/** How their paths begin. */
export const oncePath = "/open/";
const lifeMs = 60_000;

export function createOnceLinks(tokens: Tokens, clock: Clock): OnceLinks {
  const ends = new Map<string, number>();
  return {
    make() {
      const path = `${oncePath}${randomBytes(16).toString("base64url")}`;
      ends.set(path, clock.monotonicMs() + lifeMs);
      return path;
    },
    take(path) {
      const endMs = ends.get(path);
      ends.delete(path);
      return endMs !== undefined && clock.monotonicMs() < endMs ? `/#token=${tokens.full}` : undefined;
    },
  };
}
