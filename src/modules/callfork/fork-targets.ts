import { Params } from "../../bus/index.ts";
import type { EngineMessage } from "../../engine/index.ts";

/** One target of a fork, with the parameters that are meant for it alone. */
export interface ForkTarget {
  readonly callto: string;
  readonly params: Params;
}

/** Targets that are called together. */
export interface ForkGroup {
  readonly targets: readonly ForkTarget[];
  /** Its first target that takes the call is connected to the caller itself, without a leg. */
  readonly direct: boolean;
  /** So long after the group before it began this one begins; undefined: only when that one failed. */
  readonly afterMs: number | undefined;
  /** Ends the legs before it. */
  readonly drops: boolean;
}

/** Parameters of the fork itself: its legs do not get them. */
const ownParams =
  /^(callto($|\.)|handlers$|error$|reason$|stoperror$|fork\.(stop|setid|fake($|[._])|fakemessage$))/;

/**
 * Reads what a fork is to call: the words after `fork`, or `callto.1`, `callto.2`, … with their `callto.N.<param>`
 * (spec/media.md §9), which are taken out of the message. `|`, `|next=<ms>`, `|drop=<ms>`, `|exec` and `|exec=<ms>` begin a new group.
 */
export function readGroups(message: EngineMessage): ForkGroup[] {
  const words = (message.get("callto") ?? "")
    .split(/\s+/)
    .slice(1)
    .filter((word) => word !== "");
  const listed: ForkTarget[] = words.map((callto) => ({ callto, params: Params.from() }));
  if (words.length === 0) {
    for (let n = 1; message.get(`callto.${n}`); n++) {
      const prefix = `callto.${n}.`;
      const own = [...message.params].filter(([name]) => name.startsWith(prefix));
      const params = Params.from(own.map(([name, value]) => [name.slice(prefix.length), value] as const));
      listed.push({ callto: message.get(`callto.${n}`) ?? "", params });
    }
    for (const name of [...message.params].map(([each]) => each))
      if (name.startsWith("callto.")) message.delete(name);
  }
  const groups: (ForkGroup & { targets: ForkTarget[] })[] = [];
  const begin = (direct: boolean, afterMs: number | undefined, drops: boolean): void => {
    groups.push({ targets: [], direct, afterMs, drops });
  };
  begin(false, undefined, false);
  for (const target of listed) {
    if (!target.callto.startsWith("|")) {
      groups.at(-1)?.targets.push(target);
      continue;
    }
    const [, word = "", ms] = /^\|([a-z]*)(?:=(\d{1,9}))?$/.exec(target.callto) ?? [];
    const afterMs = ms === undefined || Number(ms) === 0 ? undefined : Number(ms);
    begin(word === "exec", afterMs, word === "drop");
  }
  return groups.filter((group) => group.targets.length > 0);
}

/** What every leg's `call.execute` has of the one that asked for the fork. */
export function legParams(message: EngineMessage): Params {
  return Params.from([...message.params].filter(([name]) => !ownParams.test(name)));
}
