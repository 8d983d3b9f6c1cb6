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
  const taken = new Set<number>();

  function choose(preferred: number | undefined): number | undefined {
    let payload = preferred;
    if (payload === undefined || payload < FIRST_DYNAMIC || payload > LAST_PAYLOAD || taken.has(payload)) {
      payload = FIRST_DYNAMIC;
      while (taken.has(payload)) payload++;
    }
    if (payload > LAST_PAYLOAD) return undefined;
    taken.add(payload);
    return payload;
  }

  function payloadOf(row: RtpFormat): number | undefined {
    const payload = formats.get(row.format) ?? row.staticPayload ?? choose(row.preferredPayload);
    if (payload !== undefined) formats.set(row.format, payload);
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
      const rates = [...new Set(codecs.map((codec) => codec.clockRateHz))];
      const usual = rates.includes(8000) ? 8000 : rates[0];
      // The number asked for goes to the usual rate before the others take theirs.
      rates.sort((a, b) => Number(b === usual) - Number(a === usual));
      return rates.flatMap((clockRateHz) => {
        const payload = events.get(clockRateHz) ?? choose(clockRateHz === usual ? wanted : wanted + 1);
        if (payload === undefined) return [];
        events.set(clockRateHz, payload);
        return [{ payload, clockRateHz }];
      });
    },
    learn(format, payload) {
      formats.set(format, payload);
      taken.add(payload);
    },
    learnEvent({ clockRateHz, payload }) {
      events.set(clockRateHz, payload);
      taken.add(payload);
    },
  };
}
