import { Abandoned, YaytsError } from "../base/index.ts";
import {
  createWait,
  type Message,
  type ParamsToSend,
  reasonOfStatus,
  type Until,
  type Wait,
  type WaitOptions,
  type WatchedMessage,
  type Yate,
} from "../bus/index.ts";
import { either } from "./choices.ts";

/** How to place a call. */
export interface OutgoingOptions extends WaitOptions {
  /** The leg that stands for the app. Default `dumb/`, a channel without media of its own. */
  readonly callto?: string | undefined;
  /** Longest time until answer, in milliseconds. Default 30,000. */
  readonly maxcallMs?: number | undefined;
  /** Audio formats to offer, as in `alaw,mulaw`. */
  readonly formats?: string | undefined;
  /** More parameters of the `call.execute`. */
  readonly params?: ParamsToSend<"call.execute"> | undefined;
}

/** A call on its way. */
export interface PlacedCall {
  /** The app's own leg. */
  readonly id: string;
  /** The leg to signal to: the called channel, a fork, or "" for a target that is media only. */
  readonly targetid: string;
  /** Resolves to the message that tells the end of the call. */
  readonly end: Wait<WatchedMessage>;
  /** Resolves when the call is answered, to the ids of the answering pair; rejects with {@link OutgoingCallError}. */
  readonly answered: Wait<AnsweredCall>;
}

/** An answered call. */
export interface AnsweredCall {
  readonly id: string;
  /** The channel that answered. */
  readonly targetid: string;
  readonly end: Wait<WatchedMessage>;
}

/** An outgoing call that was not answered; `reason` is the engine's word: busy, noanswer, noroute, … */
export class OutgoingCallError extends YaytsError {
  readonly reason: string;

  constructor(target: string, reason: string, cause?: unknown) {
    super("call-failed", `the call to ${target} failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

function reasonOf(message: Message, fallback: string): string {
  const dropped = reasonOfStatus(message.get("status") ?? "");
  const reason = message.get("reason") || message.get("error") || dropped || fallback;
  const code = message.get("code");
  return code ? `${reason} (${code})` : reason;
}

/**
 * Places a call from a channel of its own to `target`, and gives it back as soon as the engine has accepted it, before
 * it is answered (YAYPM's `retCallIdFast`).
 * Rejects with {@link OutgoingCallError} when it could not be placed.
 */
export function place(yate: Yate, target: string, options: OutgoingOptions = {}): Wait<PlacedCall> {
  // Answers and hang-ups are watched before the call exists, so that none is too early to be seen.
  const answers = yate.watches("call.answered", undefined, { until: options.until });
  const pending = createWait<PlacedCall>(`a call to ${target}`, options);
  const start = async (): Promise<PlacedCall> => {
    const execute = yate.msg("call.execute", {
      callto: options.callto ?? "dumb/",
      target,
      maxcall: options.maxcallMs ?? 30_000,
      ...(options.formats ? { media_audio: "yes", formats_audio: options.formats } : {}),
      ...Object.fromEntries(Object.entries(options.params ?? {})),
    });
    const { handled } = await execute.dispatch(options);
    if (!handled) throw new OutgoingCallError(target, reasonOf(execute, "noroute"));
    const id = execute.get("id") ?? "";
    const targetid = execute.get("targetid") ?? "";
    const end = endOf(yate, id, targetid, options.until);
    return { id, targetid, end, answered: answerOf(target, id, targetid, end, answers) };
  };
  start().then(
    (call) => pending.resolve(call),
    (error: Error) => {
      void answers.return();
      pending.reject(error);
    },
  );
  return pending.wait;
}

/** Ends with the call: for a fork, when the caller is left unanswered or the leg that answered hangs up. */
function endOf(yate: Yate, id: string, targetid: string, until: Until | undefined): Wait<WatchedMessage> {
  const options = { until };
  const unanswered = { id, answered: "false" };
  const ends = targetid.startsWith("fork/")
    ? [
        yate.onwatch("chan.disconnected", unanswered, options),
        yate.onwatch("chan.hangup", unanswered, options),
        yate.onwatch(
          "chan.hangup",
          (m) => m.get("answered") === "true" && (m.get("targetid") ?? "").startsWith(targetid),
          options,
        ),
        yate.onwatch("chan.hangup", { id }, options),
      ]
    : [
        ...(targetid ? [yate.onwatch("chan.hangup", { id: targetid }, options)] : []),
        yate.onwatch("chan.disconnected", { id }, options),
        yate.onwatch("chan.hangup", { id }, options),
      ];
  const pending = createWait<WatchedMessage>(`the end of ${id}`, undefined, () => first.cancel());
  const first = either(ends);
  first.then(
    ([, message]) => pending.resolve(message),
    (error: Error) => pending.reject(error),
  );
  return pending.wait;
}

function answerOf(
  target: string,
  id: string,
  targetid: string,
  end: Wait<WatchedMessage>,
  answers: ReturnType<Yate["watches"]>,
): Wait<AnsweredCall> {
  const pending = createWait<AnsweredCall>(
    `the answer of ${target}`,
    { until: end },
    () => void answers.return(),
  );
  if (!targetid) {
    // A target that is media only has nobody to answer: the engine has answered the caller itself (spec/calls.md §4).
    pending.resolve({ id, targetid, end });
    return pending.wait;
  }
  const look = async (): Promise<void> => {
    for await (const message of answers) {
      if (message.get("targetid") !== id) continue;
      pending.resolve({ id, targetid: message.get("id") ?? targetid, end });
      return;
    }
  };
  void look().catch((error: Error) => pending.reject(error));
  const failed = createWait<AnsweredCall>(`the answer of ${target}`, undefined, () => pending.wait.cancel());
  pending.wait.then(
    (call) => failed.resolve(call),
    (error: unknown) => {
      if (!(error instanceof Abandoned)) return failed.reject(error as Error);
      const ended = error.cause;
      const isMessage = ended !== null && typeof ended === "object" && "params" in ended;
      failed.reject(
        isMessage ? new OutgoingCallError(target, reasonOf(ended as Message, "hangup"), ended) : error,
      );
    },
  );
  return failed.wait;
}

/**
 * Calls `target` and waits until somebody answers.
 * Rejects with {@link OutgoingCallError} when nobody does.
 * @example
 * import { app, outgoing } from "yayts";
 *
 * export default app(async (yate) => {
 *   const call = await outgoing(yate, "100", { maxcallMs: 20_000 });
 *   yate.msg("call.drop", { id: call.id }).enqueue();
 * });
 */
export function outgoing(yate: Yate, target: string, options: OutgoingOptions = {}): Wait<AnsweredCall> {
  const pending = createWait<AnsweredCall>(`a call to ${target}`, options, () => {
    placed.cancel();
    placedCall?.answered.cancel();
  });
  let placedCall: PlacedCall | undefined;
  const placed = place(yate, target, options);
  placed
    .then((call) => {
      placedCall = call;
      return call.answered;
    })
    .then(
      (call) => pending.resolve(call),
      (error: Error) => pending.reject(error),
    );
  return pending.wait;
}
