import type { CallKit } from "../kit.ts";
import type { HangUp } from "../outcomes.ts";
import type { CallFailure, RouteOptions } from "../route.ts";
import type { Playable } from "../sound/playable.ts";
import type { BridgeOver } from "./bridge.ts";
import { type DialOptions, dial } from "./dial.ts";
import { eitherSignal } from "./either-signal.ts";
import { placeCalls } from "./forking.ts";

/** How to bring two parties together (click-to-call). */
export interface CallBothOptions extends Omit<DialOptions, "from">, Omit<RouteOptions, "from"> {
  /** The number that the first party sees. Default: the second's, which it is about to talk to. */
  readonly from?: string | undefined;
  /** The number that the second party sees. Default: the first's. */
  readonly fromSecond?: string | undefined;
  /** What the first party hears when it has answered, before the second is called. */
  readonly greeting?: Playable | undefined;
  /** Told how far it has come. */
  readonly onProgress?: ((stage: "calling-first" | "calling-second" | "bridged") => unknown) | undefined;
}

/**
 * How it ended: both talked (`ended`, `by` who left), or one did not come: `who` says which. `hangup`: the first hung up while the
 * second was being called.
 */
export type CallBothEnd =
  | (Omit<BridgeOver, "by"> & { readonly by: "first" | "second" | "limit" | "key" | "app" })
  | (CallFailure & { readonly who: "first" | "second" })
  | (HangUp & { readonly who: "first" });

/** Two calls on their way. */
export interface CallBothAttempt extends Promise<CallBothEnd> {
  /** Gives it up, or parts the two. */
  cancel(): void;
}

/** Calls `first`; when it has answered, calls `second` while the first hears it ringing; then bridges them. */
export function callBoth(
  kit: CallKit,
  first: string | readonly string[],
  second: string | readonly string[],
  options: CallBothOptions = {},
): CallBothAttempt {
  const stop = new AbortController();
  const signal = eitherSignal(stop.signal, options.signal);
  const done = run(kit, first, second, { ...options, signal });
  return Object.assign(done, { cancel: () => stop.abort() });
}

async function run(
  kit: CallKit,
  first: string | readonly string[],
  second: string | readonly string[],
  options: CallBothOptions & { readonly signal: AbortSignal },
): Promise<CallBothEnd> {
  const { signal, onProgress, greeting } = options;
  /** A target with its driver is no number to be shown. */
  const numberOf = (target: string | readonly string[]): string | undefined =>
    [target].flat().find((one) => !one.includes("/"));
  const { from = numberOf(second), fromSecond = numberOf(first) } = options;
  onProgress?.("calling-first");
  const { announce: _, onState: __, ...how } = options;
  const answered = await placeCalls(kit, typeof first === "string" ? [first] : first, { ...how, from });
  if (answered.kind !== "answered") {
    const { failures: ___, ...failure } = answered;
    return { ...failure, who: "first" };
  }
  const { call } = answered;
  try {
    if (greeting !== undefined) await call.play(greeting, { signal });
    onProgress?.("calling-second");
    let bridgedMs = -1;
    const end = await dial(call, second, {
      ...options,
      from: fromSecond,
      onBridge(called) {
        bridgedMs = kit.clock.monotonicMs();
        options.onBridge?.(called);
        onProgress?.("bridged");
      },
    });
    switch (end.kind) {
      case "ended":
        return { ...end, by: end.by === "other" ? "second" : end.by === "unbridged" ? "app" : end.by };
      case "hangup":
        if (bridgedMs < 0) return { ...end, who: "first" };
        return {
          kind: "ended",
          by: end.by === "party" ? "first" : "app",
          reason: end.reason,
          bridgedMs: Math.round(kit.clock.monotonicMs() - bridgedMs),
        };
      default:
        return { ...("reason" in end ? end : { ...end, reason: "failure" }), who: "second" };
    }
  } finally {
    await call.hangup("hangup");
  }
}
