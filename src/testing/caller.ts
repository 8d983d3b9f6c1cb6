import { randomUUID } from "node:crypto";
import { realClock } from "../base/index.ts";
import { createWait, type Message, type ParamsToSend, type Wait, type Yate } from "../bus/index.ts";
import { OutgoingCallError } from "../flow/index.ts";
import { createTranscript } from "./call-events.ts";
import { type Leg, type LegOptions, type OpenedLeg, openLeg } from "./leg.ts";
import { beforeRouting, markOf } from "./shared-handlers.ts";

/** How to place a scripted call. */
export interface CallerOptions extends LegOptions {
  /** The caller's number. Default "caller". */
  readonly caller?: string | undefined;
  readonly callername?: string | undefined;
  /** Longest time until answer, in milliseconds; the engine then ends the call with `noanswer`. Default 30,000. */
  readonly maxcallMs?: number | undefined;
  /** More parameters of the `call.execute`. */
  readonly params?: ParamsToSend<"call.execute"> | undefined;
}

/** A caller that a program plays. */
export interface Caller extends Leg {
  /** The leg it called: the channel to signal to, "" for a target that is media only. */
  readonly targetid: string;
  /**
   * Resolves when the call is answered, to the id of the channel that did, "" for a target that is media only. Rejects with
   * {@link OutgoingCallError} when the call ends before.
   */
  readonly answered: Wait<string>;
}

/**
 * Calls a number from a channel of its own and listens to it from the first moment. Resolves when the engine has accepted the
 * call, before it is answered; rejects with {@link OutgoingCallError} when it did not come about.
 *
 * It works on the embedded engine and on a real YATE on this machine, and wants a connection of its own beside that of the
 * app: what an app handles stays in its order then.
 * @example
 * import { app } from "yayts";
 * import { createEngine } from "yayts/engine";
 * import { placeCaller } from "yayts/testing";
 *
 * const welcome = app((yate) => {
 *   yate.handle("call.route", { filter: { called: "100" } }, () => "wave/play/./sounds/en/welcome.gsm");
 * });
 *
 * await using engine = await createEngine();
 * welcome.start(engine.yate);
 * await using caller = await placeCaller(engine.connect(), "100");
 * await caller.hears("en/welcome");
 */
export async function placeCaller(yate: Yate, target: string, options: CallerOptions = {}): Promise<Caller> {
  const transcript = createTranscript(options.clock ?? realClock, options.onEvent);
  const token = randomUUID();
  let opened: (OpenedLeg & { readonly answer: Wait<string> }) | undefined;
  const open = (id: string, accepted: boolean): NonNullable<typeof opened> => {
    const { leg, ready } = openLeg({ yate, id, transcript, accepted }, options);
    opened = { leg, ready, answer: answerOf(yate, target, leg) };
    return opened;
  };
  const forget = await beforeRouting(yate, token, (route) => void open(route.get("id") ?? "", false));
  transcript.add({ kind: "placed", target });
  try {
    const { targetid, id } = await execute(yate, target, token, options);
    const { leg, ready, answer } = opened ?? open(id, true);
    await ready;
    return Object.assign(leg, { targetid, answered: answeredBy(target, targetid, answer) });
  } catch (error) {
    // A call that fails takes its channel with it; one that was given up meanwhile must be ended.
    await dispose((opened as OpenedLeg | undefined)?.leg);
    if (error instanceof OutgoingCallError) transcript.add({ kind: "failed", reason: error.reason });
    throw error;
  } finally {
    forget();
  }
}

async function dispose(leg: Leg | undefined): Promise<void> {
  try {
    await leg?.[Symbol.asyncDispose]();
  } catch {
    // The reason why the call failed is told, not what else went wrong.
  }
}

async function execute(
  yate: Yate,
  target: string,
  token: string,
  options: CallerOptions,
): Promise<{ id: string; targetid: string }> {
  const mark = markOf(token);
  const extra = Object.fromEntries(Object.entries(options.params ?? {}));
  const call = await yate
    .msg("call.execute", {
      callto: "dumb/",
      caller: options.caller ?? "caller",
      callername: options.callername,
      maxcall: options.maxcallMs ?? 30_000,
      ...extra,
      target,
      ...mark,
      copyparams: [extra.copyparams, ...Object.keys(mark)].filter(Boolean).join(","),
    })
    .dispatch({ signal: options.signal });
  if (!call.handled) throw new OutgoingCallError(target, failureOf(call));
  return { id: call.get("id") ?? "", targetid: call.get("targetid") ?? "" };
}

/** Without a word from the engine, nobody had a route (spec/calls.md §6). */
function failureOf(call: Message): string {
  return call.get("error") || call.get("reason") || "noroute";
}

function answerOf(yate: Yate, target: string, leg: Leg): Wait<string> {
  const pending = createWait<string>(`the answer of ${target}`, undefined, () => watch.cancel());
  const watch = yate.onwatch("call.answered", { targetid: leg.id });
  watch.then(
    (message) => pending.resolve(message.get("id") ?? ""),
    () => {},
  );
  leg.ended.then(
    ({ reason }) => pending.reject(new OutgoingCallError(target, reason || "hangup")),
    (error: Error) => pending.reject(error),
  );
  return pending.wait;
}

/** A target that is media only has nobody to answer: the engine has answered the caller itself (spec/calls.md §4). */
function answeredBy(target: string, targetid: string, answer: Wait<string>): Wait<string> {
  if (targetid) return answer;
  answer.cancel();
  const done = createWait<string>(`the answer of ${target}`, undefined);
  done.resolve("");
  return done.wait;
}
