import { Params, type ParamsInit } from "../bus/index.ts";
import type { Driver } from "./driver.ts";
import { CallEndpoint, type DisconnectCause } from "./endpoint.ts";
import { type EngineMessage, toBoolean } from "./message.ts";

/** `incoming` brings a call into the engine; the engine called an `outgoing` one. */
export type Direction = "incoming" | "outgoing";

/** What a channel is made with. */
export interface ChannelOptions {
  readonly direction: Direction;
  readonly address?: string | undefined;
  /** The `call.execute` that causes it: its fixed parameters (`chanparams-prefix`) are taken from there. */
  readonly cause?: EngineMessage | undefined;
}

/** The limits of a channel that are checked on each `engine.timer` (spec/calls.md §7). */
interface ChannelTimers {
  /** Total duration, kept to be started again at answer. */
  timeoutMs: number;
  timeoutAt: number | undefined;
  maxcallAt: number | undefined;
  maxpddAt: number | undefined;
}

/** The same digit seen by another detector within so long is the same key press. */
const duplicateDigitMs = 4000;

/** An endpoint of a driver (spec/calls.md §1): it has a status, timers and a billing id, and tells its life in messages. */
export class Channel extends CallEndpoint {
  readonly driver: Driver;
  readonly direction: Direction;
  /** When it came to be, milliseconds since the epoch. */
  readonly sinceMs: number;
  address: string;
  status: string;
  /** Endpoint that call control messages should address. */
  targetId = "";
  billId: string;
  /** Only incoming channels are ever answered; an outgoing one merely has the status. */
  answered = false;
  readonly #params = Params.from();
  readonly #timers: ChannelTimers = {
    timeoutMs: 0,
    timeoutAt: undefined,
    maxcallAt: undefined,
    maxpddAt: undefined,
  };
  #lastPeer = "";
  #hungUp = false;
  #digits = 0;
  #lastDigit: { text: string; detected: string; atMs: number } | undefined;

  constructor(driver: Driver, options: ChannelOptions) {
    super(driver.nextId());
    this.driver = driver;
    this.direction = options.direction;
    this.sinceMs = driver.engine.clock.now();
    this.status = options.direction;
    this.address = options.address ?? "";
    this.billId = options.direction === "incoming" ? driver.engine.nextBillId() : "";
    if (options.cause) this.#takeParams(options.cause);
    driver.adopt(this);
  }

  /** Writes the channel's parameters into a message: `id` and `module`, or all of them (spec/calls.md §1). */
  complete(params: Params, minimal = false): void {
    params.set("id", this.id).set("module", this.driver.name);
    if (minimal) return;
    const setIfAny = (name: string, value: string | undefined): void => {
      if (value) params.set(name, value);
    };
    setIfAny("status", this.status);
    setIfAny("address", this.address);
    setIfAny("targetid", this.targetId);
    setIfAny("billid", this.billId);
    setIfAny("peerid", this.peer?.id);
    setIfAny("lastpeerid", this.#lastPeer);
    params.set("answered", this.answered).set("direction", this.direction);
    for (const [name, value] of this.#params) params.set(name, value);
  }

  /** A message about this channel, with its full parameters after those of `params`. */
  message(name: string, params?: ParamsInit): EngineMessage {
    const message = this.driver.engine.message(name, params, this);
    this.complete(message.params);
    return message;
  }

  /** Announces the channel; `cause` lends it the names of the parties and what `copyparams` lists. */
  startup(cause?: EngineMessage): void {
    if (this.direction === "outgoing") this.#detectTones(cause?.get("tonedetect_out"));
    if (!this.driver.lifecycle) return;
    const message = this.message("chan.startup");
    if (cause) {
      if (this.direction === "outgoing")
        copyParams(cause, message.params, ["caller", "callername", "called", "billid", "callto", "username"]);
      copyParams(cause, message.params, listOf(cause.get("copyparams")));
    }
    this.driver.engine.kernel.enqueue(message);
  }

  /** What the calling channel does when its `call.execute` succeeded (spec/calls.md §4). */
  accept(message: EngineMessage): void {
    this.status = "accepted";
    const defaultTimeout = this.driver.defaultTimeoutMs;
    this.#timers.timeoutMs = Math.max(0, message.integer("timeout", defaultTimeout));
    const maxcallMs = message.integer("maxcall", 0);
    if (maxcallMs > 0) this.setMaxcall(maxcallMs);
    else this.#startTimeout();
    this.targetId = message.get("targetid") ?? "";
    this.#detectTones(message.get("tonedetect_in"));
    if (message.flag("autoanswer", false)) this.answeredBy(message);
    else if (message.flag("autoring", false)) this.ringing(message);
    else if (message.flag("autoprogress", false)) this.progress(message);
    else if (!this.targetId && message.flag("autoanswer", true)) this.answeredBy(message);
  }

  /** Listens for keys in the sound that comes from this channel: true for the usual ones, or a detector's name (spec/calls.md §4). */
  #detectTones(wanted: string | undefined): void {
    const flag = toBoolean(wanted);
    if (!wanted || flag === false) return;
    const sniffer = flag ? "tone/*" : wanted;
    const message = this.driver.engine.message("chan.attach", { sniffer, single: true }, this);
    this.complete(message.params, true);
    void this.driver.engine.kernel.dispatch(message);
  }

  /** `call.ringing` reached this channel; true when it takes it. */
  ringing(message: EngineMessage): boolean {
    return this.#advance("ringing", message);
  }

  /** `call.progress` reached this channel; true when it takes it. */
  progress(message: EngineMessage): boolean {
    return this.#advance("progressing", message);
  }

  /** `call.answered` reached this channel; true when it takes it: an incoming one, once. */
  answeredBy(message: EngineMessage): boolean {
    if (!this.#advance("answered", message)) return false;
    this.answered = true;
    this.#timers.maxcallAt = undefined;
    this.#timers.maxpddAt = undefined;
    const timeoutMs = message.integer("timeout", 0);
    if (timeoutMs > 0) this.#timers.timeoutMs = timeoutMs;
    this.#startTimeout();
    return true;
  }

  #advance(status: string, message: EngineMessage): boolean {
    if (this.direction !== "incoming" || this.answered) return false;
    this.status = status;
    this.#timers.maxpddAt = undefined;
    this.#adoptBillId(message);
    return true;
  }

  /** The call was routed, the target is in `callto`; false when the channel has dealt with it itself, as by a redirection. */
  routed(_message: EngineMessage): boolean {
    return true;
  }

  /** The rejected caller of a call that could not be routed or executed. */
  reject(_error: string, reason: string | undefined, _message: EngineMessage): void {
    this.status = "rejected";
    this.disconnect({ reason });
  }

  /** Ends the channel; its peer learns `reason` and the parameters of `cause`. */
  drop(reason: string | undefined, cause?: Params): void {
    this.status = reason || "dropped";
    this.disconnect({ reason: reason || undefined, params: cause });
  }

  /** What a message in this channel's name does to the channel itself (spec/calls.md §8, masquerade). */
  masquerade(message: EngineMessage): { readonly duplicate: boolean } {
    switch (message.name) {
      case "call.answered":
        this.status = "answered";
        this.#timers.maxcallAt = undefined;
        this.#timers.maxpddAt = undefined;
        break;
      case "call.progress":
        this.status = "progressing";
        break;
      case "call.ringing":
        this.status = "ringing";
        break;
      case "chan.dtmf":
        return { duplicate: this.#countDigit(message) };
    }
    return { duplicate: false };
  }

  #countDigit(message: EngineMessage): boolean {
    const text = message.get("text") ?? "";
    const detected = message.get("detected") ?? "";
    const now = this.driver.engine.clock.monotonicMs();
    const last = this.#lastDigit;
    const duplicate =
      last !== undefined &&
      last.text === text &&
      last.detected !== detected &&
      now - last.atMs < duplicateDigitMs;
    if (!duplicate) {
      this.#digits++;
      this.#lastDigit = { text, detected, atMs: now };
    }
    message.set("sequence", this.#digits).set("duplicate", duplicate);
    return duplicate;
  }

  /** Timers and fixed parameters out of `chan.control`; what the channel's media do with it is theirs. */
  control(message: EngineMessage): void {
    const timeout = message.integer("timeout", -1);
    if (timeout >= 0) {
      this.#timers.timeoutMs = timeout;
      this.#startTimeout();
    }
    const maxcall = message.integer("maxcall", -1);
    if (maxcall >= 0) this.setMaxcall(maxcall);
    const maxpdd = message.integer("maxpdd", -1);
    if (maxpdd >= 0) this.setMaxpdd(maxpdd);
    this.#takeParams(message);
  }

  /** Keeps what the message gives the channel for all its own messages: the parameters behind `chanparams-prefix`. */
  #takeParams(message: EngineMessage): void {
    const prefix = message.get("chanparams-prefix");
    if (!prefix) return;
    for (const [name, value] of message.params) {
      if (name.startsWith(prefix)) this.#params.set(name.slice(prefix.length), value);
    }
  }

  /** Limits the time until answer; the total duration then counts from the answer. 0 takes the limit away. */
  setMaxcall(ms: number): void {
    this.#timers.maxcallAt = ms > 0 ? this.#in(ms) : undefined;
    if (ms > 0) this.#timers.timeoutAt = undefined;
  }

  /** Limits the time until the first sign of the callee. 0 takes the limit away. */
  setMaxpdd(ms: number): void {
    this.#timers.maxpddAt = ms > 0 ? this.#in(ms) : undefined;
  }

  #startTimeout(): void {
    this.#timers.timeoutAt = this.#timers.timeoutMs > 0 ? this.#in(this.#timers.timeoutMs) : undefined;
  }

  #in(ms: number): number {
    return this.driver.engine.clock.monotonicMs() + ms;
  }

  /** The reason to drop it for, if one of its timers ran out. */
  expired(nowMs: number): string | undefined {
    const { timeoutAt, maxcallAt, maxpddAt } = this.#timers;
    if (timeoutAt !== undefined && nowMs >= timeoutAt) return "timeout";
    if (maxcallAt !== undefined && nowMs >= maxcallAt) return "noanswer";
    if (maxpddAt !== undefined && nowMs >= maxpddAt) return "postdialdelay";
    return undefined;
  }

  /** What is left of the timers, for the status line, in milliseconds. */
  timersLeft(nowMs: number): Record<"timeout" | "maxcall" | "maxpdd", number | undefined> {
    const left = (at: number | undefined): number | undefined =>
      at === undefined ? undefined : Math.max(0, Math.round(at - nowMs));
    return {
      timeout: left(this.#timers.timeoutAt),
      maxcall: left(this.#timers.maxcallAt),
      maxpdd: left(this.#timers.maxpddAt),
    };
  }

  #adoptBillId(message: EngineMessage): void {
    if (!this.billId) this.billId = message.get("billid") ?? "";
  }

  protected override connected(reason: string | undefined): void {
    const { peer } = this;
    if (!this.billId && peer instanceof Channel) this.billId = peer.billId;
    const message = this.message("chan.connected");
    if (reason) message.set("reason", reason);
    this.driver.engine.kernel.enqueue(message);
    this.#lastPeer = peer?.id ?? "";
  }

  protected override disconnected(cause: DisconnectCause): void {
    const params = Params.from(cause.params);
    params.delete("handlers");
    const message = this.message("chan.disconnected", params);
    // A parameter that came with the cause must not stand in for the channel's own, absent one.
    if (!this.peer) message.delete("peerid");
    if (cause.reason) message.set("reason", cause.reason);
    else message.delete("reason");
    message.dispatched = this.hold();
    this.targetId = "";
    this.driver.engine.kernel.enqueue(message);
  }

  protected override destroyed(): void {
    this.driver.forget(this);
    this.hangup();
  }

  /** Tells that the channel is over, once: when it is gone, or before, by a driver that has more to tell. */
  protected hangup(params?: ParamsInit, reason?: string): void {
    if (this.#hungUp || !this.driver.lifecycle) return;
    this.#hungUp = true;
    const message = this.driver.engine.message("chan.hangup");
    this.complete(message.params, true);
    for (const [name, value] of Params.from(params)) message.params.append(name, value);
    this.complete(message.params);
    if (reason) message.set("reason", reason);
    this.driver.engine.kernel.enqueue(message);
  }
}

/** Copies the named parameters that are there, even empty ones. */
export function copyParams(from: EngineMessage, to: Params, names: Iterable<string>): void {
  for (const name of names) {
    const value = from.get(name);
    if (value !== undefined) to.set(name, value);
  }
}

/** A comma separated list; empty entries count for nothing. */
export function listOf(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}
