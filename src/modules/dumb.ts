import { Channel, createDriver, type EngineModule, originate } from "../engine/index.ts";

/** Channels without media of their own: anchors for sounds, and click-to-call (spec/calls.md §6, spec/media.md §3). */
export function dumb(): EngineModule {
  return {
    name: "dumbchan",
    start(engine) {
      const driver = createDriver(engine, {
        name: "dumb",
        takes: ["call.ringing", "call.answered", "chan.dtmf", "chan.text"],
        execute(message, address, caller) {
          if (!caller) {
            const target = message.get("target");
            if (!target) return false;
            return originate({
              driver,
              cause: message,
              address,
              called: target,
              direct: message.get("direct"),
              params: { driver: "dumb" },
              returns: ["peerid", "targetid"],
            });
          }
          const channel = new Channel(driver, { direction: "outgoing", address, cause: message });
          const release = channel.hold();
          channel.startup(message);
          const connected = caller.connect(channel, message.get("reason"));
          if (connected) {
            channel.targetId = caller.id;
            message.set("peerid", channel.id).set("targetid", channel.id);
            if (message.get("autoring") === undefined) message.set("autoring", true);
          }
          release();
          return connected;
        },
      });
    },
  };
}
