import type { Clock } from "../base/index.ts";

/** What happened to a call, seen from one of its legs. */
export type CallHappening =
  /** The call was asked for. */
  | { readonly kind: "placed"; readonly target: string }
  /** The number plan gave it a target. */
  | { readonly kind: "routed"; readonly callto: string }
  /** It did not come about; the last event. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "ringing" }
  | { readonly kind: "progress" }
  /** By this leg itself, or by the channel it called. */
  | { readonly kind: "answered"; readonly by: string }
  /** It has another party now: the call was put through, parked or transferred. */
  | { readonly kind: "connected"; readonly to: string }
  /** A sound was attached that this leg hears; `by` is the leg it was attached to. */
  | { readonly kind: "playing"; readonly source: string; readonly by: string }
  /** This leg pressed a key. */
  | { readonly kind: "key-sent"; readonly key: string }
  /** The other party pressed a key. */
  | { readonly kind: "key-received"; readonly key: string; readonly from: string }
  /** The other party is gone. */
  | { readonly kind: "disconnected"; readonly from: string; readonly reason: string }
  /** This leg is gone; the last event. */
  | { readonly kind: "hungup"; readonly reason: string };

/** A happening and when it was seen, in milliseconds since the call was placed (or came in). */
export type CallEvent = CallHappening & { readonly atMs: number };

/** An event as a short sentence, without its time: "heard wave/play/… from dumb/2". */
export function describeCallEvent(event: CallHappening): string {
  switch (event.kind) {
    case "placed":
      return `called ${event.target}`;
    case "routed":
      return `routed to ${event.callto}`;
    case "failed":
      return `failed: ${event.reason}`;
    case "ringing":
      return "ringing";
    case "progress":
      return "in progress";
    case "answered":
      return event.by ? `answered by ${event.by}` : "answered";
    case "connected":
      return `connected to ${event.to}`;
    case "playing":
      return `${event.by} plays ${event.source}`;
    case "key-sent":
      return `pressed ${event.key}`;
    case "key-received":
      return `${event.from} pressed ${event.key}`;
    case "disconnected":
      return event.reason ? `${event.from} left: ${event.reason}` : `${event.from} left`;
    case "hungup":
      return event.reason ? `hung up: ${event.reason}` : "hung up";
  }
}

/** A growing list of events. */
export interface Transcript {
  readonly events: readonly CallEvent[];
  /** Milliseconds since the start. */
  readonly nowMs: number;
  add(happening: CallHappening): void;
}

/** @param onEvent called for each event as it is added; it must not throw */
export function createTranscript(
  clock: Clock,
  onEvent: ((event: CallEvent) => void) | undefined,
): Transcript {
  const startMs = clock.monotonicMs();
  const events: CallEvent[] = [];
  return {
    events,
    get nowMs() {
      return Math.round(clock.monotonicMs() - startMs);
    },
    add(happening) {
      const event = { ...happening, atMs: Math.round(clock.monotonicMs() - startMs) };
      events.push(event);
      onEvent?.(event);
    },
  };
}
