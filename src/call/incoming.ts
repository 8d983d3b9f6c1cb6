import { Abandoned, Disconnected, errorText, TimedOut, YaytsError } from "../base/index.ts";
import type { IncomingMessage, InstalledHandler } from "../bus/index.ts";
import { type Call, createCall } from "./call.ts";
import { CallCore } from "./call-core.ts";
import type { CallKit } from "./kit.ts";
import { placeMark } from "./operations/index.ts";
import { runAs, type Taker } from "./takers.ts";

/** Which calls an app takes: a called number, a pattern of it, or a look at the whole `call.route`. */
export type CallMatch = string | RegExp | ((route: IncomingMessage<"call.route">) => boolean);

/** How an app takes its calls. */
export interface OnCallOptions {
  /** Place among those who route calls, lower comes first. Default 100. */
  readonly priority?: number | undefined;
  /** Whether the caller hears ringing from the beginning. Default true; false leaves it to `call.ringing()`. */
  readonly ring?: boolean | undefined;
}

/**
 * A program of calls. Calls that it places go past the `onCall` that runs it, so that a program can take a number and call
 * who has it. What it returns ends the call, if it is still on; what it throws ends it too and is reported. */
export type CallProgram = (call: Call) => unknown;

/** A call that was routed is executed right after, or never. */
const executeWithinMs = 10_000;

export function onCall(
  kit: CallKit,
  match: CallMatch,
  options: OnCallOptions,
  program: CallProgram,
): InstalledHandler {
  const filter = typeof match === "string" ? { called: match } : undefined;
  const taker: Taker = Symbol(String(match));
  const origin = placeMark(onCall);
  return kit.yate.handle("call.route", { priority: options.priority, filter }, (route) => {
    const id = route.get("id");
    if (!id) return false;
    // A program that calls the number it has taken means whoever else is there, not itself.
    const takers = takersOf(kit, id);
    if (takers.includes(taker) || !fits(match, route)) return false;
    if (options.ring === false) route.set("autoring", false);
    const core = new CallCore(kit, {
      direction: "incoming",
      party: id,
      leg: "",
      from: route.get("caller") ?? "",
      fromName: route.get("callername") ?? "",
      to: route.get("called") ?? "",
      message: route,
      takers: [...takers, taker],
      origin,
    });
    const executed = kit.yate.onwatch(
      "call.execute",
      { id },
      { until: core.ended, timeoutMs: executeWithinMs },
    );
    executed.then(
      (execute) => {
        const leg = execute.handled ? execute.get("targetid") : undefined;
        if (!leg) return core.finish({ kind: "hangup", by: "engine", reason: "the engine refused it" });
        core.setLeg(leg);
        if (options.ring !== false) core.advance("ringing");
        void runProgram(core, createCall(core), program);
      },
      (error: unknown) => {
        // A route that was only asked for, or a caller who was quicker than the engine.
        const reason = error instanceof TimedOut ? "it was never executed" : errorText(error);
        core.finish({ kind: "hangup", by: "engine", reason });
      },
    );
    return "dumb/";
  });
}

/** Whose programs led to the call that a channel of ours is routed for. */
function takersOf(kit: CallKit, id: string): readonly Taker[] {
  for (const { leg, party, start } of kit.calls) if (leg === id || party === id) return start.takers;
  return [];
}

function fits(match: CallMatch, route: IncomingMessage<"call.route">): boolean {
  if (typeof match === "string") return route.get("called") === match;
  if (typeof match === "function") return match(route);
  match.lastIndex = 0;
  return match.test(route.get("called") ?? "");
}

/** Runs a call's program to its end, and ends the call with it. */
async function runProgram(core: CallCore, call: Call, program: CallProgram): Promise<void> {
  core.programmed = true;
  const { operation } = core;
  try {
    await operation.run(() => runAs(core.start.takers, () => program(call)));
    operation.end(core.over ?? { kind: "done" });
    await core.hangup("hangup");
  } catch (error) {
    // Waits made through the call's own signal end with it; that is no mistake of the program.
    if (core.over && (error instanceof Abandoned || error instanceof Disconnected))
      return operation.end(core.over);
    operation.observer?.threw(error, core.party);
    operation.fail(error);
    core.log.error(describe(core, error));
    await core.hangup("failure");
  }
}

function describe(core: CallCore, error: unknown): string {
  // A mistake of the program is told with its place.
  const known = error instanceof YaytsError && error.code !== "bad-argument";
  const text = error instanceof Error ? (known ? error.message : error.stack) : error;
  return `the program of the call ${core.party} to ${core.start.to} failed: ${text}`;
}
