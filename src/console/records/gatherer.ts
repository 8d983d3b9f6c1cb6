import { randomUUID } from "node:crypto";
import { type Clock, errorText, type Logger } from "../../base/index.ts";
import type { DispatchedMessage, MessageStream, WatchedMessage, Yate } from "../../bus/index.ts";
import {
  parseTraceData,
  type SourcedRecord,
  type TraceOperation,
  type TraceSource,
  traceControl,
  traceData,
  traceKeepMs,
  traceTopics,
} from "../../trace/index.ts";
import { isOwn, ownParam } from "./own-messages.ts";
import { pollStatus, type StatusPoller } from "./status-poller.ts";
import { recordOfWatched } from "./watched-record.ts";

/** Messages held while this thread is busy. */
const bufferSize = 20_000;
/** An engine that does not even say that it does not know the question is asked again at the next turn. */
const answerMs = traceKeepMs;
const engineSource: TraceSource = { kind: "engine", name: "engine" };

/** Gets records of an engine and its apps: by asking, or from an engine that cannot tell by watching. */
export interface Gatherer {
  /** `embedded`: the engine tells; `yate`: it is watched. */
  readonly kind: "embedded" | "yate";
  /** Of the engine; "" until it is known. */
  readonly version: string;
  /** Name of this asker, for {@link ownParam}. */
  readonly own: string;
  close(): Promise<void>;
}

export function createGatherer(options: {
  readonly yate: Yate;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets every record but those of a console's own messages. */
  readonly tell: (record: SourcedRecord) => void;
  /** Gets the records of this console's own messages, by the mark that they carry. */
  readonly tellOwn: (record: SourcedRecord) => void;
  /** So many records were lost on the way. */
  readonly lost: (count: number) => void;
  /** The engine is of another kind than was thought. */
  readonly changed: () => void;
}): Gatherer {
  const { yate, clock, log, tell, tellOwn, lost, changed } = options;
  const own = randomUUID().slice(0, 8);
  let kind: Gatherer["kind"] = "embedded";
  let version = "";
  let closed = false;
  let problems = 0;
  let poller: StatusPoller | undefined;
  let watching: MessageStream<WatchedMessage> | undefined;
  /** The last `seq` of each source. */
  const lastSeq = new Map<string, number>();

  const offer = (sourced: SourcedRecord): void => {
    const { record } = sourced;
    if (record.kind === "message" && isOwn(record)) tellOwn(sourced);
    else tell(sourced);
  };

  // ---- what is told

  const takeBatch = (message: WatchedMessage): void => {
    const from = message.get("from");
    const name = message.get("source") ?? "";
    const { records, problem } = parseTraceData(message.get("data") ?? "");
    if (problem !== undefined && problems++ === 0)
      log.warn(`a batch of records from ${name || "somebody"} is not as it should be: ${problem}`);
    if (from !== "engine" && from !== "app") return;
    if (from === "app" && records.length === 0) void ask("keep");
    const source: TraceSource = { kind: from, name: name || from };
    let missing = 0;
    let last = lastSeq.get(source.name);
    for (const record of records) {
      // One that counts anew is another run of the same program.
      if (last !== undefined && record.seq > last + 1) missing += record.seq - last - 1;
      last = record.seq;
      offer({ source, record });
    }
    if (last !== undefined) lastSeq.set(source.name, last);
    if (missing > 0) lost(missing);
  };
  const batches = yate.watches(traceData, undefined, { bufferSize });
  const reading = (async () => {
    for await (const message of batches) takeBatch(message);
  })();

  // ---- what is watched, on an engine that does not tell

  const watch = async (stream: MessageStream<WatchedMessage>): Promise<void> => {
    let seq = 0;
    let dropped = 0;
    for await (const message of stream) {
      if (message.name === traceData || message.name === traceControl) continue;
      const record = recordOfWatched(message, ++seq, clock.now());
      poller?.note(record);
      offer({ source: engineSource, record });
      if (stream.dropped > dropped) {
        lost(stream.dropped - dropped);
        dropped = stream.dropped;
      }
    }
  };
  const startWatching = (): void => {
    if (watching) return;
    watching = yate.watches("", undefined, { bufferSize });
    watch(watching).catch(ended);
    poller = pollStatus({
      yate,
      clock,
      log,
      own,
      tell: (record) => tell({ source: engineSource, record }),
    });
  };
  const stopWatching = (): void => {
    poller?.stop();
    poller = undefined;
    void watching?.return();
    watching = undefined;
  };

  // ---- asking

  const ended = (error: unknown): void => {
    if (!closed && yate.state.kind !== "closed")
      log.error("records come no more", { error: errorText(error) });
  };
  const control = (operation: TraceOperation): Promise<DispatchedMessage> =>
    yate
      .msg(traceControl, { operation, id: own, of: traceTopics.join(","), [ownParam]: own })
      .dispatch({ timeoutMs: answerMs });
  let timer = clock.after(traceKeepMs, () => void ask("keep"), { background: true });
  const ask = async (operation: "start" | "keep"): Promise<void> => {
    timer.cancel();
    try {
      if (yate.state.kind === "connected") {
        const answer = await control(operation);
        if (closed) return;
        const now = answer.handled ? "embedded" : "yate";
        version = answer.get("version") ?? version;
        if (now === "yate") startWatching();
        else stopWatching();
        if (now !== kind || operation === "start") {
          kind = now;
          changed();
        }
      }
    } catch {
      // The engine is away, or too busy for now: it is asked again.
    }
    if (closed) return;
    timer = clock.after(traceKeepMs, () => void ask("keep"), { background: true });
  };
  const off = yate.onState((state) => {
    if (state.kind === "connected" && state.again) {
      lastSeq.clear();
      void ask("start");
    }
    changed();
  });
  reading.catch(ended);
  void ask("start");

  return {
    get kind() {
      return kind;
    },
    get version() {
      return version;
    },
    own,
    async close() {
      if (closed) return;
      closed = true;
      timer.cancel();
      off();
      stopWatching();
      await batches.return();
      if (yate.state.kind === "connected") await control("stop").catch(() => undefined);
    },
  };
}
