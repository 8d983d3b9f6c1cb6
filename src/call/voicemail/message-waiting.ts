import { errorText } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { createTurns } from "../turns.ts";
import type { MessageCounts } from "./voice-message.ts";
import type { Voicemail } from "./voicemail.ts";

/** Which phones light their lamps. */
export interface MessageWaitingOptions {
  /** The user, or number, whose phones show the state of a mailbox; undefined for nobody. Default: that of the same name. */
  readonly userOf?: ((mailbox: string) => string | undefined) | undefined;
}

/**
 * Lets phones show that there are messages (RFC 3842): now, after each change, and when a phone registers. Phones that have
 * subscribed are told by the engine's own module, where it has one (a real YATE: subscription with sipfeatures); others get a
 * NOTIFY that they have not asked for, for which the engine's SIP must send requests of apps (`generate=yes` in `[general]` of
 * ysipchan.conf). Returns the way to stop that.
 */
export function tellPhones(
  yate: Yate,
  voicemail: Voicemail,
  options: MessageWaitingOptions = {},
): () => void {
  const { userOf = (mailbox) => mailbox } = options;
  let stopped = false;
  let warned = false;
  // One after another, so that what a phone is told last is how it is.
  const inTurn = createTurns();
  const tell = async (mailbox: string): Promise<void> => {
    const user = userOf(mailbox);
    if (stopped || user === undefined) return;
    const counts = await voicemail.mailbox(mailbox).counts();
    await yate
      .msg("mwi", {
        operation: "notify",
        notifier: user,
        "message-summary.voicenew": counts.unread,
        "message-summary.voiceold": counts.read,
      })
      .dispatch();
    const route = await yate.msg("call.route", { called: user, caller: user }).dispatch();
    const target = route.retvalue.trim();
    if (!route.handled || !target.startsWith("sip/")) return;
    const sent = await yate
      .msg("xsip.generate", notifyTo(target.slice("sip/".length), user, counts))
      .dispatch();
    if (sent.handled || sent.get("error") || warned) return;
    warned = true;
    yate.log.warn(
      "the engine sends no NOTIFY for message-waiting lamps: set generate=yes in [general] of its ysipchan.conf",
    );
  };
  const report = (error: unknown): void => {
    if (!stopped) yate.log.warn(`message-waiting was not told: ${errorText(error)}`);
  };
  const tellSoon = (mailbox: string): void => void inTurn(() => tell(mailbox)).catch(report);
  const forget = voicemail.onChange(({ mailbox }) => tellSoon(mailbox));
  const registered = yate.watches("user.register", (message) => message.handled);
  const follow = async (): Promise<void> => {
    for await (const message of registered) {
      const user = message.get("number") || message.get("username");
      for (const mailbox of await voicemail.mailboxes()) if (userOf(mailbox) === user) tellSoon(mailbox);
    }
  };
  const begin = async (): Promise<void> => {
    for (const mailbox of await voicemail.mailboxes()) tellSoon(mailbox);
  };
  follow().catch(report);
  begin().catch(report);
  return () => {
    stopped = true;
    forget();
    void registered.return();
  };
}

/** @param uri where the user's phone is registered */
function notifyTo(
  uri: string,
  user: string,
  { unread, read }: MessageCounts,
): Record<string, string | boolean> {
  return {
    method: "NOTIFY",
    uri,
    user,
    sip_Event: "message-summary",
    "sip_Subscription-State": "terminated",
    xsip_type: "application/simple-message-summary",
    xsip_body: `Messages-Waiting: ${unread > 0 ? "yes" : "no"}\r\nVoice-Message: ${unread}/${read}\r\n`,
  };
}
