import type { Clock } from "../../base/index.ts";
import { formatAddress } from "../../sip/index.ts";
import type { RtpFigures, RtpRecord } from "../../trace/index.ts";
import type { Outbox } from "./outbox.ts";
import type { RecordTimes } from "./record-times.ts";
import type { RtpTap, Tap, TappedSession } from "./tap.ts";

/** Sessions that are told of in each report; what the many of a big engine sound like, its status tells. */
const maxReported = 200;
const weight = 600;

/** Makes records of RTP sessions. */
export interface RtpTracer extends RtpTap {
  /** Tells the figures of all sessions: to be called once a second. */
  report(): void;
}

export function createRtpTracer(clock: Clock, tap: Tap, outbox: Outbox, times: RecordTimes): RtpTracer {
  const tell = (
    phase: RtpRecord["phase"],
    session: TappedSession,
    more: Pick<RtpRecord, "received" | "sent" | "key" | "direction"> = {},
  ): void => {
    const atMs = clock.monotonicMs();
    outbox.add(
      (seq) => ({
        kind: "rtp",
        phase,
        seq,
        atMs: times.at(atMs),
        id: session.id,
        channel: session.channelId,
        local: formatAddress({ host: session.localIp, port: session.localPort }),
        // One that has just been opened is told its peer's address a moment later.
        remote: session.remote ?? "",
        format: session.stream.name,
        ...more,
      }),
      weight,
    );
  };
  return {
    opened: (session) => tell("open", session),
    closed: (session) => tell("close", session, figuresOf(session)),
    key: (session, key, direction) => tell("key", session, { key, direction }),
    report() {
      let told = 0;
      for (const session of tap.rtpSessions()) {
        if (++told > maxReported) return;
        tell("report", session, figuresOf(session));
      }
    },
  };
}

function figuresOf({ figures }: TappedSession): { readonly received: RtpFigures; readonly sent: RtpFigures } {
  const { received, lost, late, jitterMs, delayMs, concealedMs, mos } = figures;
  return {
    received: {
      packets: received,
      lost,
      late,
      jitterMs: rounded(jitterMs),
      delayMs: rounded(delayMs),
      concealedMs: rounded(concealedMs),
      mos: rounded(mos, 100),
    },
    // What became of them only the peer's reports tell.
    sent: { packets: figures.sent, lost: figures.remoteLost ?? 0, jitterMs: rounded(figures.remoteJitterMs) },
  };
}

function rounded(value: number, parts?: number): number;
function rounded(value: number | undefined, parts?: number): number | undefined;
function rounded(value: number | undefined, parts = 10): number | undefined {
  return value === undefined ? undefined : Math.round(value * parts) / parts;
}
