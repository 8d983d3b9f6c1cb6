import {
  type Clock,
  Disconnected,
  type Logger,
  realClock,
  type Timer,
  YaytsError,
} from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { audioHostOf, type PhoneWay, withPhoneCalls } from "../../call/index.ts";
import { traceControl } from "../../trace/index.ts";
import { graceMs } from "../protocol.ts";
import type { Ear } from "./ear.ts";
import { type PageHost, PagePhone } from "./page-phone.ts";
import type { PhoneDesk } from "./phone.ts";

/** What the phones of a console are made of. */
export interface PhoneDeskOptions {
  /** The console's own connection. */
  readonly yate: Yate;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Default: the log of `yate`. */
  readonly log?: Logger | undefined;
  /** This machine's address as the engine reaches it. Default: as in an app, 127.0.0.1. */
  readonly audioHost?: string | undefined;
  /** Breaks the console's own connection for so long. Default: it cannot be asked for. */
  readonly cutSelf?: ((forMs: number) => void | Promise<void>) | undefined;
  /** How long calls of a page that went away wait for it. Default {@link graceMs}. */
  readonly graceMs?: number | undefined;
  /** Whether an app takes calls to that number, as far as it is known. Default: none does. */
  readonly isTaken?: ((number: string) => boolean) | undefined;
}

/** The name of the console's own connection in `phone.cut`. */
export const ownConnection = "console";

/** Before whatever an app does with numbers, as phones that register are. */
const priority = 50;
/** Numbers of pages that chose none. */
const givenNumber = /^phone-\d+$/;
/** Pages that are long gone and whose numbers are still theirs unless somebody else wants them. */
const mostRemembered = 1000;
const mostCutMs = 60_000;
const cutAgainMs = 50;

interface Seat {
  readonly phone: PagePhone;
  here: boolean;
  /** Runs while the page is away. */
  grace: Timer | undefined;
}

