import type { EngineMessage } from "../../engine/index.ts";
import { extraHeaders } from "./extra-headers.ts";
import { infoOfKey } from "./key-info.ts";
import { type DtmfMethod, readMethods } from "./settings.ts";
import type { SipChannel } from "./sip-channel.ts";

/** What a detector of keys calls the way in which they came. */
const methodOfDetector: Readonly<Record<string, DtmfMethod>> = {
  "sip-info": "info",
  rfc2833: "rfc2833",
  inband: "inband",
};

/**
 * `chan.dtmf` for a phone: by the first way that works, that in which the keys came before all others (spec/sip.md §7). False leaves it to the RTP
 * session, which is then named in `targetid`.
 */
export function sendKeys(channel: SipChannel, message: EngineMessage): boolean {
  const text = message.get("text") ?? "";
  if (text === "") return false;
  const asked = readMethods(message.get("methods")) ?? channel.dtmfMethods;
  const detected = methodOfDetector[message.get("detected") ?? ""];
  const methods = [...asked].sort((a, b) => Number(b === detected) - Number(a === detected));
  for (const method of methods) {
    switch (method) {
      case "rfc2833":
        if (!channel.media.takesEvents || !channel.media.rtpId) break;
        message.set("targetid", channel.media.rtpId);
        return false;
      case "info": {
        if (channel.session.state !== "confirmed") break;
        const bodies = [...text].flatMap((key) => infoOfKey(key) ?? []);
        if (bodies.length === 0) break;
        for (const body of bodies)
          channel.next(async () => void (await channel.session.request("INFO", { body })));
        return true;
      }
      case "inband":
        if (!channel.media.started) break;
        void channel.driver.engine.dispatch(
          "chan.attach",
          { override: `tone/dtmfstr/${text}`, single: true },
          channel,
        );
        return true;
    }
  }
  return false;
}

/** `chan.text` for a phone: MESSAGE in the dialog. */
export function sendText(channel: SipChannel, message: EngineMessage): boolean {
  const { session } = channel;
  if (session.state !== "confirmed") return false;
  const bytes = new TextEncoder().encode(message.get("xsip_body") ?? message.get("text") ?? "");
  const type = message.get("xsip_type") || "text/plain";
  const headers = extraHeaders(message);
  channel.next(async () => void (await session.request("MESSAGE", { body: { type, bytes }, headers })));
  return true;
}
