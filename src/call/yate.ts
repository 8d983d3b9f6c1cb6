import { type App, type InstalledHandler, observingOf, type Until, type Yate } from "../bus/index.ts";
import { type Conference, type ConferenceOptions, createConference } from "./conference/index.ts";
import { type CallMatch, type CallProgram, type OnCallOptions, onCall } from "./incoming.ts";
import { type CallKit, type CallKitOptions, createKit, type PhoneKit } from "./kit.ts";
import { detailOf, OpenOperation } from "./operations/index.ts";
import { type CallAttempt, type CallOptions, placeCall } from "./outgoing.ts";
import {
  type CallBothAttempt,
  type CallBothOptions,
  callBoth,
  type ForkAttempt,
  type ForkOptions,
  placeCalls,
} from "./people/index.ts";
import { type CallQueue, callQueue } from "./queue/call-queue.ts";
import type { QueueOptions } from "./queue/queue-options.ts";

/** What the call kit adds to an engine. */
export interface Calls {
  /**
   * Takes calls: `program` runs once for each that matches, and the call ends with it.
   * @param match a called number, a pattern of it, or a function that looks at the `call.route`
   */
  onCall(match: CallMatch, program: CallProgram): InstalledHandler;
  onCall(match: CallMatch, options: OnCallOptions, program: CallProgram): InstalledHandler;
  /** Calls a number, or a target with its driver, as in `sip/sip:200@10.0.0.5`. */
  call(target: string, options?: CallOptions): CallAttempt;
  /** Calls several, at once or `inTurn`; the first to answer has the call. */
  call(targets: readonly string[], options?: ForkOptions): ForkAttempt;
  /**
   * Calls `first`; when it has answered, calls `second` while the first hears it ringing; then bridges them: click-to-call. Either may
   * be several, of whom the first to answer comes.
   */
  callBoth(
    first: string | readonly string[],
    second: string | readonly string[],
    options?: CallBothOptions,
  ): CallBothAttempt;
  /** The queue of this name, made the first time, when its options count: callers get in line by `call.enqueue(queue)`. */
  queue(name: string, options?: QueueOptions): CallQueue;
  /** The conference room of this name: calls get into it by `call.join(room)`. */
  conference(name: string, options?: ConferenceOptions): Conference;
}

/** An engine, as an app has it: the messages of design.md §4.1, and calls. */
export interface YateWithCalls extends Yate, Calls {
  until(end: Until): YateWithCalls;
}

interface Extended {
  readonly yate: YateWithCalls;
  readonly options: CallKitOptions;
}

const extended = new WeakMap<Yate, Extended>();

/**
 * An engine's connection with calls on top: what `app` gives its function, for programs that connect themselves.
 * @param options default: those of the first time, which gives the same calls again; others make calls of their own
 */
export function withCalls(yate: Yate, options?: CallKitOptions): YateWithCalls {
  const known = extended.get(yate);
  if (known && (options === undefined || options === known.options)) return known.yate;
  const made: Extended = { yate: extend(yate, createKit(yate, options ?? {})), options: options ?? {} };
  if (!known) extended.set(yate, made);
  extended.set(made.yate, made);
  return made.yate;
}

/** Calls of a phone, which are its leg's: see {@link PhoneKit}. A phone has calls of its own each time this is called. */
export function withPhoneCalls(
  yate: Yate,
  phone: PhoneKit = {},
  options: CallKitOptions = {},
): YateWithCalls {
  return extend(yate, createKit(yate, options, phone));
}

/** An operation that begins without a call and leads to one. */
function placing<T extends Promise<unknown>>(
  { yate, clock }: CallKit,
  what: string,
  args: readonly unknown[],
  place: () => T,
): T {
  const detail = (): string => detailOf(args);
  const operation = new OpenOperation(observingOf(yate), {
    what,
    party: undefined,
    detail,
    beganMs: clock.now(),
  });
  return operation.follow(place);
}

function extend(yate: Yate, kit: CallKit): YateWithCalls {
  const calls: Calls & Pick<YateWithCalls, "until"> = {
    onCall(match: CallMatch, ...rest: [CallProgram] | [OnCallOptions, CallProgram]) {
      const [options, program] = rest.length === 1 ? [{}, rest[0]] : rest;
      return onCall(kit, match, options, program);
    },
    call: ((target: string | readonly string[], options: ForkOptions = {}) =>
      placing(kit, "place", [target, options], () =>
        typeof target === "string" ? placeCall(kit, target, options) : placeCalls(kit, target, options),
      )) as Calls["call"],
    callBoth: (first, second, options) =>
      placing(kit, "callBoth", [first, second, options], () => callBoth(kit, first, second, options)),
    queue: (name, options) => callQueue(kit, name, options),
    conference: (name, options = {}) => createConference(kit, name, options),
    until: (end) => extend(yate.until(end), kit),
  };
  return Object.assign(Object.create(yate) as Yate, calls);
}

/**
 * Declares an app: `export default app((yate) => { … })`. `yayts dev` and `yayts run` start it on an engine.
 * @param options what its calls have in common: prompts, language, …
 */
export function app(start: (yate: YateWithCalls) => unknown, options?: CallKitOptions): App {
  return { kind: "yayts-app", start: (yate) => start(withCalls(yate, options)) };
}
