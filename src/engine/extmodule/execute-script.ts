import { endpointOf } from "../driver.ts";
import type { EngineMessage } from "../message.ts";
import type { AppHost } from "./app-host.ts";
import { isRunnable, type ScriptMethod, scriptPath, startScript } from "./script.ts";

const target = /^external\/([^/]*)\/(\S+)(?:[ \t]+(.*))?$/s;
const methods: readonly string[] = ["nochan", "nodata", "play", "record", "playrec"] satisfies ScriptMethod[];

function isMethod(text: string): text is ScriptMethod {
  return methods.includes(text);
}

/** Serves `call.execute` to `external/<method>/<script>[ <argument>]` (spec/protocol.md §14). */
export function installScriptTargets(host: AppHost): void {
  const { engine, config } = host;
  engine.install({
    name: "call.execute",
    priority: config.priority,
    owner: { name: "extmodule" },
    receive(message) {
      const callto = message.get("callto") ?? "";
      return callto.startsWith("external/") && engine.accepting ? execute(host, message, callto) : false;
    },
  });
}

async function execute(host: AppHost, message: EngineMessage, callto: string): Promise<boolean> {
  const { engine, config } = host;
  track(message, engine.runParams.get("trackparam"), `extmodule:${config.priority}`);
  const [, method = "", script = "", argument = ""] = target.exec(callto) ?? [];
  if (!isMethod(method)) {
    engine.log.warn(`${callto}: external/ takes one of ${methods.join(", ")} and a script`);
    return false;
  }
  const path = scriptPath(host, script);
  if (!(await isRunnable(path))) {
    engine.log.warn(`${callto}: ${path} is no file that can be run`);
    return false;
  }
  const connection = startScript(host, { script, argument: argument.trim() }, method);
  if (!connection) return false;
  const { channel } = connection;
  const release = channel?.hold();
  try {
    const handled = await connection.give(message);
    if (!channel) return handled;
    if (!handled) {
      connection.close();
      return false;
    }
    // Without a caller the endpoint has nothing to live for, and ends with the hold.
    endpointOf(message)?.connect(channel, message.get("reason"));
    return true;
  } finally {
    release?.();
  }
}

/** The handler hears of every target, so it leaves its name only in those that it takes. */
function track(message: EngineMessage, param: string | undefined, name: string): void {
  if (!param) return;
  const before = message.get(param);
  message.set(param, before ? `${before},${name}` : name);
}
