import { YaytsError } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { DialEnd, DialOptions } from "../people/index.ts";

/** In which order a ring group calls its members. */
export type RingStrategy =
  /** All at once. */
  | "all"
  /** One after the other. */
  | "in-turn"
  /** The first; then the first and the second; then the first three, and so on. */
  | "memory-hunt";

export interface RingGroupOptions {
  /** Numbers, or targets with their driver; a function is asked at each call, as for night mode. */
  readonly members: readonly string[] | (() => readonly string[] | Promise<readonly string[]>);
  /** Default `all`. */
  readonly strategy?: RingStrategy | undefined;
  /** How long it rings: with `all` altogether, else in each round. Default 20,000. */
  readonly ringMs?: number | undefined;
}

/** How calling a group ended; `member` is who answered. */
export type RingGroupEnd = DialEnd & { readonly member?: string };

/** How a group is called for one call; who is called, and for how long, is the group's. */
export type RingGroupDialOptions = Omit<DialOptions, "inTurn" | "eachMs" | "timeoutMs">;

/** Several phones with one number. */
export interface RingGroup {
  /** Calls the members for a party that hears ringing meanwhile, bridges it with who answers first, and hangs that one up afterwards. */
  dial(call: Call, options?: RingGroupDialOptions): Promise<RingGroupEnd>;
}

const strategies: readonly RingStrategy[] = ["all", "in-turn", "memory-hunt"];

/** @throws YaytsError `bad-argument` */
export function ringGroup({ members, strategy = "all", ringMs = 20_000 }: RingGroupOptions): RingGroup {
  if (!strategies.includes(strategy))
    throw new YaytsError("bad-argument", `strategy must be one of ${strategies.join(", ")}, not ${strategy}`);
  if (!(ringMs > 0)) throw new YaytsError("bad-argument", `ringMs must be more than 0, not ${ringMs}`);
  return {
    async dial(call, options = {}) {
      const all = typeof members === "function" ? await members() : members;
      if (all.length === 0) return { kind: "noanswer", reason: "offline" };
      let member: string | undefined;
      const ring = (targets: readonly string[], more: Pick<DialOptions, "inTurn" | "eachMs" | "timeoutMs">) =>
        call.dial(targets, {
          ...options,
          ...more,
          onBridge(called) {
            member = called.to;
            return options.onBridge?.(called);
          },
        });
      const rung = async (): Promise<DialEnd> => {
        if (strategy === "all") return await ring(all, { timeoutMs: ringMs });
        if (strategy === "in-turn") return await ring(all, { inTurn: true, eachMs: ringMs });
        for (let many = 1; many < all.length; many++) {
          const end = await ring(all.slice(0, many), { timeoutMs: ringMs });
          if (member !== undefined || !isRefusal(end)) return end;
        }
        return await ring(all, { timeoutMs: ringMs });
      };
      const end = await rung();
      return member === undefined ? end : { ...end, member };
    },
  };
}

/** Whether others may still be asked. */
function isRefusal(end: DialEnd): boolean {
  return end.kind === "busy" || end.kind === "noanswer" || end.kind === "rejected" || end.kind === "failed";
}
