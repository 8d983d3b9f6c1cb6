import type { Timer } from "../../base/index.ts";
import type { Engine, EngineMessage, EngineModule } from "../../engine/index.ts";
import { type TraceTopic, traceControl, traceData } from "../../trace/index.ts";
import { type Askers, createAskers, readTopics } from "./askers.ts";
import { createEngineTracer, type EngineTracer } from "./engine-records.ts";
import { createMessageTracer } from "./message-records.ts";
import { createOutbox } from "./outbox.ts";
import { createRecordTimes } from "./record-times.ts";
import { createRtpTracer } from "./rtp-records.ts";
import { createSipTracer } from "./sip-records.ts";
import { createTap, type Tap } from "./tap.ts";

/** What an engine can tell of; the other topics are the apps'. */
const ownTopics: readonly TraceTopic[] = ["messages", "sip", "rtp", "engine"];
const reportMs = 1000;

/** How to make the module. */
export interface TraceModuleOptions {
  /** Shared with the modules of SIP, RTP and users. Default: one of its own, and nothing is told of them. */
  readonly tap?: Tap | undefined;
}

/**
 * Tells what happens in the engine, as records, to whoever asks by the message `yayts.trace`. While nobody does, nothing is
 * recorded. What is secret in a message is not told, see `maskParam`.
 *
 * `start` is answered with `version`, `kind=embedded`, `nodename`, `pid`, `startedms` and `topics`.
 */
export function trace({ tap = createTap() }: TraceModuleOptions = {}): EngineModule {
  return {
    name: "trace",
    start(engine) {
      const tracing = createTracing(engine, tap);
      engine.install({ name: traceControl, priority: 100, receive: (message) => tracing.control(message) });
      engine.own(() => tracing.stop());
    },
  };
}

interface Tracing {
  control(message: EngineMessage): boolean;
  stop(): void;
}

function createTracing(engine: Engine, tap: Tap): Tracing {
  const { clock, kernel } = engine;
  const askers: Askers = createAskers();
  const times = createRecordTimes(clock);
  const outbox = createOutbox(clock, (data) =>
    engine.enqueue(traceData, { from: "engine", source: "engine", data }),
  );
  const rtp = createRtpTracer(clock, tap, outbox, times);
  let reports: EngineTracer | undefined;
  let timer: Timer | undefined;

  /** Begins and ends to record what is asked for by now. */
  const apply = (): void => {
    const wants = (topic: TraceTopic): boolean => askers.topics.has(topic);
    const messages = wants("messages");
    if (messages !== (kernel.tracer !== undefined))
      kernel.tracer = messages ? createMessageTracer(engine, outbox, times) : undefined;
    if (wants("sip") !== (tap.sip !== undefined))
      tap.sip = wants("sip") ? createSipTracer(clock, tap, outbox, times) : undefined;
    tap.rtp = wants("rtp") ? rtp : undefined;
    if (!wants("engine")) reports = undefined;
    else if (!reports) {
      reports = createEngineTracer(engine, tap, outbox, times);
      reports.report();
    }
    if (askers.topics.size > 0) timer ??= clock.after(reportMs, tick, { background: true });
    else {
      timer?.cancel();
      timer = undefined;
    }
  };

  const tick = (): void => {
    timer = undefined;
    times.adjust();
    askers.sweep(clock.monotonicMs());
    apply();
    reports?.report();
    if (tap.rtp) rtp.report();
  };

  return {
    control(message) {
      const id = message.get("id") ?? "";
      switch (message.get("operation")) {
        case "start":
        case "keep":
          times.adjust();
          askers.keep(id, readTopics(message.get("of")), clock.monotonicMs());
          apply();
          tellFacts(engine, message);
          return true;
        case "stop": {
          const was = askers.stop(id);
          apply();
          return was;
        }
        case "cut":
          return cut(engine, message.get("connection") ?? "");
        default:
          return false;
      }
    },
    stop() {
      kernel.tracer = undefined;
      tap.sip = undefined;
      tap.rtp = undefined;
      timer?.cancel();
      outbox.stop();
    },
  };
}

function tellFacts({ runParams, nodeName, startedMs }: Engine, message: EngineMessage): void {
  message
    .set("version", runParams.get("version") ?? "")
    .set("kind", "embedded")
    .set("nodename", nodeName)
    .set("pid", process.pid)
    .set("startedms", startedMs)
    .set("topics", ownTopics.join(","));
}

/** False when there is no app of that name. */
function cut({ apps }: Engine, name: string): boolean {
  const app = [...apps].find((candidate) => candidate.name === name);
  app?.cut();
  return app !== undefined;
}
