import { type Clock, errorText, type Logger } from "../../../base/index.ts";
import { parseSipMessage, type SipFlow, type SipMessage } from "../../../sip/index.ts";
import type { Tap } from "../../trace/index.ts";
import { createOncePerMinute, type OncePerMinute } from "./once-per-minute.ts";
import { createFloodGuard, type FloodGuard, type FloodLimits } from "./rate-limit.ts";
import type { SipTransportFigures } from "./transport-options.ts";

/** What all listeners and connections bring their messages to. */
export interface Intake {
  readonly counts: {
    -readonly [K in keyof Omit<SipTransportFigures, "connections" | "trackedSources">]: number;
  };
  readonly notes: OncePerMinute;
  readonly guard: FloodGuard | undefined;
  /** Counts a message that is sent. */
  sent(bytes: Uint8Array, flow: SipFlow): void;
  /** Takes the bytes of one message; false when they are none. */
  take(bytes: Uint8Array, flow: SipFlow): boolean;
}

export interface IntakeOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly flood: Partial<FloodLimits> | false | undefined;
  readonly tap?: Pick<Tap, "sip"> | undefined;
  onMessage(message: SipMessage, flow: SipFlow): void;
}

export function createIntake({ clock, log, flood, tap, onMessage }: IntakeOptions): Intake {
  const notes = createOncePerMinute(log, clock);
  const guard = flood === false ? undefined : createFloodGuard(clock, flood);
  const counts: Intake["counts"] = {
    received: 0,
    sent: 0,
    malformed: 0,
    flooded: 0,
    keepAlives: 0,
    sendErrors: 0,
    refusedConnections: 0,
    slowConnections: 0,
  };
  return {
    counts,
    notes,
    guard,
    sent(bytes, flow) {
      counts.sent++;
      tap?.sip?.("out", bytes, flow);
    },
    take(bytes, flow) {
      counts.received++;
      tap?.sip?.("in", bytes, flow);
      const parsed = parseSipMessage(bytes);
      if (parsed.kind === "garbage") {
        counts.malformed++;
        const { what, line } = parsed.flaw;
        const where = line === undefined ? "" : ` in line ${line}`;
        notes.note(flow.remote.host, `sent over ${flow.transport} what is no SIP: ${what}${where}`);
        return false;
      }
      if (guard && !guard.admits(flow.remote.host, parsed.message)) {
        counts.flooded++;
        const method = parsed.message.kind === "request" ? parsed.message.method.slice(0, 32) : "";
        notes.note(flow.remote.host, `sends too many requests, ${method} dropped`);
        return true;
      }
      try {
        onMessage(parsed.message, flow);
      } catch (error) {
        log.error(`sip: a message of ${flow.remote.host} could not be served: ${errorText(error)}`);
      }
      return true;
    },
  };
}
