import { YaytsError } from "../../base/index.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed } from "../outcomes.ts";

/** How a talk of two calls ended. */
export type TalkEnd =
  | { readonly kind: "talked"; readonly endedBy: "caller" | "agent"; readonly talkedMs: number }
  | Failed;

/**
 * Connects two calls until one leaves. The caller comes back to its program when the agent does; the agent's call is over
 * with the talk.
 */
export async function talk(caller: CallCore, agent: CallCore, onTalk: () => void): Promise<TalkEnd> {
  const back = Promise.withResolvers<"agent">();
  const forget = caller.onReturn(() => back.resolve("agent"));
  try {
    const connected = await caller.goAway(() =>
      agent.goAway(async () => {
        const connect = await caller.send("chan.connect", { id: caller.party, targetid: agent.party });
        return connect?.handled ?? false;
      }),
    );
    if (!connected) {
      const error = new YaytsError("call-failed", `${caller.party} could not be connected to ${agent.party}`);
      return { kind: "failed", error };
    }
    onTalk();
    const beganMs = caller.clock.monotonicMs();
    const over = await Promise.race([back.promise, caller.ended]);
    const talkedMs = Math.round(caller.clock.monotonicMs() - beganMs);
    return { kind: "talked", endedBy: over === "agent" ? "agent" : "caller", talkedMs };
  } finally {
    forget();
    void agent.hangup("hangup");
  }
}
