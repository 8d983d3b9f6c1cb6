import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts";
import type { OperationRecord, TraceRecord, WaitRecord } from "../src/trace/index.ts";

/** One who looks, as a console does. */
export class Looker {
  readonly records: TraceRecord[] = [];
  readonly #yate: Yate;
  readonly #source: string | undefined;
  readonly #id: string;

  /** @param source undefined: any */
  constructor(yate: Yate, source: string | undefined, id = "looker") {
    this.#yate = yate;
    this.#source = source;
    this.#id = id;
    void this.#read();
  }

  async #read(): Promise<void> {
    for await (const batch of this.#yate.watches("yayts.trace.data")) {
      if (this.#source !== undefined && batch.get("source") !== this.#source) continue;
      this.records.push(...JSON.parse(batch.get("data") ?? "[]"));
    }
  }

  async say(operation: "start" | "keep" | "stop", of = "operations,waits,app"): Promise<void> {
    await this.#yate.msg("yayts.trace", { operation, id: this.#id, of }).dispatch();
  }

  /** The first record that fits, when it has come. */
  async find<R extends TraceRecord>(kind: R["kind"], fits: (record: R) => boolean): Promise<R> {
    for (let tries = 0; tries < 200; tries++) {
      for (const record of this.records) if (record.kind === kind && fits(record as R)) return record as R;
      await delay(20);
    }
    throw new Error(`no such ${kind} among ${JSON.stringify(this.records, undefined, 1)}`);
  }

  wait(phase: "begin" | "end", name: string, more: Partial<WaitRecord> = {}): Promise<WaitRecord> {
    return this.find<WaitRecord>(
      "wait",
      (r) =>
        r.phase === phase &&
        r.name === name &&
        Object.entries(more).every(([k, v]) => Reflect.get(r, k) === v),
    );
  }

  operation(phase: "begin" | "end", what: string): Promise<OperationRecord> {
    return this.find<OperationRecord>("operation", (r) => r.phase === phase && r.what === what);
  }
}
