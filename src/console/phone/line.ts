import { type Clock, type Logger, YaytsError } from "../../base/index.ts";
import {
  type Call,
  type CallAttempt,
  type CallState,
  createNetwork,
  type HangUp,
  type Network,
  type PhoneWay,
  putTogether,
  type YateWithCalls,
} from "../../call/index.ts";
import type { LineView, SoundFrame, Weather } from "../protocol.ts";
import type { Ear } from "./ear.ts";
import { keyTones } from "./key-tones.ts";
import { LineSound } from "./line-sound.ts";
import { outcomeOf, whyNoCall, whyOver } from "./why.ts";

/** What a line needs of its phone. */
export interface LineHost {
  readonly yate: YateWithCalls;
  readonly clock: Clock;
  readonly log: Logger;
  /** The engine is on this machine. */
  readonly near: boolean;
  /** The way of each leg that is about to be attached. */
  readonly ways: Map<string, PhoneWay>;
  /** Who hears each leg, beside its page. */
  readonly ears: ReadonlyMap<string, Ear>;
  /** The line looks otherwise than before. */
  changed(): void;
  /** 20 ms of what is said on the line. */
  hear(line: PhoneLine, frame: SoundFrame): void;
}

/** Lengths of keys that are pressed without one. */
const keyMs = 160;
const leastKeyMs = 50;
const mostKeyMs = 1250;
/** How long a call is let ring. */
const ringMs = 120_000;

