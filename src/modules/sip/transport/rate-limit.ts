import type { Clock } from "../../../base/index.ts";
import type { SipMessage } from "../../../sip/index.ts";

/** How many a second, and how many at once after a time of quiet. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** How many requests are taken. */
export interface FloodLimits {
  /** New requests, those outside a dialog, of one source each. Defaults: 200 a second, 400 at once. */
  readonly invite: Rate;
  readonly register: Rate;
  /** OPTIONS, MESSAGE, SUBSCRIBE and all others. */
  readonly other: Rate;
  /**
   * Requests that say they belong to a dialog or transaction, of one source: BYE, CANCEL, re-INVITE and the like. Whether there is one
   * is found out later, and costs as much. Default: 2,000 a second, 4,000 at once.
   */
  readonly dialog: Rate;
  /** New requests of all sources together, which bounds what forged addresses can do. Default: 5,000 a second, 10,000 at once. */
  readonly total: Rate;
  /** Sources that are remembered; the one quiet for longest is forgotten for a new one. Default 10,000. */
  readonly sources: number;
}

const perSource: Rate = { perSecond: 200, burst: 400 };

export const defaultFloodLimits: FloodLimits = {
  invite: perSource,
  register: perSource,
  other: perSource,
  dialog: { perSecond: 2000, burst: 4000 },
  total: { perSecond: 5_000, burst: 10_000 },
  sources: 10_000,
};

export interface FloodGuard {
  /** Whether the message is to be served. Responses and ACKs, which are not answered, always are. */
  admits(source: string, message: SipMessage): boolean;
  /** How many sources are remembered. */
  readonly size: number;
}

type Class = "invite" | "register" | "other" | "dialog";

/** A bucket of tokens that fills itself with time; one is taken for each request. */
interface Bucket {
  tokens: number;
  filledMs: number;
}

/** @param limits what is not given has its default */
export function createFloodGuard(clock: Clock, limits: Partial<FloodLimits> = {}): FloodGuard {
  const rates: FloodLimits = { ...defaultFloodLimits, ...limits };
  /** In the order of their last request, the most recent last. */
  const sources = new Map<string, Partial<Record<Class, Bucket>>>();
  const total: Bucket = { tokens: rates.total.burst, filledMs: clock.monotonicMs() };

  const take = (bucket: Bucket, rate: Rate, nowMs: number): boolean => {
    const filled = bucket.tokens + ((nowMs - bucket.filledMs) * rate.perSecond) / 1000;
    bucket.tokens = Math.min(rate.burst, filled);
    bucket.filledMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };

  return {
    get size() {
      return sources.size;
    },
    admits(source, message) {
      const of = classOf(message);
      if (of === undefined) return true;
      const nowMs = clock.monotonicMs();
      const key = sourceKey(source);
      let buckets = sources.get(key);
      if (buckets) sources.delete(key);
      else {
        buckets = {};
        if (sources.size >= rates.sources) {
          const oldest = sources.keys().next().value;
          if (oldest !== undefined) sources.delete(oldest);
        }
      }
      sources.set(key, buckets);
      let bucket = buckets[of];
      if (!bucket) {
        bucket = { tokens: rates[of].burst, filledMs: nowMs };
        buckets[of] = bucket;
      }
      // What one source has too much of does not count against the others.
      return take(bucket, rates[of], nowMs) && (of === "dialog" || take(total, rates.total, nowMs));
    },
  };
}

/** The kind of request it is; nothing for what is never dropped. */
function classOf(message: SipMessage): Class | undefined {
  if (message.kind === "response") return undefined;
  switch (message.method) {
    case "ACK":
      return undefined;
    case "CANCEL":
    case "PRACK":
      return "dialog";
    default:
  }
  // A To with a tag: a dialog's (RFC 3261 §12.2). One that is not known costs a 481.
  if (/;[ \t]*tag[ \t]*=/i.test(message.headers.get("to") ?? "")) return "dialog";
  if (message.method === "INVITE") return "invite";
  return message.method === "REGISTER" ? "register" : "other";
}

/** What is counted as one source: an IPv4 address, or a /64 network of IPv6, which one host has all of (RFC 6177). */
export function sourceKey(host: string): string {
  if (!host.includes(":")) return host;
  const [address = ""] = host.toLowerCase().split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const right = tail === "" ? [] : tail.split(":");
    while (left.length + right.length < 8) left.push("0");
    left.push(...right);
  }
  return `${left
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
