import { type Engine, EngineMessage, type EngineModule } from "../../engine/index.ts";
import { CallData, type CdrOperation, progressRings } from "./call-data.ts";
import { type CdrSettings, readCdrSettings } from "./settings.ts";

/** How many channels may have a record at a time; over it the oldest one, most likely of no channel at all, is ended. */
const maxRecords = 100_000;

/** Which messages begin a record, and what they tell the time of. */
const events = [
  { name: "chan.startup", begins: true, marks: undefined, reachesPeer: false },
  { name: "call.execute", begins: true, marks: undefined, reachesPeer: false },
  { name: "call.route", begins: false, marks: undefined, reachesPeer: false },
  { name: "call.update", begins: false, marks: undefined, reachesPeer: false },
  { name: "call.progress", begins: false, marks: "ring", reachesPeer: true },
  { name: "call.ringing", begins: false, marks: "ring", reachesPeer: true },
  { name: "call.answered", begins: true, marks: "answer", reachesPeer: true },
] as const;

type CdrEvent = (typeof events)[number];

/**
 * Call records: tells the life of every channel in `call.cdr` messages (spec/services.md §5). Configuration `cdrbuild`:
 * section `[general]` with resolution, guardtime, updates, status, status_interval, status_answer and ring_on_progress,
 * and `[parameters]` with more parameters to carry, as `<name>=<may be overwritten>`.
 */
export function cdrbuild(): EngineModule {
  return {
    name: "cdrbuild",
    start(engine) {
      const builder = new CdrBuilder(engine, readCdrSettings(engine.config("cdrbuild")));
      const install = (
        name: string,
        priority: number,
        receive: (message: EngineMessage) => boolean,
      ): void => {
        engine.install({ name, priority, trackName: "cdrbuild", receive });
      };
      for (const event of events) {
        install(event.name, 50, (message) => {
          builder.heard(event, message);
          return false;
        });
      }
      install("call.drop", 50, (message) => {
        const id = /^cdrbuild\/(.+)$/.exec(message.get("id") ?? "")?.[1];
        return id !== undefined && builder.drop(id, message.get("reason") || "CDR dropped");
      });
      install("chan.hangup", 150, (message) => {
        builder.hungUp(message);
        return false;
      });
      install("engine.halt", 150, () => {
        builder.dropAll("CDR shutdown");
        return false;
      });
      install("engine.timer", 100, () => {
        builder.tick();
        return false;
      });
      install("engine.status", 100, (message) => {
        const wanted = message.get("module") ?? "";
        if (wanted === "" || wanted === "cdrbuild") {
          message.retvalue += builder.status(message.flag("details", true));
        }
        return false;
      });
    },
  };
}

class CdrBuilder {
  readonly #engine: Engine;
  readonly #settings: CdrSettings;
  readonly #records = new Map<string, CallData>();
  /** Channels that are gone, and those whose hang-up came before anything else of them: these still get one record. */
  readonly #hungUp = new Map<string, { readonly atMs: number; recorded: boolean }>();
  #made = 0;

  constructor(engine: Engine, settings: CdrSettings) {
    this.#engine = engine;
    this.#settings = settings;
  }

