import { type ConfigFile, type ConfigSection, listOf, toBoolean, toInteger } from "../../engine/index.ts";

/** One queue as section `queue <name>` describes it (spec/services.md §3). */
export interface QueueSettings {
  readonly name: string;
  /** Most calls in it; undefined: any number. */
  readonly length: number | undefined;
  /** What `greeting` of a call becomes; undefined leaves it. */
  readonly greeting: string | undefined;
  /** What `source` of a call becomes: what is heard while waiting. */
  readonly onhold: string;
  /** A call whose only delivery to an operator failed is dropped. */
  readonly single: boolean;
  /** Who is told of it, `targetid` of `chan.notify`; undefined: nobody. */
  readonly notify: string | undefined;
  /** Changes of positions are told too. */
  readonly detail: boolean;
  /** Parameters of a call that are told with it, unless the call says otherwise by `copyparams`. */
  readonly copied: string | undefined;
}

/** Messages that the module hears of, in the order of the reference engine's configuration file. */
export type QueuesMessage = "call.execute" | "call.answered" | "chan.hangup" | "call.drop";

/** Configuration `queues`. */
export interface QueuesSettings {
  /** Target that calls are sent to while they wait; undefined: no call is put in a queue. */
  readonly incoming: string | undefined;
  /** Priority of a handler; 0: there is none. */
  priority(message: QueuesMessage): number;
  queue(name: string): QueueSettings | undefined;
}

const usualPriority = 45;

export function readQueuesSettings(config: ConfigFile): QueuesSettings {
  const usual = toInteger(config.section("general")?.get("priority")) ?? usualPriority;
  return {
    incoming: config.section("channels")?.get("incoming") || undefined,
    priority: (message) => toInteger(config.section("priorities")?.get(message)) ?? usual,
    queue(name) {
      const section = config.section(`queue ${name}`);
      return section && (toBoolean(section.get("enabled")) ?? true) ? readQueue(name, section) : undefined;
    },
  };
}

function readQueue(name: string, section: ConfigSection): QueueSettings {
  const flag = (key: string): boolean => toBoolean(section.get(key)) ?? false;
  const length = toInteger(section.get("length")) ?? 0;
  const onhold = section.get("onhold");
  return {
    name,
    length: length > 0 ? length : undefined,
    greeting: media(section.get("greeting"), "wave/play/sounds/"),
    onhold: media(onhold, "moh/") ?? "tone/ring",
    single: flag("single"),
    notify: section.get("notify") || undefined,
    detail: flag("detail"),
    copied: section.get("copyparams"),
  };
}

/** A target as it stands; a bare name is one of `folder`. */
function media(text: string | undefined, folder: string): string | undefined {
  if (!text) return undefined;
  return text.includes("/") ? text : folder + text;
}

/** The names in `copyparams`. */
export function copiedNames(text: string | undefined): string[] {
  return listOf(text).map((name) => name.trim());
}
