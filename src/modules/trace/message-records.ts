import type { Clock } from "../../base/index.ts";
import type { Params } from "../../bus/index.ts";
import type {
  DispatchTrace,
  Engine,
  EngineMessage,
  KernelTracer,
  TracedHandler,
} from "../../engine/index.ts";
import { traceControl, traceData } from "../../trace/index.ts";
import { messageText, type Step, type ToldDispatch } from "./message-text.ts";
import { type Outbox, shortened } from "./outbox.ts";
import { weightOf } from "./param-changes.ts";
import type { RecordTimes } from "./record-times.ts";

/** Makes a record of every message but those that records travel by. */
export function createMessageTracer(engine: Engine, outbox: Outbox, times: RecordTimes): KernelTracer {
  const { clock, apps } = engine;
  const trackParam = engine.runParams.get("trackparam") || undefined;
  const recorder: Recorder = { clock, times, outbox, trackParam };
  return {
    begin(message, queuedMs) {
      if (message.name === traceData || message.name === traceControl) return undefined;
      return new Recording(recorder, message, apps.of(message.sender)?.name ?? "", queuedMs);
    },
  };
}

interface Recorder {
  readonly clock: Clock;
  readonly times: RecordTimes;
  readonly outbox: Outbox;
  readonly trackParam: string | undefined;
}

/** One dispatch. Copies of parameters share their list until somebody writes, so that who changes nothing costs nothing. */
class Recording implements DispatchTrace {
  readonly #recorder: Recorder;
  readonly #message: EngineMessage;
  readonly #name: string;
  readonly #sender: string;
  readonly #queuedMs: number | undefined;
  readonly #beganMs: number;
  readonly #before: Params;
  readonly #steps: Step[] = [];
  #step: Step | undefined;
  #failed: string | undefined;

  constructor(recorder: Recorder, message: EngineMessage, sender: string, queuedMs: number | undefined) {
    this.#recorder = recorder;
    this.#message = message;
    this.#name = message.name;
    this.#sender = sender;
    this.#queuedMs = queuedMs;
    this.#before = message.params.clone();
    this.#beganMs = recorder.clock.monotonicMs();
  }

  asking({ owner, priority }: TracedHandler): void {
    const { name, retvalue, params } = this.#message;
    const askedMs = this.#recorder.clock.monotonicMs();
    this.#step = {
      by: owner.name,
      priority,
      askedMs,
      before: params.clone(),
      nameBefore: name,
      retvalueBefore: retvalue,
      answeredMs: askedMs,
      after: undefined,
      name,
      retvalue,
      handled: false,
      failed: undefined,
    };
    this.#steps.push(this.#step);
  }

  failed(why: string): void {
    this.#failed = why;
  }

  answered(handled: boolean): void {
    const step = this.#step;
    if (!step) return;
    const { name, retvalue, params } = this.#message;
    step.answeredMs = this.#recorder.clock.monotonicMs();
    if (params.flat !== step.before.flat) step.after = params.clone();
    step.name = name;
    step.retvalue = retvalue;
    step.handled = handled;
    step.failed = this.#failed;
    this.#failed = undefined;
  }

  over(handled: boolean, next: readonly TracedHandler[]): void {
    const { clock, times, outbox, trackParam } = this.#recorder;
    const endedMs = clock.monotonicMs();
    const before = this.#before;
    const after = this.#message.params.clone();
    const { retvalue } = this.#message;
    const make = (seq: number, longest: number): string => {
      const told: ToldDispatch = {
        atMs: times.at(this.#beganMs),
        beganMs: this.#beganMs,
        endedMs,
        queuedMs: this.#queuedMs,
        name: this.#name,
        sender: this.#sender,
        handled,
        retvalue,
        before,
        after,
        steps: this.#steps,
        next,
      };
      return messageText(told, seq, { trackParam, shorten: (text) => shortened(text, longest) });
    };
    outbox.add(make, weightOf(after) + (before.flat === after.flat ? 0 : weightOf(before)));
  }
}
