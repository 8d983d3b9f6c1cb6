import type { EventPayload } from "./description.ts";
import { codecOfFormat, type RtpFormat } from "./formats.ts";

/** The first of the numbers that rtpmap lines may give away (RFC 3551 §6). */
const FIRST_DYNAMIC = 96;
const LAST_PAYLOAD = 127;

/** Numbers that formats and keys have in a session; what a number meant once it means to the end (RFC 3264 §8.3.2). */
export interface PayloadNumbers {
  /** Number by format. */
  readonly formats: ReadonlyMap<string, number>;
  /** The formats as an offer of ours lists them: known names only, each once, in order; at most as many as numbers are left. */
  offered(formats: readonly string[]): readonly { readonly payload: number; readonly row: RtpFormat }[];
  /** The telephone-events to offer: one for each clock rate of the codecs, 8000 Hz (or the first) under `wanted`. */
  offeredEvents(wanted: number, codecs: readonly RtpFormat[]): readonly EventPayload[];
  /** Takes over a number that the other side gave. */
  learn(format: string, payload: number): void;
  /** Takes over a telephone-event of the other side. */
  learnEvent(event: EventPayload): void;
}

/** No numbers yet. */
export function createPayloadNumbers(): PayloadNumbers {
  const formats = new Map<string, number>();
  const events = new Map<number, number>();

  function isTaken(payload: number): boolean {
    return [...formats.values(), ...events.values()].includes(payload);
  }

  /** The other side has the last word on what a number means; ours gets another one when it is offered next. */
  function release(payload: number): void {
    for (const [format, number] of formats) if (number === payload) formats.delete(format);
    for (const [rate, number] of events) if (number === payload) events.delete(rate);
  }

  function choose(preferred: number | undefined): number | undefined {
    const fits = preferred !== undefined && preferred >= FIRST_DYNAMIC && preferred <= LAST_PAYLOAD;
    if (fits && !isTaken(preferred)) return preferred;
    for (let payload = FIRST_DYNAMIC; payload <= LAST_PAYLOAD; payload++) {
      if (!isTaken(payload)) return payload;
    }
    return undefined;
  }

  function payloadOf({ format, staticPayload, preferredPayload }: RtpFormat): number | undefined {
    const known = formats.get(format);
    if (known !== undefined) return known;
    const fixed = staticPayload !== undefined && !isTaken(staticPayload);
    const payload = fixed ? staticPayload : choose(preferredPayload);
    if (payload !== undefined) formats.set(format, payload);
    return payload;
  }

  return {
    formats,
    offered(names) {
      const rows = new Set(names.map(codecOfFormat).filter((row) => row !== undefined));
      return [...rows].flatMap((row) => {
        const payload = payloadOf(row);
        return payload === undefined ? [] : [{ payload, row }];
      });
    },
    offeredEvents(wanted, codecs) {
      const rates = new Set(codecs.map((codec) => codec.clockRateHz));
      const usual = rates.has(8000) ? 8000 : codecs[0]?.clockRateHz;
      if (usual === undefined) return [];
      // The number asked for goes to the usual rate before the others take theirs.
      return [usual, ...[...rates].filter((rate) => rate !== usual)].flatMap((clockRateHz) => {
        const payload = events.get(clockRateHz) ?? choose(clockRateHz === usual ? wanted : wanted + 1);
        if (payload === undefined) return [];
        events.set(clockRateHz, payload);
        return [{ payload, clockRateHz }];
      });
    },
    learn(format, payload) {
      release(payload);
      formats.set(format, payload);
    },
    learnEvent({ clockRateHz, payload }) {
      release(payload);
      events.set(clockRateHz, payload);
    },
  };
}
