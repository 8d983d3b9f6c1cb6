import type { Clock } from "../../base/index.ts";
import type { Params } from "../../bus/index.ts";
import type {
  DispatchTrace,
  Engine,
  EngineMessage,
  KernelTracer,
  TracedHandler,
} from "../../engine/index.ts";
import {
  type HandlerStep,
  type MessageRecord,
  maskRetvalue,
  traceControl,
  traceData,
} from "../../trace/index.ts";
import { type Outbox, shortened } from "./outbox.ts";
import { changesOf, type ParamsView, toldParams, weightOf } from "./param-changes.ts";
import { micro, type RecordTimes } from "./record-times.ts";

interface Step {
  readonly by: string;
  readonly priority: number;
  readonly askedMs: number;
  readonly before: Params;
  readonly nameBefore: string;
  readonly retvalueBefore: string;
  answeredMs: number;
  /** Undefined: as before. */
  after: Params | undefined;
  name: string;
  retvalue: string;
  handled: boolean;
  failed: string | undefined;
}

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
    const message = this.#message;
    const name = this.#name;
    const endedMs = clock.monotonicMs();
    const { retvalue } = message;
    const after = message.params.clone();
    const following = next.map(({ owner, priority }) => ({ name: owner.name, priority }));
    const make = (seq: number, longest: number): MessageRecord => {
      const view: ParamsView = { trackParam, shorten: (text) => shortened(text, longest) };
      const changed = changesOf(this.#before, after, view).length > 0;
      return {
        kind: "message",
        seq,
        atMs: times.at(this.#beganMs),
        name,
        sender: this.#sender,
        handled,
        retvalue: view.shorten(maskRetvalue(name, retvalue)),
        params: toldParams(after, view),
        before: changed ? toldParams(this.#before, view) : undefined,
        steps: this.#steps.map((step) => stepRecord(step, this.#beganMs, name, view)),
        next: following,
        tookMs: micro(endedMs - this.#beganMs),
        queuedMs: this.#queuedMs === undefined ? undefined : micro(this.#queuedMs),
      };
    };
    outbox.add(make, weightOf(after) + weightOf(this.#before));
  }
}

function stepRecord(step: Step, beganMs: number, message: string, view: ParamsView): HandlerStep {
  const { after, failed } = step;
  return {
    name: step.by,
    priority: step.priority,
    afterMs: micro(step.askedMs - beganMs),
    tookMs: micro(step.answeredMs - step.askedMs),
    handled: step.handled,
    changes: after ? changesOf(step.before, after, view) : [],
    renamed: step.name === step.nameBefore ? undefined : step.name,
    retvalue:
      step.retvalue === step.retvalueBefore ? undefined : view.shorten(maskRetvalue(message, step.retvalue)),
    failed: failed === undefined ? undefined : view.shorten(failed),
  };
}
