import { isIP } from "node:net";
import { type Signal, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import type { EngineAddress } from "./audio-socket.ts";

/** What the engine is asked for. */
export interface EngineAttachRequest {
  readonly yate: Yate;
  readonly leg: string;
  /** As the engine calls it. */
  readonly format: string;
  /** Where the engine has no payload type of its own for the format. */
  readonly payload: number | undefined;
  /** Where we receive. */
  readonly host: string;
  readonly port: number;
  /** Least delay of the engine's playout. */
  readonly delayMs: number | undefined;
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal: Signal;
}

/** Takes whatever sound the leg has off it. The engine answers that as not handled, always (spec/rtp.md §3). */
export async function detachLeg(yate: Yate, leg: string, timeoutMs: number, signal?: Signal): Promise<void> {
  await yate
    .msg("chan.masquerade", { message: "chan.attach", id: leg, source: "-", consumer: "-" })
    .dispatch({ timeoutMs, signal });
}

/** Attaches RTP to the leg. Rejects with Abandoned, TimedOut or Disconnected; what the engine refuses is `no-audio`. */
export async function attachLeg(request: EngineAttachRequest): Promise<EngineAddress & { rtpId: string }> {
  const { yate, leg, format, payload, host, port, delayMs, timeoutMs, signal } = request;
  // Whatever plays or records on the leg, and a session that answers but is dead (spec/rtp.md §3), is in the way: it would be
  // kept, and the answer would be true all the same.
  await detachLeg(yate, leg, timeoutMs, signal);
  const answer = await yate
    .msg("chan.masquerade", {
      message: "chan.attach",
      id: leg,
      source: "rtp/yayts",
      consumer: "rtp/yayts",
      remoteip: host,
      remoteport: port,
      format,
      payload,
      rtcp: false,
      // We keep the beat: the embedded engine's playout need not wait for us. A real YATE has none unless it is asked for (spec/rtp.md §2).
      minjitter: delayMs ?? 5,
      maxjitter: delayMs === undefined ? undefined : Math.min(1000, delayMs + 200),
      // On one machine there is no NAT to find the way through, and nobody else is to get the sound.
      ...(isLoopback(host) ? { autoaddr: false } : {}),
    })
    .dispatch({ timeoutMs, signal });
  const ip = answer.get("localip") ?? "";
  const enginePort = Number(answer.get("localport") ?? 0);
  if (answer.handled && isIP(ip) !== 0 && enginePort > 0 && enginePort < 65_536)
    return { ip, port: enginePort, rtpId: answer.get("rtpid") ?? "" };
  throw await refusal(request, answer.handled, answer.get("reason") || answer.get("error") || "");
}

/** Says why, as far as that can be found out. */
async function refusal(
  { yate, leg, host, timeoutMs, signal }: EngineAttachRequest,
  handled: boolean | undefined,
  reason: string,
): Promise<YaytsError> {
  const refused = (text: string): YaytsError =>
    new YaytsError("no-audio", `the sound of ${leg} could not be attached: ${text}`);
  if (handled) return refused(`the engine has no address that reaches ${host}`);
  if (reason) return refused(reason);
  const status = await yate.msg("engine.status", { module: "yrtp" }).dispatch({ timeoutMs, signal });
  return refused(
    status.handled
      ? "the engine does not know this leg (any more), or could open no port"
      : "the engine has no RTP module (yrtpchan)",
  );
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}
