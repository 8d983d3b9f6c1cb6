import type { ParamsInit } from "../bus/index.ts";
import { Channel, copyParams, listOf } from "./channel.ts";
import type { Driver } from "./driver.ts";
import type { EngineMessage } from "./message.ts";
import { routeTarget } from "./router.ts";

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
  /** Whether the channel is accepted when its call was executed, and so answered if nobody is to signal. Default true. */
  readonly accepts?: boolean | undefined;
  /** Equips the new channel, with media for example, before its call is routed. */
  readonly prepare?: ((channel: Channel) => void) | undefined;
}

const passedOn = ["callername", "maxcall", "timeout", "stop_call"];

/**
 * Makes an incoming channel and routes and executes its call: click-to-call. The asking message gets the channel's id and
 * what the target returned, or `error` and `reason`.
 */
export async function originate(options: OriginateOptions): Promise<boolean> {
  const { driver, cause } = options;
  const { engine } = driver;
  const channel = new Channel(driver, { direction: "incoming", address: options.address, cause });
  const release = channel.hold();
  options.prepare?.(channel);
  channel.startup(cause);
  const message = engine.message("call.route", options.params);
  message.set("id", channel.id);
  // Only what is routed must have a caller.
  const caller = cause.get("caller") || (options.direct === undefined ? cause.get("callto") : undefined);
  if (caller) message.set("caller", caller);
  message.set("called", options.called);
  copyParams(cause, message.params, [...passedOn, ...listOf(cause.get("copyparams"))]);
  message.userData = channel;
  try {
    if (options.direct === undefined) {
      const routed = driver.countRouting();
      const target = (await engine.kernel.dispatch(message)) ? routeTarget(message) : undefined;
      routed(target !== undefined);
      if (target === undefined) {
        copyParams(message, cause.params, ["error", "reason"]);
        return false;
      }
      message.set("callto", target);
    } else message.set("callto", options.direct);
    message.name = "call.execute";
    message.retvalue = "";
    message.userData = channel;
    if (channel.gone || !(await engine.kernel.dispatch(message))) {
      copyParams(message, cause.params, ["error", "reason"]);
      return false;
    }
    if (options.accepts ?? true) channel.accept(message);
    cause.set("id", channel.id);
    copyParams(message, cause.params, options.returns);
    return true;
  } finally {
    release();
  }
}
