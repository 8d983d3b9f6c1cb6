import type { EngineMessage } from "../../engine/index.ts";
import type { RtpModule } from "./rtp-messages.ts";
import type { RtpSession } from "./session.ts";

/**
 * `engine.status`: the line of spec/rtp.md §8, and for `module=yrtp/<number>` the figures of that session, which the reference
 * engine does not have.
 */
export function tellStatus({ sessions }: RtpModule, message: EngineMessage): boolean {
  const wanted = message.get("module") ?? "";
  const one = sessions.all.get(wanted);
  if (one) {
    message.retvalue += sessionLine(one);
    return true;
  }
  if (wanted !== "" && wanted !== "yrtp" && wanted !== "misc") return false;
  let line = `name=yrtp,type=misc;chans=${sessions.all.size},mirrors=0`;
  if (message.flag("details", true) && sessions.all.size > 0) {
    line += `;${[...sessions.all.values()].map(({ id, channelId }) => `${id}=${channelId}`).join(",")}`;
  }
  message.retvalue += `${line}\r\n`;
  return wanted === "yrtp";
}

function sessionLine(session: RtpSession): string {
  const { stream, direction, remote, figures } = session;
  const ways = direction.receive ? (direction.send ? "bidir" : "receive") : "send";
  const columns: Record<string, string | number | boolean | undefined> = {
    chan: session.channelId,
    origin: session.origin,
    local: `${session.localIp}:${session.localPort}`,
    remote,
    started: session.started,
    direction: ways,
    format: stream.name,
    payload: stream.payload,
    evpayload: stream.eventPayload ?? false,
    secure: session.localKeys !== undefined,
    sent: figures.sent,
    received: figures.received,
    lost: figures.lost,
    late: figures.late,
    duplicates: figures.duplicates,
    reordered: figures.reordered,
    concealed: Math.round(figures.concealedMs),
    inserted: figures.inserted,
    skipped: figures.skipped,
    dropped: figures.dropped,
    strangers: figures.strangers,
    unsent: figures.unsent,
    forged: figures.forged,
    malformed: figures.malformed,
    jitter: figures.jitterMs.toFixed(1),
    delay: figures.delayMs.toFixed(1),
    rtt: figures.roundTripMs?.toFixed(1),
    mos: figures.mos?.toFixed(2),
  };
  const told = Object.entries(columns).filter(([, value]) => value !== undefined);
  return `name=${session.id},type=rtp;${told.map(([name, value]) => `${name}=${value}`).join(",")}\r\n`;
}
