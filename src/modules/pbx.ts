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
        const found = await locate(engine, message.get(name));
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
          if (!wanted || !caller.connect(wanted, message.get("reason") || "pickup")) return fail("nocall");
          message.set("peerid", wanted.id).set("targetid", wanted.id);
          // First the one that was taken over, whose answer reaches the caller; then the caller.
          const answer = (id: string): EngineMessage =>
            engine.message("chan.masquerade", { message: "call.answered", id, reason: "pickup" });
          engine.kernel.enqueue(answer(wanted.id), () => engine.kernel.enqueue(answer(caller.id)));
          return true;
        },
      });

      installRemovals(engine);
    },
  };
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
