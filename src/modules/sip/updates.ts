import type { EngineMessage } from "../../engine/index.ts";
import { sdpBody, sessionOf } from "./session-body.ts";
import { SipChannel } from "./sip-channel.ts";
import type { SipService } from "./sip-service.ts";

/** `call.update operation=notify audio_changed=true` to a SIP channel sends its phone a new offer (spec/sip.md §4). */
export function installUpdates(service: SipService): void {
  const { engine, driver } = service;
  engine.install({
    name: "call.update",
    priority: 100,
    trackName: "sip",
    receive(message) {
      const channel = driver.channels.get(message.get("targetid") ?? "");
      if (!(channel instanceof SipChannel) || message.get("operation") !== "notify") return false;
      if (!message.flag("audio_changed", false) || channel.session.state !== "confirmed") return false;
      return renew(channel, message);
    },
  });
}

function renew(channel: SipChannel, message: EngineMessage): boolean {
  channel.media.restrict(message.get("formats"));
  channel.next(async () => {
    const offer = await channel.media.offer();
    if (offer.kind !== "sdp" || channel.gone) return;
    const response = await channel.session.reinvite({ body: sdpBody(offer.text) });
    const answer = response.status < 300 ? sessionOf(response) : undefined;
    if (answer && channel.media.receiveAnswer(answer)) await channel.media.start();
  });
  return true;
}