/** The phones of all pages of a console, on its one connection. */
export function createPhoneDesk(options: PhoneDeskOptions): PhoneDesk {
  const { clock = realClock, log = options.yate.log } = options;
  const ways = new Map<string, PhoneWay>();
  const ears = new Map<string, Ear>();
  const phones = { wayOf: (leg: string) => ways.get(leg), playoutMs: 10 };
  const yate = withPhoneCalls(options.yate, phones, { clock, audioHost: options.audioHost });
  const seats = new Map<string, Seat>();
  /** Numbers of sessions whose page is gone. */
  const remembered = new Map<string, string>();
  let closed = false;

  const seatOf = (number: string): Seat | undefined =>
    [...seats.values()].find(({ phone }) => phone.number === number);
  const freeNumber = (): string => {
    const kept = new Set(remembered.values());
    for (let n = 1; ; n++) if (!seatOf(`phone-${n}`) && !kept.has(`phone-${n}`)) return `phone-${n}`;
  };
  const host: PageHost = {
    yate,
    clock,
    log,
    ways,
    near: isLoopback(audioHostOf(options.audioHost)),
    ears,
    renumber(phone, number) {
      if (typeof number !== "string" || !/^[\w.+*#-]{1,40}$/.test(number))
        throw new YaytsError("bad-argument", "a number has 1 to 40 letters, digits or . + * # - _");
      const owner = seatOf(number);
      if (owner && owner.phone !== phone)
        throw new YaytsError("bad-argument", `${number} is the number of another page`);
      for (const [session, kept] of remembered) if (kept === number) remembered.delete(session);
      const former = phone.number;
      phone.number = number;
      // On purpose, maybe: a person answers in place of the app. Not by chance.
      if (former === number || !options.isTaken?.(number)) return undefined;
      return `an app takes ${number} too: its calls ring here as long as this page is open`;
    },
    cut: (what, forMs) => cut(options, what, forMs, () => closed),
  };
  const sit = (session: string): Seat => {
    const known = seats.get(session);
    if (known) return known;
    const kept = remembered.get(session);
    remembered.delete(session);
    const free = kept !== undefined && !seatOf(kept) && !options.isTaken?.(kept);
    const number = free ? kept : freeNumber();
    const seat: Seat = { phone: new PagePhone(host, number), here: false, grace: undefined };
    seats.set(session, seat);
    return seat;
  };
  const leave = async (session: string, seat: Seat): Promise<void> => {
    seats.delete(session);
    remembered.set(session, seat.phone.number);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= mostRemembered) break;
      remembered.delete(oldest);
    }
    await seat.phone.hangUp();
  };

  // A page that did not come back gives a number that it chose to whoever else takes it. A connection handles a message at one place
  // only: it cannot come after them, so that just numbers which nobody else would have are still told of as its.
  const isAway = (number: string): boolean => {
    const seat = seatOf(number);
    if (seat) return !seat.here;
    return (
      givenNumber.test(number) && [...remembered.values()].includes(number) && !options.isTaken?.(number)
    );
  };
  const offline = yate.handle("call.route", { priority: priority - 1 }, (route) => {
    if (!isAway(route.get("called") ?? "")) return false;
    route.set("error", "offline");
    route.set("reason", "the page of this phone is closed");
    return "-";
  });
  const ringing = yate.onCall(
    (route) => seatOf(route.get("called") ?? "")?.here === true,
    { priority },
    async (call) => {
      const seat = seatOf(call.to);
      if (seat) await seat.phone.ring(call);
      else await call.reject("offline");
    },
  );
  for (const { ready } of [offline, ringing])
    ready.catch((error: Error) => {
      // Closed while it started: nobody wants calls any more.
      if (!closed) log.warn(`phones take no calls: ${error.message}`);
    });

  return {
    of: (session) => sit(session).phone,
    present(session, here) {
      if (closed) return;
      const seat = sit(session);
      seat.here = here;
      seat.grace?.cancel();
      seat.grace = here
        ? undefined
        : clock.after(options.graceMs ?? graceMs, () => void leave(session, seat));
    },
    lineOf(session, channels) {
      const lines = seats.get(session)?.phone.lines ?? [];
      return lines.find(({ leg }) => leg !== "" && channels.includes(leg))?.number;
    },
    listen(channel, ear) {
      const lines = [...seats.values()].flatMap(({ phone }) => phone.living);
      if (channel === "" || !lines.some(({ leg }) => leg === channel)) return undefined;
      ears.set(channel, ear);
      return () => {
        if (ears.get(channel) === ear) ears.delete(channel);
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      ears.clear();
      for (const handler of [offline, ringing]) handler.uninstall();
      for (const { grace } of seats.values()) grace?.cancel();
      await Promise.all([...seats.values()].map(({ phone }) => phone.hangUp()));
      seats.clear();
    },
  };
}

/** An app whose connection was broken comes back at once: it is broken again until its time is over. */
async function cut(
  { yate, clock = realClock, cutSelf }: PhoneDeskOptions,
  what: string,
  forMs: number,
  over: () => boolean,
): Promise<void> {
  if (!(forMs >= 0 && forMs <= mostCutMs))
    throw new YaytsError("bad-argument", `a connection is cut for 0 to ${mostCutMs} ms, not ${forMs}`);
  if (what === ownConnection && cutSelf) return await cutSelf(forMs);
  if (!(await cutOnce(yate, what)))
    throw new YaytsError(
      "bad-argument",
      `the connection of ${what} cannot be cut: there is none of that name, or the engine is not the embedded one`,
    );
  const untilMs = clock.monotonicMs() + forMs;
  const again = (): void => {
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0 || over()) return;
    clock.after(Math.min(cutAgainMs, leftMs), () => void cutOnce(yate, what).then(again), {
      background: true,
    });
  };
  again();
}

/** Whether there was such a connection. */
async function cutOnce(yate: Yate, connection: string): Promise<boolean> {
  try {
    return (await yate.msg(traceControl, { operation: "cut", connection }).dispatch()).handled;
  } catch (error) {
    // The connection was this one.
    if (error instanceof Disconnected) return true;
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}