  heard(event: CdrEvent, message: EngineMessage): void {
    if (!message.flag("cdrtrack", true)) return;
    if (event.name === "call.progress" && !progressRings(message, this.#settings)) return;
    if (event.name === "call.update" && (message.get("operation") ?? "cdrbuild") !== "cdrbuild") return;
    const id = message.get("id");
    if (id) this.#ofChannel(event, message, id);
    const peerId = event.reachesPeer && (message.get("peerid") || message.get("targetid"));
    const peer = peerId ? this.#records.get(peerId) : undefined;
    if (!peer) return;
    peer.takeStatus(message);
    this.#mark(peer, event, message);
    this.#changed(peer);
  }

  #ofChannel(event: CdrEvent, message: EngineMessage, id: string): void {
    const known = this.#records.get(id);
    if (!known && !event.begins) return;
    const gone = this.#hungUp.get(id);
    if (!known && gone?.recorded) return;
    if (!known && !gone && !message.flag("cdrcreate", true)) return;
    const record = known ?? this.#create(id, message);
    record.take(message);
    if (gone) {
      gone.recorded = true;
      record.mark("hangup", gone.atMs);
      this.#finalize(record);
      return;
    }
    this.#mark(record, event, message);
    if (known) this.#changed(record);
    else this.#tell(record, "initialize");
  }

  #create(id: string, message: EngineMessage): CallData {
    if (this.#records.size >= maxRecords) {
      const [oldest] = this.#records.values();
      if (oldest) {
        this.#engine.log.warn(
          `cdrbuild has ${maxRecords} records; that of ${oldest.chan}, the oldest, is ended`,
        );
        this.drop(oldest.chan, "CDR dropped");
      }
    }
    const record = new CallData(this.#settings, id, ++this.#made, message);
    this.#records.set(id, record);
    return record;
  }

  #mark(record: CallData, { marks }: CdrEvent, message: EngineMessage): void {
    if (!marks) return;
    const { status } = this.#settings;
    if (marks === "answer" && !record.answered && status) {
      record.statusAtMs = message.timeMs + (status.atAnswer ? 0 : status.intervalMs);
    }
    record.mark(marks, message.timeMs);
  }

  #changed(record: CallData): void {
    if (this.#settings.updates) this.#tell(record, "update");
  }

  #tell(record: CallData, operation: CdrOperation): void {
    const { clock, kernel, runId } = this.#engine;
    const timeMs = clock.now();
    const params = record.params(operation, runId, timeMs);
    kernel.enqueue(new EngineMessage("call.cdr", { params, timeMs, broadcast: true }));
  }

  #finalize(record: CallData): void {
    this.#records.delete(record.chan);
    this.#tell(record, "finalize");
  }

  hungUp(message: EngineMessage): void {
    const id = message.get("id");
    if (!id || !message.flag("cdrtrack", true)) return;
    const record = this.#records.get(id);
    if (!this.#hungUp.has(id)) {
      this.#hungUp.set(id, { atMs: message.timeMs, recorded: record !== undefined });
    }
    if (!record) return;
    record.take(message);
    record.mark("hangup", message.timeMs);
    this.#finalize(record);
  }

  /** Ends a record before its channel's end; false when there is none. */
  drop(id: string, reason: string): boolean {
    const record = this.#records.get(id);
    if (!record) return false;
    this.#hungUp.set(id, { atMs: this.#engine.clock.now(), recorded: true });
    record.setReason(reason);
    this.#finalize(record);
    return true;
  }

  dropAll(reason: string): void {
    for (const id of [...this.#records.keys()]) this.drop(id, reason);
  }

  /** Forgets channels that are gone for long enough, and gives the signs of life that are due. */
  tick(): void {
    const nowMs = this.#engine.clock.now();
    for (const [id, { atMs }] of this.#hungUp) {
      if (nowMs - atMs >= this.#settings.guardMs) this.#hungUp.delete(id);
    }
    const intervalMs = this.#settings.status?.intervalMs;
    if (intervalMs === undefined) return;
    for (const record of this.#records.values()) {
      if (record.statusAtMs === undefined || nowMs < record.statusAtMs) continue;
      record.statusAtMs = Number.isFinite(intervalMs) ? nowMs + intervalMs : undefined;
      this.#tell(record, "status");
    }
  }

  status(details: boolean): string {
    const nowMs = this.#engine.clock.now();
    const head = "name=cdrbuild,type=cdr,format=Status|Caller|Called|BillId|Duration";
    const figures = `cdrs=${this.#records.size},hungup=${this.#hungUp.size}`;
    const columns = details ? [...this.#records.values()].map((record) => record.statusColumn(nowMs)) : [];
    return `${head};${figures}${columns.length > 0 ? `;${columns.join(",")}` : ""}\r\n`;
  }
}
