import {
  type CallEndpoint,
  type Engine,
  type EngineMessage,
  type EngineModule,
  endpointOf,
} from "../engine/index.ts";

/** Bridging calls that exist, and taking over a call (spec/services.md §1). */
export function pbx(): EngineModule {
  return {
    name: "pbx",
    start(engine) {
      const located = async (
        message: EngineMessage,
        name: "id" | "targetid",
      ): Promise<CallEndpoint | undefined> => {
        const id = message.get(name);
        const own = name === "id" ? endpointOf(message) : undefined;
        // Whoever sends it may be no channel that can be located.
        const found = own !== undefined && own.id === id ? own : await locate(engine, id);
        return message.flag(`${name}_peer`, false) ? found?.peer : found;
      };

      engine.install({
        name: "chan.connect",
        priority: 90,
        trackName: "pbx",
        async receive(message) {
          const [one, other] = [await located(message, "id"), await located(message, "targetid")];
          return one !== undefined && other !== undefined && one.connect(other, message.get("reason"));
        },
      });

      engine.install({
        name: "call.execute",
        priority: 100,
        trackName: "pbx",
        async receive(message) {
          const target = /^pickup\/(.+)$/.exec(message.get("callto") ?? "")?.[1];
          if (target === undefined) return false;
          const fail = (error: string): false => {
            message.set("error", error);
            return false;
          };
          const found = await locate(engine, target);
          const caller = endpointOf(message);
          if (!caller) return fail("failure");
          const wanted = message.flag("pickup_peer", true) ? found?.peer : found;
          if (!wanted) return fail("nocall");
          const reason = message.get("reason") || "pickup";
          if (!wanted.connect(caller, reason)) return false;
          message.set("peerid", wanted.id).set("targetid", wanted.id);
          await answerBoth(engine, wanted, caller, reason);
          return true;
        },
      });

      installRemovals(engine);
    },
  };
}

/**
 * Tells each of two that the other has answered: first, and before the call counts as executed, in the name of the one that was
 * taken over. What cannot be spoken for by `chan.masquerade` is spoken for from here.
 */
async function answerBoth(
  engine: Engine,
  taken: CallEndpoint,
  caller: CallEndpoint,
  reason: string,
): Promise<void> {
  const first = answer(taken.id, caller.id);
  const handled = await engine.kernel.dispatch(first);
  const answerCaller = (): void => {
    if (caller.peer === taken) engine.kernel.enqueue(answer(caller.id, taken.id));
  };
  if (handled || first.name !== "chan.masquerade") answerCaller();
  else
    engine.kernel.enqueue(
      engine.message("call.answered", { id: taken.id, peerid: caller.id, reason }),
      answerCaller,
    );

  function answer(id: string, peerid: string): EngineMessage {
    return engine.message("chan.masquerade", { id, message: "call.answered", peerid, reason });
  }
}

/** `-` takes media away: in `chan.attach` and in `chan.record` (spec/media.md §2, §4). */
function installRemovals(engine: Engine): void {
  const removal = (
    name: string,
    parameters: readonly ("source" | "consumer" | "override" | "replace" | "call" | "peer")[],
  ): void => {
    engine.install({
      name,
      priority: 100,
      trackName: "pbx",
      receive(message) {
        const audio = endpointOf(message)?.audio;
        const wanted = parameters.filter((parameter) => message.get(parameter) === "-");
        if (!audio || wanted.length === 0) return false;
        if ((message.get("media") ?? "audio") !== "audio") return false;
        for (const parameter of wanted) audio.remove(parameter);
        const both = name === "chan.record" && wanted.length === parameters.length;
        return message.flag("single", both);
      },
    });
  };
  removal("chan.attach", ["source", "consumer", "override", "replace"]);
  removal("chan.record", ["call", "peer"]);
}

async function locate(engine: Engine, id: string | undefined): Promise<CallEndpoint | undefined> {
  if (!id) return undefined;
  const message = engine.message("chan.locate", { id });
  return (await engine.kernel.dispatch(message)) ? endpointOf(message) : undefined;
}
