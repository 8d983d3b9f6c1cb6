import { Channel } from "./channel.ts";
import type { Driver } from "./driver.ts";
import type { CallEndpoint } from "./endpoint.ts";
import type { MaybePromise } from "./kernel.ts";
import type { EngineMessage } from "./message.ts";
import { originate } from "./originate.ts";

/**
 * `call.execute` to a target that is nothing but sound: a tone, a file. With a caller it is connected to a channel that has the
 * sound; without, that channel begins a call by `direct`, `target` or `called` (spec/calls.md §5, §6).
 * @param equip gives the new channel its sound
 */
export function executeMedia(
  driver: Driver,
  message: EngineMessage,
  caller: CallEndpoint | undefined,
  equip: (channel: Channel) => void,
): MaybePromise<boolean> {
  if (caller) {
    // As in the reference engine these channels are of direction incoming, with a billing id of their own.
    const channel = new Channel(driver, { direction: "incoming", cause: message });
    const release = channel.hold();
    equip(channel);
    const connected = caller.connect(channel, message.get("reason"));
    if (connected) message.set("peerid", channel.id);
    release();
    return connected;
  }
  const called = message.get("target") || message.get("called") || "";
  const direct = message.get("direct") || undefined;
  if (!called && direct === undefined) return false;
  return originate({
    driver,
    cause: message,
    address: "",
    called,
    direct,
    params: { module: driver.name, cdrtrack: false },
    returns: ["peerid"],
    mediaOnly: true,
    prepare: equip,
  });
}
