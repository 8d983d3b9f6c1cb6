import type { Channel } from "./channel.ts";
import type { EngineMessage } from "./message.ts";

/** The target in a routed message's return value; undefined when it names none (spec/calls.md §3). */
function routeTarget(message: EngineMessage): string | undefined {
  const target = message.retvalue.trim();
  return target === "" || target === "-" || target === "error" ? undefined : target;
}

/**
 * Takes an incoming channel through prerouting, routing and execution, then accepts or rejects it (spec/calls.md §3).
 * @param message the call's parameters; one message object goes through all steps under changing names
 * @returns whether the call was accepted
 */
export async function routeCall(channel: Channel, message: EngineMessage): Promise<boolean> {
  const { driver } = channel;
  const { kernel, clock } = driver.engine;
  const counted = driver.countRouting();
  const release = channel.hold();
  let routed = false;

  const reject = (error: string, reason: string | undefined): false => {
    const keyword = message.get("error") || error;
    channel.reject(keyword, message.get("reason") || (keyword === error ? reason : undefined), message);
    return false;
  };
  const refused = (): boolean => message.retvalue === "-" || message.retvalue === "error";
  /** The same message goes on under a new name. */
  const step = async (name: string): Promise<boolean> => {
    message.name = name;
    message.userData = channel;
    message.timeMs = clock.now();
    return await kernel.dispatch(message);
  };
  const clear = (): void => {
    message.retvalue = "";
    message.delete("handlers");
  };

  try {
    if (!message.get("callto")) {
      if ((await step("call.preroute")) && refused()) return reject("unknown", undefined);
      if (channel.gone) return false;
      channel.status = "prerouted";
      clear();
      const handled = await step("call.route");
      if (channel.gone) return false;
      if (handled && refused()) return reject("unknown", undefined);
      const target = handled ? routeTarget(message) : undefined;
      if (target === undefined) return reject("noroute", "No route to call target");
      if (message.integer("antiloop", 1) <= 0) return reject("looping", "Call is looping");
      message.set("callto", target);
      clear();
    }
    channel.status = "routed";
    routed = true;
    message.delete("error");
    if (!channel.routed(message)) return false;
    if (await step("call.execute")) {
      channel.accept(message);
      return true;
    }
    if (channel.gone) return false;
    return await failExecution(channel, message, reject);
  } finally {
    counted(routed);
    release();
  }
}

/** The call's target would not have it: a handler of this `chan.disconnected` may still reroute the caller. */
async function failExecution(
  channel: Channel,
  message: EngineMessage,
  reject: (error: string, reason: string | undefined) => false,
): Promise<boolean> {
  const error = message.get("error") || "noconn";
  const reason = message.get("reason") || "Could not connect to target";
  const ended = channel.message("chan.disconnected");
  ended.set("error", error).set("reason", reason).set("reroute", true);
  if (await channel.driver.engine.kernel.dispatch(ended)) return true;
  return reject(error, reason);
}
