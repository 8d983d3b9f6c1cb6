import type { TraceRecord, TraceSource } from "./records.ts";

/**
 * How records travel: as messages of the engine, so that whoever wants them need be nothing but an external module, and whoever
 * makes them too.
 *
 * - {@link traceControl}, dispatched by who wants records: `operation=start` (or `keep`, at least every {@link traceKeepMs}, or
 *   `stop`), `id=<a name of the asker>`, `of=messages,sip,rtp,operations,waits,engine,app`. The embedded engine handles it; apps
 *   that can tell watch it. Records come until {@link traceLeaseMs} after the last `keep`, so that an asker that crashed costs nothing.
 *   The embedded engine obeys some more operations, see {@link TraceOperation}.
 * - {@link traceData}, enqueued by who has records: `from=engine|app`, `source=<name>`, `data=<JSON list of records>`; every
 *   {@link traceBatchMs}, a few batches where there is much, at most {@link traceBatchBytes} of `data` each. An app that comes, or comes back, sends an empty list, so that those who
 *   asked before it came need not wait for their next `keep`.
 *
 * Messages of these two names are never themselves recorded.
 */
export const traceControl = "yayts.trace";
export const traceData = "yayts.trace.data";
export const traceKeepMs: number = 5000;
export const traceLeaseMs: number = 15_000;
export const traceBatchMs: number = 40;
export const traceBatchBytes: number = 48 * 1024;

/** Kinds of records that can be asked for. */
export type TraceTopic = "messages" | "sip" | "rtp" | "operations" | "waits" | "engine" | "app";

export const traceTopics: readonly TraceTopic[] = [
  "messages",
  "sip",
  "rtp",
  "operations",
  "waits",
  "engine",
  "app",
];

/**
 * What {@link traceControl} may ask. `cut` (embedded engine only) breaks the connection of the app whose name is in `connection`, for
 * trying what becomes of it.
 */
export type TraceOperation = "start" | "keep" | "stop" | "cut";

/** A batch of records as it came. */
export interface TraceBatch {
  readonly source: TraceSource;
  readonly records: readonly TraceRecord[];
}
