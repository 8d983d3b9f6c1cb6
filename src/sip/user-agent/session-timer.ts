import type { Timer } from "../../base/index.ts";
import { listOf } from "../list.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { OfferAnswer } from "../user-agent.ts";
import type { Core, Pair } from "./core.ts";

/** The shortest interval that RFC 4028 §5 lets anybody ask for, in seconds. */
const shortestS = 90;
/** What fits a timer of the platform, in seconds: no call lives longer. */
const longestS = 2_000_000;

interface SessionExpires {
  readonly seconds: number;
  readonly refresher: "uac" | "uas" | undefined;
}

/** The value of a Session-Expires header; nothing when it cannot be read. */
export function parseSessionExpires(value: string | undefined): SessionExpires | undefined {
  const found = value === undefined ? null : /^\s*(\d{1,10})\s*(;.*)?$/.exec(value);
  if (!found) return undefined;
  const refresher = /;\s*refresher\s*=\s*"?(uac|uas)/i.exec(found[2] ?? "")?.[1]?.toLowerCase();
  return {
    seconds: Math.min(Number(found[1]), longestS),
    refresher: refresher === "uac" || refresher === "uas" ? refresher : undefined,
  };
}

const secondsOf = (value: string | undefined): number => parseSessionExpires(value)?.seconds ?? 0;

/** Whether a list header names an option tag. */
export const names = (message: SipRequest | SipResponse, header: string, tag: string): boolean =>
  message.headers.has(header) && listOf(message.headers, header).some((one) => one.toLowerCase() === tag);

/** What a peer's INVITE or UPDATE that asks for too short an interval must be refused with (RFC 4028 §9); else nothing. */
export function tooShort(core: Core, request: SipRequest): OfferAnswer | undefined {
  if (!core.supported.has("timer") || !names(request, "supported", "timer")) return undefined;
  const asked = parseSessionExpires(request.headers.get("session-expires"));
  return asked && asked.seconds < shortestS
    ? { status: 422, headers: [["Min-SE", String(shortestS)]] }
    : undefined;
}

/** What a session timer makes happen. */
export interface SessionTimerActions {
  /** Half of the interval is over and it is on us to refresh; tried again until it is too late. */
  refresh(): void;
  /** Nobody has refreshed in time. */
  expired(): void;
}

/** The session timer of one dialog, either role (RFC 4028). */
export class SessionTimer {
  readonly #core: Core;
  readonly #actions: SessionTimerActions;
  /** The interval we ask for, 0: none. */
  readonly #wantedS: number;
  /** The shortest interval that somebody on the way takes. */
  #leastS = shortestS;
  /** As agreed; 0: no timer. */
  #intervalS = 0;
  #weRefresh = false;
  #endsAtMs = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(core: Core, wantedS: number, actions: SessionTimerActions) {
    this.#core = core;
    this.#actions = actions;
    this.#wantedS = core.supported.has("timer") && wantedS > 0 ? Math.max(wantedS, shortestS) : 0;
  }

  /** What an INVITE or UPDATE of ours says (§7.1, §7.4). */
  requestHeaders(): Pair[] {
    const seconds = Math.max(this.#intervalS || this.#wantedS, this.#leastS);
    if (!this.#intervalS && !this.#wantedS) return [];
    const role = this.#intervalS ? `;refresher=${this.#weRefresh ? "uac" : "uas"}` : "";
    const headers: Pair[] = [["Session-Expires", `${seconds}${role}`]];
    if (this.#leastS > shortestS) headers.push(["Min-SE", String(this.#leastS)]);
    return headers;
  }

  /** The Min-SE of a 422 is taken on: the headers to send again with (§7.3). */
  tooSmall(response: SipResponse): Pair[] | undefined {
    const least = secondsOf(response.headers.get("min-se"));
    if (least <= this.#leastS) return undefined;
    this.#leastS = least;
    const role = this.#intervalS ? `;refresher=${this.#weRefresh ? "uac" : "uas"}` : "";
    return [
      ["Session-Expires", `${Math.max(least, this.#intervalS || this.#wantedS)}${role}`],
      ["Min-SE", String(least)],
    ];
  }

  /** Agrees to what an INVITE or UPDATE asks for: the headers of its 2xx (§9). */
  accept(request: SipRequest): Pair[] {
    if (!this.#core.supported.has("timer")) return [];
    const able = names(request, "supported", "timer") || names(request, "require", "timer");
    const least = secondsOf(request.headers.get("min-se"));
    this.#leastS = Math.max(this.#leastS, least);
    const asked = parseSessionExpires(request.headers.get("session-expires"));
    if (!asked && (!able || !(this.#intervalS || this.#wantedS))) {
      this.stop();
      return [];
    }
    const seconds = asked?.seconds ?? (this.#intervalS || this.#wantedS);
    const refresher = !able || !asked ? "uas" : (asked.refresher ?? "uac");
    this.#start(Math.max(seconds, shortestS, asked ? 0 : least), refresher === "uas");
    const headers: Pair[] = [["Session-Expires", `${this.#intervalS};refresher=${refresher}`]];
    if (refresher === "uac") headers.push(["Require", "timer"]);
    return headers;
  }

  /** Takes what the 2xx to an INVITE or UPDATE of ours says; without Session-Expires there is no timer (§7.2). */
  agreed(response: SipResponse): void {
    const agreed = parseSessionExpires(response.headers.get("session-expires"));
    if (!agreed || !this.#core.supported.has("timer")) this.stop();
    else this.#start(Math.max(agreed.seconds, shortestS), agreed.refresher !== "uas");
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#intervalS = 0;
  }

  /** The session is over; what agrees to a refresh after that starts nothing. */
  close(): void {
    this.stop();
    this.#closed = true;
  }

  #start(seconds: number, weRefresh: boolean): void {
    if (this.#closed) return;
    const { clock } = this.#core;
    this.#timer?.cancel();
    this.#intervalS = seconds;
    this.#weRefresh = weRefresh;
    // §10: who gives up does it a third of the interval early, 32 s at most.
    this.#endsAtMs = clock.monotonicMs() + (seconds - Math.min(32, seconds / 3)) * 1000;
    if (weRefresh) this.#wait(seconds * 500);
    else this.#wait(this.#endsAtMs - clock.monotonicMs());
  }

  #wait(delayMs: number): void {
    this.#timer = this.#core.clock.after(delayMs, () => this.#due());
  }

  #due(): void {
    const leftMs = this.#endsAtMs - this.#core.clock.monotonicMs();
    if (leftMs <= 0) {
      this.stop();
      this.#actions.expired();
      return;
    }
    // The next try, should this one fail, with half of what is left.
    this.#wait(leftMs > 2000 ? leftMs / 2 : leftMs);
    this.#actions.refresh();
  }
}
