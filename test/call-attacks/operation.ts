/** What an operation under attack is, and the usual ways to make one. */
import type { Call } from "yayts";
import type { Leg, Rig } from "./rig.ts";

/** What an operation ended with. */
export interface Outcome {
  readonly kind: string;
}

/** An operation that is ready to begin. */
export interface Prepared {
  /** @param signal ends the operation, where it takes one */
  begin(signal: AbortSignal): PromiseLike<Outcome>;
  /** The party hangs up. */
  byParty(): Promise<unknown>;
  /** The program hangs up, from elsewhere. */
  byApp(): Promise<unknown>;
  /** To be hung up in the end. */
  readonly legs: readonly Leg[];
}

export interface Operation {
  readonly name: string;
  prepare(rig: Rig): Promise<Prepared>;
  /** How it may end besides `hangup` when the call does. */
  readonly kinds?: readonly string[];
  /** Takes a signal of its own. */
  readonly signal?: true;
}

export const prompt: string = "digits/5";

/** On one answered call. */
export function onCall(
  name: string,
  begin: (call: Call, signal: AbortSignal, rig: Rig) => PromiseLike<Outcome>,
  more: Partial<Operation> & { readonly ringing?: true } = {},
): Operation {
  const prepare = async (rig: Rig): Promise<Prepared> => {
    const { call, caller } = more.ringing ? await rig.ringing() : await rig.answered();
    return {
      begin: (signal) => begin(call, signal, rig),
      byParty: () => rig.gone(caller),
      byApp: () => call.hangup("by the app"),
      legs: [caller],
    };
  };
  return { prepare, ...more, name };
}

/** On a call that is bridged with another one. */
export function inBridge(
  name: string,
  begin: (one: Call, two: Call, signal: AbortSignal, rig: Rig) => PromiseLike<Outcome>,
  more: Partial<Operation> = {},
): Operation {
  return {
    ...more,
    name: `${name} in a bridge`,
    async prepare(rig) {
      const [one, two] = [await rig.answered(), await rig.called()];
      const bridged = one.call.bridge(two.call, { keepOther: true });
      while (!one.call.peer) await new Promise((resolve) => setTimeout(resolve, 5));
      return {
        async begin(signal) {
          const outcome = await begin(one.call, two.call, signal, rig);
          if (outcome.kind === "done" || outcome.kind === "resumed" || outcome.kind === "completed")
            await one.call.unbridge();
          else if (one.call.peer) await one.call.unbridge();
          await bridged;
          return outcome;
        },
        byParty: () => rig.gone(one.caller),
        byApp: () => one.call.hangup("by the app"),
        legs: [one.caller, two.phone],
      };
    },
  };
}

/** An outgoing call, or several. */
export function outgoing(
  name: string,
  begin: (rig: Rig, number: string, signal: AbortSignal) => PromiseLike<Outcome> & { cancel(): void },
  answer: boolean,
): Operation {
  return {
    name,
    signal: true,
    kinds: ["answered", "cancelled", "failed", "rejected", "noanswer", "ended"],
    async prepare(rig) {
      const legs: Leg[] = [];
      const number = await rig.phone((phone) => {
        legs.push(phone);
        if (answer) phone.answer();
      });
      let attempt: { cancel(): void } | undefined;
      return {
        begin: async (signal) => {
          const begun = begin(rig, number, signal);
          attempt = begun;
          const outcome = await begun;
          if (outcome.kind === "answered") await (outcome as unknown as { call: Call }).call.hangup();
          return outcome;
        },
        byParty: () => Promise.all(legs.map((leg) => rig.gone(leg))),
        byApp: async () => attempt?.cancel(),
        legs,
      };
    },
  };
}

export async function* noise(blocks: number): AsyncGenerator<Int16Array> {
  for (let at = 0; at < blocks; at++) {
    yield new Int16Array(160).fill(at);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