/** One call of a phone, from dialling or ringing to its end. */
export class PhoneLine {
  readonly number: number;
  readonly direction: LineView["direction"];
  readonly #host: LineHost;
  readonly #sound: LineSound;
  readonly #network: Network;
  readonly #startedMs: number;
  readonly #other: string;
  readonly #otherName: string;
  #weather: Weather;
  #wide = false;
  #call: Call | undefined;
  #attempt: CallAttempt | undefined;
  #state: LineView["state"];
  #answeredMs: number | undefined;
  #endedMs: number | undefined;
  #held = false;
  #leaving = false;
  #listensForTones = "";
  #why = "";
  #keys = "";
  /** What the program of the call is asked for, one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    host: LineHost,
    about: Pick<LineView, "line" | "direction" | "other" | "otherName" | "weather">,
  ) {
    this.#host = host;
    this.number = about.line;
    this.direction = about.direction;
    this.#other = about.other;
    this.#otherName = about.otherName;
    this.#state = about.direction === "incoming" ? "ringing" : "calling";
    this.#weather = about.weather;
    this.#network = createNetwork(about.weather, host.clock);
    this.#startedMs = host.clock.now();
    this.#sound = new LineSound({
      hear: (samples, position, rateHz, heldMs) => {
        host.hear(this, { line: this.number, rateHz, position, samples });
        host.ears.get(this.leg)?.heard(samples, rateHz, heldMs);
      },
      said: (samples, rateHz) => host.ears.get(this.leg)?.said(samples, rateHz),
      begun: () => {
        if (this.#state === "calling" || (this.#state === "ringing" && this.direction === "outgoing"))
          this.#become("early");
      },
    });
    this.#sound.direct = this.#isFair;
  }

  /** The way to the engine loses nothing and keeps the order. */
  get #isFair(): boolean {
    return this.#host.near && this.#weather.loss === 0 && this.#weather.jitterMs === 0;
  }

  get over(): boolean {
    return this.#state === "ended";
  }

  get state(): LineView["state"] {
    return this.#state;
  }

  get held(): boolean {
    return this.#held;
  }

  get leg(): string {
    return this.#call?.leg ?? "";
  }

  get party(): string {
    return this.#call?.id ?? "";
  }

  get view(): LineView {
    const call = this.#call;
    return {
      line: this.number,
      channel: call?.leg ?? "",
      call: call?.message.get("billid") || (this.direction === "incoming" ? this.party : this.leg),
      direction: this.direction,
      other: this.#other,
      otherName: this.#otherName,
      state: this.#state,
      held: this.#held,
      startedMs: this.#startedMs,
      answeredMs: this.#answeredMs,
      endedMs: this.#endedMs,
      why: this.#why,
      weather: this.#weather,
      keys: this.#keys,
      sound: this.#sound.figures,
    };
  }

  get weather(): Weather {
    return this.#weather;
  }

  set weather(weather: Weather) {
    this.#network.conditions = weather;
    this.#weather = weather;
    this.#sound.direct = this.#isFair;
    this.#host.changed();
  }

  /** Calls the other side. What becomes of it is told by the state. */
  dial(from: string, rateHz = 8000): void {
    this.#wide = rateHz === 16_000;
    this.#attempt = this.#host.yate.call(this.#other, {
      from,
      timeoutMs: ringMs,
      onPlaced: (call) => {
        this.#begin(call);
        // Ringing and announcements of the other side are heard before the answer.
        void this.#openSound(call);
      },
      onState: (state) => this.#advance(state),
    });
    this.#attempt.then(
      (outcome) => {
        if (outcome.kind !== "answered") this.#end(this.#leaving ? "you hung up" : whyNoCall(outcome));
        else this.#become("answered");
      },
      (error: unknown) => this.#end(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Rings for a call that came in. Resolves when it is over. */
  async ring(call: Call): Promise<void> {
    this.#begin(call);
    await call.ended;
  }

  async answer(rateHz = 8000): Promise<void> {
    const call = this.#living();
    if (this.direction === "outgoing" || this.#state === "answered") return;
    this.#wide = rateHz === 16_000;
    const answered = call.answer();
    this.#become("answered");
    void this.#openSound(call);
    this.#expect(await answered);
  }

  async hangup(reason?: string): Promise<void> {
    if (this.over) return;
    this.#leaving = true;
    if (this.direction === "outgoing" && this.#state !== "answered") {
      this.#attempt?.cancel(reason ?? "cancelled");
      await this.#attempt;
      return;
    }
    await this.#call?.hangup(reason ?? (this.#state === "answered" ? "hangup" : "rejected"));
  }

  /** Holds or resumes; one that is not answered cannot be held and need not be. */
  hold(on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const call = this.#living();
      if (this.#state !== "answered" || on === this.#held) return;
      if (on) {
        this.#become("answered", true);
        this.#expect(await call.hold());
      } else {
        this.#expect(await call.resume());
        this.#become("answered", false);
      }
    });
  }

  press(key: string, ms: number = keyMs): Promise<void> {
    const onMs = Math.min(mostKeyMs, Math.max(leastKeyMs, ms));
    const tones = keyTones(key, onMs);
    if (!tones || key.length !== 1) throw new YaytsError("bad-argument", `there is no key ${key}`);
    return this.#inTurn(async () => {
      const call = this.#living();
      const audio = this.#sound.audio;
      this.#keys += key.toUpperCase();
      this.#host.changed();
      if (this.#weather.keys === "message")
        return this.#expect(await call.sendDtmf(key, { onMs, gapMs: 40 }));
      if (!audio)
        throw new YaytsError("no-audio", `line ${this.number} has no sound that a key could travel in`);
      if (this.#weather.keys === "rfc4733") return await audio.press(key, onMs);
      await this.#listenForTones(call);
      this.#sound.speaks = true;
      this.#sound.sound(tones);
      await new Promise<void>((resolve) => {
        const timer = this.#host.clock.after(tones.length / 8, resolve);
        void audio.ended.then(() => {
          timer.cancel();
          resolve();
        });
      });
      this.#setSpeaks();
    });
  }

  /** Says samples in place of the microphone. */
  say(samples: Int16Array): void {
    this.#living();
    if (!this.#sound.speaks || !this.#sound.audio)
      throw new YaytsError("no-audio", `nobody hears line ${this.number} now: it is held, or not answered`);
    this.#sound.say(samples);
  }

  /** What the page's microphone says. */
  take(frame: SoundFrame): void {
    this.#sound.push(frame);
  }

  /**
   * Connects the other side with somebody else, who is called for it, as if it had called itself: an app that takes the call has that of the
   * other side. Resolves to the outcome in words.
   */
  transfer(target: string): Promise<string> {
    return this.#inTurn(async () => {
      const call = this.#living();
      if (this.#held) await call.resume();
      this.#become(this.#state, true);
      const end = await call.transfer(target, { from: this.#other, wait: false });
      if (!this.over) this.#become(this.#state, false);
      return outcomeOf(end);
    });
  }

  /** Connects the other side with that of another line, after both were talked to. */
  transferTo(other: PhoneLine): Promise<string> {
    return this.#inTurn(async () => {
      const [call, second] = [this.#living(), other.#living()];
      if (other.#state !== "answered" || this.#state !== "answered")
        throw new YaytsError(
          "call-gone",
          "both lines must be answered before their parties can be connected",
        );
      return outcomeOf(await putTogether(call, second));
    });
  }

  #begin(call: Call): void {
    this.#call = call;
    void call.ended.then((over) => {
      // How a call that was not answered ended is told by its attempt.
      if (this.direction === "incoming" || this.#answeredMs !== undefined)
        this.#end(whyOver(over, this.#answeredMs !== undefined));
    });
    this.#host.changed();
  }

  /** Keeps sound on the call's leg, which may become another one. */
  async #openSound(call: Call): Promise<void> {
    const { ways, log } = this.#host;
    for (let leg = ""; !call.signal.aborted && leg !== call.leg; ) {
      leg = call.leg;
      ways.set(leg, { network: this.#network, wide: this.#wide });
      const opened = await call.audio();
      ways.delete(leg);
      if (opened.kind === "failed") log.warn(`line ${this.number} has no sound: ${opened.error.message}`);
      if (opened.kind !== "open") return;
      this.#sound.attach(opened.audio);
      this.#setSpeaks();
      this.#host.changed();
      await opened.audio.ended;
      this.#sound.detach();
    }
  }

  /** Has the engine tell the tones of this leg as keys, as a gateway to old telephones does. */
  async #listenForTones(call: Call): Promise<void> {
    if (this.#listensForTones === call.leg) return;
    this.#listensForTones = call.leg;
    const attach = { message: "chan.attach", id: call.leg, sniffer: "tone/dtmf" };
    await call.yate.msg("chan.masquerade", attach).dispatch();
  }

  #advance(state: CallState): void {
    if (state === "answered") this.#become("answered");
    else if (state === "ringing" && this.#state === "calling") this.#become("ringing");
    else if (state === "progressing" && this.#state === "calling") this.#become("early");
  }

  #become(state: LineView["state"], held: boolean = this.#held): void {
    if (this.over) return;
    this.#state = state;
    this.#held = held;
    if (state === "answered") this.#answeredMs ??= this.#host.clock.now();
    this.#setSpeaks();
    this.#host.changed();
  }

  #setSpeaks(): void {
    this.#sound.speaks = this.#state === "answered" && !this.#held;
  }

  #end(why: string): void {
    if (this.over) return;
    this.#state = "ended";
    this.#held = false;
    this.#endedMs = this.#host.clock.now();
    this.#why = this.#leaving ? "you hung up" : why;
    this.#sound.speaks = false;
    this.#sound.detach();
    this.#host.changed();
  }

  #living(): Call {
    if (this.#call && !this.over) return this.#call;
    throw new YaytsError("call-gone", `line ${this.number} has no call`);
  }

  #expect(end: { readonly kind: string; readonly error?: Error } | HangUp): void {
    if ("error" in end && end.error) throw end.error;
  }

  #inTurn<T>(fn: () => Promise<T>): Promise<T> {
    const next = this.#last.then(fn, fn);
    this.#last = next.catch(() => {});
    return next;
  }
}
