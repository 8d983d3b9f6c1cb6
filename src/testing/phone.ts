import { randomUUID } from "node:crypto";
import { realClock } from "../base/index.ts";
import { createWait, type Wait, type WaitOptions, type WatchedMessage, type Yate } from "../bus/index.ts";
import { createTranscript } from "./call-events.ts";
import { type Leg, type LegOptions, openLeg } from "./leg.ts";

/** A call that came to a {@link Phone}. */
export interface PhoneCall extends Leg {
  /** The channel that called. */
  readonly callerid: string;
  /** The number that it told. */
  readonly caller: string;
  /** Picks up. */
  answer(): void;
  /** Does not: the caller learns the reason, default `busy`. */
  reject(reason?: string): Promise<void>;
}

/** A telephone that a program plays: calls to its number ring until they are taken. */
export interface Phone {
  readonly number: string;
  /** The next call, as soon as it rings. */
  ring(options?: WaitOptions): Wait<PhoneCall>;
  /** Takes no more calls; those it has go on. */
  remove(): void;
}

/**
 * Puts a telephone into the number plan. Resolves when the engine routes the number to it.
 *
 * As a caller does, it wants a connection of its own beside that of the app.
 */
export async function installPhone(yate: Yate, number: string, options: LegOptions = {}): Promise<Phone> {
  const callto = `dumb/${number}-${randomUUID().slice(0, 8)}`;
  const arrived: PhoneCall[] = [];
  const waiting: { resolve(call: PhoneCall): void }[] = [];
  let removed = false;
  // A one-shot wait, for its continuation has its turn before the next message: no hang-up comes before somebody watches it.
  const next = (): Wait<WatchedMessage> => {
    const executed = yate.onwatch("call.execute", { callto });
    executed.then(
      (execute) => {
        if (removed) return;
        watching = next();
        const id = execute.get("targetid");
        if (execute.handled && id) void take(id, execute);
      },
      // The engine is lost, or the phone removed: nothing rings any more.
      () => {},
    );
    return executed;
  };
  const take = async (id: string, execute: WatchedMessage): Promise<void> => {
    const call = await openCall(yate, id, execute, options);
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(call);
    else arrived.push(call);
  };
  // Known to the engine before the first call, which may be short.
  const hangups = yate.onwatch("chan.hangup", () => false);
  let watching = next();
  const route = yate.handle("call.route", { priority: 50, filter: { called: number } }, () => callto);
  await route.ready;
  return {
    number,
    ring(waitOptions) {
      const pending = createWait<PhoneCall>(`a call to ${number}`, waitOptions, () => {
        const at = waiting.indexOf(pending);
        if (at >= 0) waiting.splice(at, 1);
      });
      const call = pending.settled ? undefined : arrived.shift();
      if (call) pending.resolve(call);
      else if (!pending.settled) waiting.push(pending);
      return pending.wait;
    },
    remove() {
      removed = true;
      route.uninstall();
      watching.cancel();
      hangups.cancel();
    },
  };
}

async function openCall(
  yate: Yate,
  id: string,
  execute: WatchedMessage,
  options: LegOptions,
): Promise<PhoneCall> {
  const callerid = execute.get("id") ?? "";
  const transcript = createTranscript(options.clock ?? realClock, options.onEvent);
  transcript.add({ kind: "ringing" });
  const { leg, ready } = openLeg({ yate, id, transcript, accepted: true }, options);
  await ready;
  return Object.assign(leg, {
    callerid,
    caller: execute.get("caller") ?? "",
    answer(): void {
      transcript.add({ kind: "answered", by: id });
      yate.msg("call.answered", { id, targetid: callerid }).enqueue();
    },
    async reject(reason = "busy"): Promise<void> {
      await leg.hangup(reason);
    },
  });
}
