import type { Pairs, TraceRecord } from "./records.ts";

/** An object with its fields, and each string, beside its text. Measured with V8, rounded up. */
const objectBytes = 120;
const stringBytes = 24;

/** About how much memory a record takes, in bytes: for limits, not for accounts. */
export function estimateBytes(record: TraceRecord): number {
  switch (record.kind) {
    case "message": {
      let bytes = objectBytes + record.name.length + record.retvalue.length + pairsBytes(record.params);
      if (record.before) bytes += pairsBytes(record.before);
      for (const step of record.steps) {
        bytes += objectBytes + step.name.length;
        for (const change of step.changes)
          bytes += objectBytes + change.name.length + (change.from?.length ?? 0) + (change.to?.length ?? 0);
      }
      return bytes + record.next.length * 80;
    }
    case "sip":
      return 3 * objectBytes + record.text.length + record.line.length + record.callId.length;
    case "error":
      return 3 * objectBytes + record.text.length + (record.stack?.length ?? 0);
    case "log":
      return objectBytes + record.text.length;
    case "engine":
      return 4 * objectBytes + record.channels.length * 300 + record.connections.length * 500;
    case "operation":
    case "wait":
      return 3 * objectBytes + (record.place ? 300 : 0);
    case "rtp":
    case "app":
      return 4 * objectBytes;
  }
}

function pairsBytes(pairs: Pairs): number {
  let bytes = 0;
  for (const [name, value] of pairs) bytes += 2 * stringBytes + 32 + name.length + value.length;
  return bytes;
}
