import { type Clock, errorText, type Logger, realClock, type Timer, YaytsError } from "../base/index.ts";
import { type Observing, observingOf, type Yate } from "../bus/index.ts";
import { type AppLedger, createAppLedger } from "./app-ledger.ts";
import { createFineClock } from "./fine-clock.ts";
import { createLeases } from "./leases.ts";
import { createOutbox, type Unnumbered } from "./outbox.ts";
import type { AppRecord, ErrorRecord, LogRecord } from "./records.ts";
import { createSourceLines } from "./source-lines.ts";
import { traceControl, traceLeaseMs } from "./trace-messages.ts";

/** Figures of an app's process since they were read last. */
export interface AppFigures {
  /** Of one core, 0…n. */
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** The latest its thread has been. */
  readonly worstLagMs?: number | undefined;
}

/** Reads them, from its making until it is closed. */
export interface AppMeter {
  read(): AppFigures;
  close(): void;
}

/** Who is traced, and what only the platform can tell. */
export interface TraceAppOptions {
  /** Unlike that of any other app on the engine, as in `app.ts 4711`. */
  readonly source: string;
  /** The app's file. */
  readonly file: string;
  /** Default 0. */
  readonly pid?: number | undefined;
  /** The content of a source file, if it can be read; the lines that wait are shown. Default: no line has its text. */
  readonly readText?: ((file: string) => string | undefined) | undefined;
  /** Made when somebody begins to look, closed when nobody does any more. Default: no figures. */
  readonly meter?: (() => AppMeter) | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** An app that can be seen. */
export interface AppTracer {
  /** An error that nobody caught. @param channel default: that of the call whose line runs */
  error(error: unknown, channel?: string): void;
  /** A line of its log. */
  log(level: LogRecord["level"], text: string): void;
  /** Sends what there is, now: before the process ends. */
  flush(): void;
  /** Nobody can see it any more. */
  stop(): void;
  /** Somebody looks. */
  readonly seen: boolean;
}

const figuresEveryMs = 1000;
/** Errors of before that are told to one who begins to look. */
const keptErrors = 20;
const mostTextLetters = 4000;

const traced = new WeakMap<Observing, AppTracer>();

/**
 * Lets an app be seen by a console: while one asks (`yayts.trace`), tells what the app waits for and since when, with the source
 * lines, its calls' operations, its errors and figures (`yayts.trace.data`). `yayts dev` and `yayts run` do it for the apps that
 * they run; this is for programs that connect themselves. The first time of a connection counts.
 *
 * For the first 15 seconds lines are noted without being asked for, so that what an app waits for from its beginning has its line.
 * After that nothing is done while nobody asks.
 * @throws YaytsError `bad-argument` for a `Yate` that no connection is behind
 */
export function traceApp(yate: Yate, options: TraceAppOptions): AppTracer {
  const observing = observingOf(yate);
  if (!observing) throw new YaytsError("bad-argument", "this Yate has no bus behind it and cannot be traced");
  const known = traced.get(observing);
  if (known) return known;
  const tracer = new Tracer(yate, observing, options);
  traced.set(observing, tracer);
  return tracer;
}

class Tracer implements AppTracer {
  readonly #observing: Observing;
  readonly #options: TraceAppOptions;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  readonly #lines: ReturnType<typeof createSourceLines>;
  readonly #outbox: ReturnType<typeof createOutbox>;
  readonly #leases: ReturnType<typeof createLeases>;
  readonly #ledger: AppLedger;
  readonly #forget: () => void;
  readonly #errors: Unnumbered<ErrorRecord>[] = [];
  #early: Timer | undefined;
  #ticking: Timer | undefined;
  #meter: AppMeter | undefined;

