import { carry, type EngineModule, endpointOf, toInteger } from "../../engine/index.ts";
import { ForkLeg, ForkMaster } from "./fork.ts";
import { readGroups } from "./fork-targets.ts";

/**
 * Calling several targets at once, or one after the other: `fork <target> <target> | <target>` (spec/media.md §9).
 * Configuration `callfork`: section `[priorities]`, and in `[messages]` what is sent on to every target, as
 * `<message>=<parameter that names the fork>`; without that section `chan.dtmf=peerid`.
 */
export function callfork(): EngineModule {
  return {
    name: "callfork",
    start(engine) {
      const config = engine.config("callfork");
      const endpoints = new Map<string, ForkMaster | ForkLeg>();
      const home = { engine, endpoints };
      let total = 0;
      const masters = (): ForkMaster[] =>
        [...endpoints.values()].filter((each) => each instanceof ForkMaster);
      const priorityOf = (name: string, usual: number): number =>
        toInteger(config.section("priorities")?.get(name)) ?? usual;
      const install = (
        name: string,
        usual: number,
        receive: Parameters<typeof engine.install>[0]["receive"],
      ): void => {
        engine.install({ name, priority: priorityOf(name, usual), trackName: "callfork", receive });
      };

      install("call.execute", 100, async (message) => {
        if (!/^fork(\s|$)/.test(message.get("callto") ?? "")) return false;
        const caller = endpointOf(message);
        if (!caller || !engine.accepting) return false;
        const groups = readGroups(message);
        if (groups.length === 0) {
          message.set("error", "failure");
          return false;
        }
        const master = new ForkMaster(home, `fork/${++total}`, message, groups, caller);
        const release = [caller.hold(), master.hold()];
        const connected = caller.connect(master, message.get("reason"));
        const started = connected && (await master.start(message));
        for (const fn of release) fn();
        return started;
      });

      install("chan.masquerade", 10, (message) => {
        const endpoint = endpoints.get(message.get("id") ?? "");
        if (!endpoint) return false;
        message.name = message.get("message") ?? "";
        message.delete("message");
        if (endpoint.peer) message.set("peerid", endpoint.peer.id);
        carry(message, endpoint);
        return false;
      });

      install("chan.locate", 40, (message) => {
        const endpoint = endpoints.get(message.get("id") ?? "");
        if (endpoint) carry(message, endpoint);
        return endpoint !== undefined;
      });

      for (const name of ["call.answered", "call.ringing", "call.progress"]) {
        // Not for legs of a fork: false at once, so that those who signal to others are not overtaken.
        install(name, 20, (message) => {
          const leg =
            endpoints.get(message.get("targetid") ?? "") ?? endpoints.get(message.get("peerid") ?? "");
          if (!(leg instanceof ForkLeg)) return false;
          if (name !== "call.answered") return leg.master.heardRinging(leg, message).then(() => false);
          leg.master.heardAnswer(leg, message);
          return false;
        });
      }

      const forked = config.section("messages")?.entries ?? [{ key: "chan.dtmf", value: "peerid" }];
      for (const { key: name, value: param } of forked) {
        install(name, priorityOf("generic", 100), (message) => {
          const master = endpoints.get(message.get(param) ?? "");
          if (!(master instanceof ForkMaster)) return false;
          master.sendOn(message, param);
          return true;
        });
      }

      engine.install({
        name: "engine.timer",
        priority: 90,
        trackName: "callfork",
        receive() {
          for (const master of masters()) master.checkTime(engine.clock.monotonicMs());
          return false;
        },
      });

      engine.install({
        name: "engine.status",
        priority: 110,
        trackName: "callfork",
        receive(message) {
          const wanted = message.get("module") ?? "";
          if (wanted !== "" && wanted !== "callfork" && wanted !== "misc") return false;
          message.retvalue += `name=callfork,type=misc;total=${total},forks=${masters().length}\r\n`;
          return wanted === "callfork";
        },
      });
    },
  };
}
