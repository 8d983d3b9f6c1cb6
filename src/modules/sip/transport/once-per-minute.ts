import type { Clock, Logger } from "../../../base/index.ts";

/** Reports that do not fill the log, whatever a source sends. */
export interface OncePerMinute {
  /** Notes that `source` did `what`. The first is logged at once, those of the next minute as one line with their number. */
  note(source: string, what: string): void;
  /** Logs what has not been logged yet, and ends. */
  stop(): void;
}

const minuteMs = 60_000;
const others = "other sources";

interface Noted {
  more: number;
  last: string;
}

/**
 * Logs warnings with a source's name once a minute.
 * @param limit sources told apart in one minute; further ones are counted together. Default 200
 */
export function createOncePerMinute(log: Logger, clock: Clock, limit = 200): OncePerMinute {
  const noted = new Map<string, Noted>();
  const timers = new Map<string, { cancel(): void }>();

  const begin = (source: string, what: string): void => {
    noted.set(source, { more: 0, last: what });
    timers.set(
      source,
      clock.after(minuteMs, () => over(source), { background: true }),
    );
  };
  const over = (source: string): void => {
    const entry = noted.get(source);
    if (!entry || entry.more === 0) {
      noted.delete(source);
      timers.delete(source);
      return;
    }
    const { more, last } = entry;
    begin(source, last);
    log.warn(`sip: ${source}: ${more} more within a minute, the last: ${last}`);
  };

  return {
    note(source, what) {
      const key = noted.has(source) || noted.size < limit ? source : others;
      const entry = noted.get(key);
      if (entry) {
        entry.more++;
        entry.last = key === source ? what : `${source}: ${what}`;
        return;
      }
      begin(key, what);
      log.warn(`sip: ${source}: ${what}`);
    },
    stop() {
      for (const timer of timers.values()) timer.cancel();
      for (const [source, { more, last }] of noted)
        if (more > 0) log.warn(`sip: ${source}: ${more} more, the last: ${last}`);
      timers.clear();
      noted.clear();
    },
  };
}
