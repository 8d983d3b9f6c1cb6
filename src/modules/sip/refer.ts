import { Channel, type EngineMessage } from "../../engine/index.ts";
import {
  headerKey,
  parseNameAddr,
  parseUri,
  reasonPhrase,
  type ServerTransaction,
  type SipRequest,
} from "../../sip/index.ts";
import { errorStatus } from "./causes.ts";
import { channelOf, parseReplaces, type ReplacedDialog } from "./replaces.ts";
import { appendHeaders, partyOf, uriParty } from "./request-params.ts";
import type { SipChannel } from "./sip-channel.ts";

/** REFER within a call: the phone sends its peer elsewhere (RFC 3515, spec/sip.md §8). */
export function receiveRefer(channel: SipChannel, transaction: ServerTransaction): void {
  const { service, peer } = channel;
  const wanted = readRefer(transaction.request);
  const refused = refusalOf(channel, wanted);
  if (refused !== undefined || wanted.kind === "bad" || !(peer instanceof Channel)) {
    service.agent.respond(transaction, refused ?? 400);
    return;
  }
  channel.transfer = "running";
  const release = channel.hold();
  const other = wanted.dialog && channelOf(channel, wanted.dialog);
  const done = other
    ? attended(channel, other, peer, transaction)
    : blind(channel, peer, transaction, wanted.uri, wanted.dialog);
  void done
    .catch((error: unknown) => {
      service.engine.log.error("a transfer failed", { id: channel.id, error });
      service.agent.respond(transaction, 500);
    })
    .finally(() => {
      channel.transfer = "possible";
      release();
    });
}

/** What a REFER asks for. */
type Wanted =
  | { readonly kind: "bad"; readonly status: number }
  | { readonly kind: "place"; readonly uri: string; readonly dialog: ReplacedDialog | undefined };

function readRefer({ headers }: SipRequest): Wanted {
  const address = parseNameAddr(headers.get("Refer-To") ?? "");
  const uri = address && parseUri(address.uri);
  if (!address || !uri) return { kind: "bad", status: 400 };
  const replaces = [...uri.headers].find(([name]) => headerKey(name) === "replaces")?.[1];
  if (replaces === undefined) return { kind: "place", uri: address.uri, dialog: undefined };
  const dialog = parseReplaces(replaces);
  return dialog ? { kind: "place", uri: address.uri, dialog } : { kind: "bad", status: 501 };
}

function refusalOf(channel: SipChannel, wanted: Wanted): number | undefined {
  if (!channel.service.settings.transfer || channel.transfer === "refused") return 603;
  if (channel.transfer === "running") return 491;
  if (wanted.kind === "bad") return wanted.status;
  return channel.peer instanceof Channel ? undefined : 503;
}

async function attended(
  channel: SipChannel,
  other: SipChannel,
  peer: Channel,
  transaction: ServerTransaction,
): Promise<void> {
  const target = other.peer;
  if (other === channel || !target || target === channel) {
    channel.service.agent.respond(transaction, 400, { reason: "Cannot replace itself" });
    return;
  }
  const release = other.hold();
  const connected = peer.connect(target, "transfer");
  channel.service.agent.respond(transaction, connected ? 202 : 487);
  if (connected) await notify(channel, transaction, 200);
  release();
}

async function blind(
  channel: SipChannel,
  peer: Channel,
  transaction: ServerTransaction,
  uri: string,
  dialog: ReplacedDialog | undefined,
): Promise<void> {
  const { service } = channel;
  const { kernel } = service.engine;
  const { headers } = transaction.request;
  const message = service.engine.message("call.route", { id: peer.id }, peer);
  const { params } = message;
  if (peer.billId) params.set("billid", peer.billId);
  if (channel.username) params.set("username", channel.username);
  const transferred = partyOf(headers.get("To"));
  params.set("caller", transferred.user).set("callername", transferred.displayName);
  if (dialog)
    params
      .set("transfer_callid", dialog.callId)
      .set("transfer_fromtag", dialog.fromTag)
      .set("transfer_totag", dialog.toTag);
  else {
    params.set("called", uriParty(uri).user);
    params.set("calledname", parseNameAddr(headers.get("Refer-To") ?? "")?.displayName ?? "");
  }
  const diverter = partyOf(headers.get("Referred-By") ?? headers.get("From"));
  params.set("diverter", diverter.user).set("divertername", diverter.displayName);
  params.set("reason", "transfer");
  appendHeaders(params, headers);
  if (dialog) params.set("callid", ["sip", dialog.callId, dialog.fromTag, dialog.toTag].join("/"));

  // Told by NOTIFY: phones end the call itself for a 404, 481 or 482 within it (RFC 5057 §5.2).
  const done = async (status: number): Promise<void> => {
    service.agent.respond(transaction, status < 300 || wantsNotify(transaction.request) ? 202 : 603);
    await notify(channel, transaction, status);
  };
  const routed = await kernel.dispatch(message);
  const target = message.retvalue.trim();
  if (peer.gone || channel.peer !== peer) return await done(487);
  if (routed && (target === "-" || target === "error")) return await done(failureOf(message));
  if (!routed || target === "") return await done(404);
  if (message.integer("antiloop", 1) <= 0) return await done(482);
  message.name = "call.execute";
  message.retvalue = "";
  message.set("callto", target);
  message.delete("handlers");
  message.delete("error");
  message.userData = peer;
  const executed = await kernel.dispatch(message);
  await done(executed ? 200 : failureOf(message));
}

function failureOf(message: EngineMessage): number {
  return errorStatus(message.get("error")) ?? 603;
}

/** Tells the phone what became of its transfer, in the subscription that REFER made (RFC 3515 §2.4.4), unless it wants none (RFC 4488). */
async function notify(channel: SipChannel, { request }: ServerTransaction, status: number): Promise<void> {
  if (!wantsNotify(request)) return;
  const text = `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n`;
  const id = request.headers.get("CSeq")?.split(" ", 1)[0];
  await channel.session.request("NOTIFY", {
    headers: [
      ["Event", id ? `refer;id=${id}` : "refer"],
      ["Subscription-State", "terminated;reason=noresource"],
    ],
    body: { type: "message/sipfrag;version=2.0", bytes: new TextEncoder().encode(text) },
  });
}

function wantsNotify({ headers }: SipRequest): boolean {
  return (headers.get("Refer-Sub") ?? "").trim().toLowerCase() !== "false";
}
