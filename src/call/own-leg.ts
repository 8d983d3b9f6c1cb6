import type { Message, ParamValue } from "../bus/index.ts";
import type { CallKit } from "./kit.ts";

/** A leg of ours that is with nobody yet, and the message that made it; or why there is none, in the engine's words. */
export type OwnLeg =
  | { readonly kind: "made"; readonly leg: string; readonly message: Message }
  | { readonly kind: "closing" }
  | { readonly kind: "failed"; readonly reason: string };

/** The engine keeps such times in 32 bits. */
const mostMs = 2_000_000_000;

/**
 * Makes a leg, from which somebody can be called or sound be played.
 * @param params of the `call.execute`; `target` is needed
 * @param maxcallMs if it is not answered for so long, the engine ends it: the app may be lost before it has heard of its leg.
 *   {@link keepLeg} takes that away where there is no answer.
 */
export async function makeLeg(
  kit: CallKit,
  params: Readonly<Record<string, ParamValue | undefined>> & { readonly target: string },
  maxcallMs: number,
): Promise<OwnLeg> {
  const { yate } = kit;
  if (yate.state.kind === "closing") return { kind: "closing" };
  const message = yate.msg("call.execute", {
    callto: "dumb/",
    direct: "dumb/",
    ...params,
    maxcall: Math.min(Math.round(maxcallMs), mostMs),
  });
  try {
    const { handled } = await message.dispatch();
    const leg = message.get("id");
    if (!handled || !leg) return { kind: "failed", reason: message.get("error") ?? "failure" };
    // `state` has changed, perhaps, in the meantime; nobody else will end a leg that the app did not know of then.
    if ((yate.state.kind as string) !== "closing") return { kind: "made", leg, message };
    const drop = yate.msg("call.drop", { id: leg, reason: "the app was stopped" });
    drop.dispatch().catch(() => {});
    return { kind: "closing" };
  } catch {
    return { kind: "failed", reason: "the engine was lost" };
  }
}

/** The leg stays although nobody answers it, as one that plays something (spec/calls.md §7). */
export function keepLeg({ yate }: CallKit, leg: string): void {
  const control = yate.msg("chan.control", { targetid: leg, maxcall: 0 });
  control.dispatch().catch(() => {});
}
