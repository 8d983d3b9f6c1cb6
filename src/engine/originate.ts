import type { ParamsInit } from "../bus/index.ts";
import { Channel, copyParams, listOf } from "./channel.ts";
import type { Driver } from "./driver.ts";
import type { EngineMessage } from "./message.ts";

/** How a driver begins a call of its own (spec/calls.md §6). */
export interface OriginateOptions {
  readonly driver: Driver;
  /** The `call.execute` that asks for it. */
  readonly cause: EngineMessage;
  readonly address: string;
  /** Number to route. */
  readonly called: string;
  /** Target to execute without routing. */
  readonly direct: string | undefined;
  /** First parameters of the call's own message. */
  readonly params: ParamsInit;
  /** Parameters of the outcome that the asking message gets. */
  readonly returns: readonly string[];
  /**
   * The channel is nothing but sound: it names a caller and a called party only to be routed, and it is not accepted when its
   * call was executed. Default false.
   */
  readonly mediaOnly?: boolean | undefined;
  /** Equips the new channel, with media for example, before its call is routed. */
  readonly prepare?: ((channel: Channel) => void) | undefined;
}

const passedOn = ["callername", "maxcall", "timeout", "stop_call"];

/**
 * Makes an incoming channel and routes and executes its call: click-to-call. The asking message gets the channel's id and
 * what the target returned, or `error` and `reason`.
 */
export async function originate(options: OriginateOptions): Promise<boolean> {
  const { driver, cause, direct, mediaOnly = false } = options;
  const { engine } = driver;
  const channel = new Channel(driver, { direction: "incoming", address: options.address, cause });
  const release = channel.hold();
  options.prepare?.(channel);
  channel.startup(cause);
  const message = engine.message("call.route", options.params);
  if (!mediaOnly) message.set("id", channel.id);
  if (!mediaOnly || direct === undefined) {
    const caller = cause.get("caller") || cause.get("callto");
    if (caller) message.set("caller", caller);
    message.set("called", options.called);
  }
  copyParams(cause, message.params, [...passedOn, ...listOf(cause.get("copyparams"))]);
  message.userData = channel;
  try {
    if (direct === undefined && !(await engine.kernel.dispatch(message))) {
      copyParams(message, cause.params, ["error", "reason"]);
      return false;
    }
    // Whatever the route is, it is tried as it stands (spec/calls.md §6).
    message.set("id", channel.id).set("callto", direct ?? message.retvalue);
    message.name = "call.execute";
    message.retvalue = "";
    message.userData = channel;
    if (channel.gone || !(await engine.kernel.dispatch(message))) {
      copyParams(message, cause.params, ["error", "reason"]);
      return false;
    }
    if (!mediaOnly) channel.accept(message);
    cause.set("id", channel.id);
    copyParams(message, cause.params, options.returns);
    return true;
  } finally {
    release();
  }
}
