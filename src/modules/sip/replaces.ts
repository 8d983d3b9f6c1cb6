import type { SipRequest } from "../../sip/index.ts";
import { SipChannel } from "./sip-channel.ts";

/** The dialog that a Replaces header names (RFC 3891 §3). */
export interface ReplacedDialog {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  /** Only a call that is not answered yet may be replaced. */
  readonly earlyOnly: boolean;
}

/** Undefined when it lacks a tag or the Call-ID. */
export function parseReplaces(value: string): ReplacedDialog | undefined {
  const [callId = "", ...params] = value.split(";").map((part) => part.trim());
  const tag = (name: string): string =>
    params.find((param) => param.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const found = {
    callId,
    toTag: tag("to-tag"),
    fromTag: tag("from-tag"),
    earlyOnly: params.some((param) => param.toLowerCase() === "early-only"),
  };
  return found.callId && found.toTag && found.fromTag ? found : undefined;
}

/** The channel that has this dialog, whichever side wrote down the tags. */
export function channelOf(
  channel: SipChannel,
  { callId, toTag, fromTag }: ReplacedDialog,
): SipChannel | undefined {
  const { agent, driver } = channel.service;
  const session = agent.find(callId, toTag, fromTag) ?? agent.find(callId, fromTag, toTag);
  if (!session) return undefined;
  for (const other of driver.channels.values()) {
    if (other instanceof SipChannel && other.session === session) return other;
  }
  return undefined;
}

/** What an INVITE with a Replaces header wants, by the rules of RFC 3891 §3: to take a call over, or the code to refuse it with. */
export function replacementFor(
  channel: SipChannel,
  request: SipRequest,
):
  | { readonly kind: "none" }
  | { readonly kind: "take"; readonly of: SipChannel }
  | { readonly kind: "refused"; readonly status: number } {
  const values = request.headers.all("Replaces");
  if (values.length === 0) return { kind: "none" };
  const dialog = values.length === 1 ? parseReplaces(values[0] ?? "") : undefined;
  if (!dialog) return { kind: "refused", status: 400 };
  const replaced = channelOf(channel, dialog);
  if (!replaced || replaced === channel) return { kind: "refused", status: 481 };
  if (dialog.earlyOnly && replaced.session.state === "confirmed") return { kind: "refused", status: 486 };
  return replaced.peer ? { kind: "take", of: replaced } : { kind: "refused", status: 603 };
}

/** Puts the channel into the place of another; that one is told so, and gets its BYE. */
export function takeOver(channel: SipChannel, replaced: SipChannel): void {
  const { peer } = replaced;
  if (!peer || !channel.connect(peer, "transfer")) {
    channel.refuse(481, undefined);
    return;
  }
  channel.targetId = peer.id;
  channel.answeredBy(channel.driver.engine.message("call.answered", { id: peer.id, targetid: channel.id }));
}
