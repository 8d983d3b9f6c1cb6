import type { EngineRecord } from "../../../src/trace/index.ts";

/** A figure at a time; undefined where the engine does not tell. */
export interface FigurePoint {
  readonly atMs: number;
  readonly value: number | undefined;
}

/** What is charted. */
export type FigureName = "messagesPerSecond" | "queued" | "worstTickMs" | "lateTicks" | "cpu" | "memoryBytes";

const names: readonly FigureName[] = [
  "messagesPerSecond",
  "queued",
  "worstTickMs",
  "lateTicks",
  "cpu",
  "memoryBytes",
];

/** The last minutes of an engine's figures, a point for each of its records. */
export class FigureSeries {
  readonly #keepMs: number;
  #points: { readonly [name in FigureName]: FigurePoint[] } = empty();
  #last: EngineRecord | undefined;

  /** @param keepMs how far back it goes */
  constructor(keepMs = 5 * 60_000) {
    this.#keepMs = keepMs;
  }

  /** Takes a record. One of an engine that was started anew begins everything anew; one that came before is left out. */
  add(record: EngineRecord): void {
    const last = this.#last;
    if (last && last.startedMs !== record.startedMs) {
      this.#points = empty();
      this.#last = undefined;
    } else if (last && record.seq <= last.seq) return;
    const before = this.#last;
    this.#last = record;
    const seconds = before ? (record.atMs - before.atMs) / 1000 : 0;
    const since = (name: "dispatched" | "lateTicks"): number | undefined => {
      const now = record[name];
      const was = before?.[name];
      return now === undefined || was === undefined || seconds <= 0 ? undefined : Math.max(0, now - was);
    };
    const dispatched = since("dispatched");
    const values: { readonly [name in FigureName]: number | undefined } = {
      messagesPerSecond: dispatched === undefined ? undefined : dispatched / seconds,
      queued: record.queued,
      worstTickMs: record.worstTickMs,
      lateTicks: since("lateTicks"),
      cpu: record.cpu,
      memoryBytes: record.memoryBytes,
    };
    for (const name of names) {
      const points = this.#points[name];
      points.push({ atMs: record.atMs, value: values[name] });
      const from = points.findIndex(({ atMs }) => atMs >= record.atMs - this.#keepMs);
      if (from > 0) points.splice(0, from);
    }
  }

  points(name: FigureName): readonly FigurePoint[] {
    return this.#points[name];
  }
}

function empty(): { readonly [name in FigureName]: FigurePoint[] } {
  return { messagesPerSecond: [], queued: [], worstTickMs: [], lateTicks: [], cpu: [], memoryBytes: [] };
}