  constructor(yate: Yate, observing: Observing, options: TraceAppOptions) {
    const clock = options.clock ?? realClock;
    this.#observing = observing;
    this.#options = options;
    this.#clock = clock;
    this.#nowMs = createFineClock(clock);
    this.#startedMs = this.#nowMs();
    this.#lines = createSourceLines(options.readText ?? (() => undefined));
    this.#outbox = createOutbox(yate, options.source, clock);
    this.#leases = createLeases(clock, () => this.#look());
    this.#ledger = createAppLedger(observing, this.#lines, this.#nowMs, {
      wait: (record) => this.#leases.has("waits") && this.#outbox.put(record),
      operation: (record) => this.#leases.has("operations") && this.#outbox.put(record),
      threw: (error, channel) => this.error(error, channel),
    });
    const asked = yate.watches(traceControl);
    this.#forget = () => {
      unlisten();
      void asked.return();
    };
    void this.#follow(asked, yate.log);
    this.#outbox.announce();
    const unlisten = yate.onState((state) => {
      if (state.kind === "connected") this.#outbox.announce();
    });
    this.#ledger.begin();
    this.#early = clock.after(
      traceLeaseMs,
      () => {
        this.#early = undefined;
        this.#look();
      },
      { background: true },
    );
  }

  get seen(): boolean {
    return this.#leases.any;
  }

  error(error: unknown, channel?: string): void {
    const stack = error instanceof Error ? error.stack : undefined;
    const record: Unnumbered<ErrorRecord> = {
      kind: "error",
      atMs: this.#nowMs(),
      text: cut(String(error)),
      stack: stack && cut(stack),
      place: error instanceof Error ? this.#lines.of(error) : undefined,
      channel: channel ?? this.#observing.running?.()?.channel,
    };
    this.#errors.push(record);
    if (this.#errors.length > keptErrors) this.#errors.shift();
    this.#putForApp(record);
  }

  log(level: LogRecord["level"], text: string): void {
    if (!this.seen) return;
    const record: Unnumbered<LogRecord> = { kind: "log", atMs: this.#nowMs(), level, text: cut(text) };
    this.#putForApp(record);
  }

  flush(): void {
    if (this.seen) this.#outbox.flush();
  }

  stop(): void {
    this.#forget();
    this.#early?.cancel();
    this.#early = undefined;
    this.#leases.clear();
    this.#look();
    traced.delete(this.#observing);
  }

  async #follow(asked: AsyncIterable<{ get(name: string): string | undefined }>, log: Logger): Promise<void> {
    try {
      for await (const message of asked) {
        const isNew = this.#leases.take(message);
        if (!isNew) continue;
        this.#look();
        this.#ledger.tellOpen();
        for (const record of this.#errors) this.#putForApp(record);
        this.#tellFigures();
      }
    } catch (error) {
      log.debug(`the app cannot be seen any more: ${errorText(error)}`);
    }
    this.stop();
  }

  /** Begins or ends what is done for those who look. */
  #look(): void {
    if (this.seen || this.#early) this.#ledger.begin();
    else this.#ledger.end();
    if (this.seen && !this.#ticking) {
      this.#meter = this.#options.meter?.();
      this.#tick();
    }
    if (this.seen) return;
    this.#ticking?.cancel();
    this.#ticking = undefined;
    this.#meter?.close();
    this.#meter = undefined;
    this.#outbox.clear();
  }

  #tick(): void {
    const next = (): void => {
      this.#tellFigures();
      this.#tick();
    };
    this.#ticking = this.#clock.after(figuresEveryMs, next, { background: true });
  }

  #tellFigures(): void {
    const { file, pid = 0 } = this.#options;
    const record: Unnumbered<AppRecord> = {
      kind: "app",
      atMs: this.#nowMs(),
      file,
      pid,
      startedMs: this.#startedMs,
      openWaits: this.#ledger.openWaits,
      openCalls: this.#ledger.openCalls,
      ...this.#meter?.read(),
      lost: this.#outbox.lost,
    };
    this.#putForApp(record);
  }

  #putForApp(record: Unnumbered<AppRecord | ErrorRecord | LogRecord>): void {
    if (this.#leases.has("app")) this.#outbox.put(record);
  }
}

function cut(text: string): string {
  return text.length > mostTextLetters ? `${text.slice(0, mostTextLetters)}…` : text;
}
