import type { Message, Wait, Yate } from "../bus/index.ts";
import type { CallCore, CallState } from "./call-core.ts";
import type { Done, HangUp } from "./outcomes.ts";

/** Who calls whom, and how far it has come. */
export interface CallBasics extends AsyncDisposable {
  /** The other party's channel, as in `sip/1`; of an outgoing call "" until the engine has made it. */
  readonly id: string;
  /** Our own leg, a `dumb/` channel that the sound is attached to. It changes when a party comes back from somebody else. */
  readonly leg: string;
  readonly direction: "incoming" | "outgoing";
  /** The caller's number. */
  readonly from: string;
  /** The caller's name, "" when none came. */
  readonly fromName: string;
  /** The number that was called. */
  readonly to: string;
  /** Headers of the phone's request by lower-case name, where the engine passes them on (parameters `sip_…`). */
  readonly headers: ReadonlyMap<string, string>;
  /** The message that brought or placed the call: `call.route` or `call.execute`, with all its parameters. */
  readonly message: Message;
  readonly state: CallState;
  /** Fires when the call is over; `reason.cause` is the {@link HangUp}. For `fetch`, timers and whatever else takes one. */
  readonly signal: AbortSignal;
  /** Resolves when the call is over. Never rejects. */
  readonly ended: Wait<HangUp>;
  /** The engine, where every wait ends with the call. */
  readonly yate: Yate;
  /** Calls `fn` when the call is over, the last one first; at once if it is. What it throws is reported. */
  defer(fn: () => unknown): void;
  /** Takes the call. Harmless when it is taken. */
  answer(): Promise<Done | HangUp>;
  /** Lets the caller hear that it rings. */
  ringing(): Promise<Done | HangUp>;
  /** Lets the caller hear sound before the call is answered (early media, SIP's 183). */
  progress(): Promise<Done | HangUp>;
  /**
   * Refuses a call that is not answered; ends one that is.
   * @param reason the engine's word, as in busy, forbidden, rejected (default), noanswer; spec/calls.md §3 has SIP's codes
   */
  reject(reason?: string): Promise<HangUp>;
  /**
   * Ends the call; resolves when it is over.
   * @param reason default `hangup`
   */
  hangup(reason?: string): Promise<HangUp>;
  /** Ends the call: `await using call = …` does it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Headers come as parameters with this prefix (spec/sip.md). */
const headerPrefix = "sip_";

export function callBasics(core: CallCore): CallBasics {
  const done: Done = { kind: "done" };
  const { start } = core;
  const tell = async (name: string, params: Record<string, string | boolean>): Promise<Done | HangUp> => {
    const over = await core.begin();
    if (over) return over;
    await core.masquerade(core.leg, name, { targetid: core.party, ...params });
    return core.over ?? done;
  };
  const canStillRing = (): boolean => start.direction === "incoming" && core.state !== "answered";
  let headers: Map<string, string> | undefined;
  return {
    get id() {
      return core.party;
    },
    get leg() {
      return core.leg;
    },
    direction: start.direction,
    from: start.from,
    fromName: start.fromName,
    to: start.to,
    get headers() {
      headers ??= headersOf(start.message);
      return headers;
    },
    message: start.message,
    get state() {
      return core.state;
    },
    signal: core.signal,
    ended: core.ended,
    yate: core.yate.until(core.ended),
    defer: (fn) => core.defer(fn),
    async answer() {
      if (!canStillRing()) return core.begin().then((over) => over ?? done);
      core.advance("answered");
      return await tell("call.answered", {});
    },
    async ringing() {
      if (!canStillRing()) return core.begin().then((over) => over ?? done);
      core.advance("ringing");
      return await tell("call.ringing", {});
    },
    async progress() {
      if (!canStillRing()) return core.begin().then((over) => over ?? done);
      core.advance("progressing");
      return await tell("call.progress", { earlymedia: true });
    },
    reject: (reason = "rejected") => core.hangup(reason),
    hangup: (reason = "hangup") => core.hangup(reason),
    async [Symbol.asyncDispose]() {
      await core.hangup("hangup");
    },
  };
}

function headersOf(message: Message): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of message.params)
    if (name.startsWith(headerPrefix)) headers.set(name.slice(headerPrefix.length).toLowerCase(), value);
  return headers;
}
