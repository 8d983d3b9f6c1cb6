import type { Engine, EngineModule } from "../engine.ts";
import { type AppHost, type AppLimits, createAppHost, defaultAppLimits } from "./app-host.ts";
import { installCommands } from "./commands.ts";
import { installScriptTargets } from "./execute-script.ts";
import type { Listener, ListenerOptions } from "./listener.ts";
import { readExtModuleConfig } from "./module-config.ts";
import { startProgram, startScript } from "./script.ts";

export interface ExtModuleOptions extends Partial<AppLimits> {
  /** Listeners beside those of the configuration file `extmodule`. */
  readonly listeners?: readonly ListenerOptions[] | undefined;
  /** Where scripts with relative names are. Default: `scripts_dir` of the configuration, else `scripts`. */
  readonly scriptsDir?: string | undefined;
}

export interface ExtModule extends EngineModule {
  /** Where it listens, by the listeners' names, once the engine has started: `tcp://host:port` or `unix:path`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** How many apps are connected or were started. */
  readonly connections: number;
}

/** External modules: apps on sockets and scripts on pipes that speak the line protocol (spec/protocol.md). */
export function extmodule(options: ExtModuleOptions = {}): ExtModule {
  const addresses = new Map<string, string>();
  let host: AppHost | undefined;
  return {
    name: "extmodule",
    addresses,
    get connections() {
      return host?.apps.size ?? 0;
    },
    async start(engine) {
      const read = readExtModuleConfig(engine);
      const config = { ...read, scriptsDir: options.scriptsDir ?? read.scriptsDir };
      host = createAppHost(engine, config, {
        maxOutputBytes: options.maxOutputBytes ?? defaultAppLimits.maxOutputBytes,
        firstLineMs: options.firstLineMs ?? defaultAppLimits.firstLineMs,
        maxConnections: options.maxConnections ?? defaultAppLimits.maxConnections,
      });
      installScriptTargets(host);
      installCommands(host);
      installStatus(host);
      installHalt(engine, host);
      for (const listener of await listenAll(host, [...config.listeners, ...(options.listeners ?? [])])) {
        addresses.set(listener.name, listener.address);
      }
      for (const script of config.scripts) startScript(host, script, "nochan");
      for (const program of config.programs) startProgram(host, program);
    },
  };
}

/** All of them, or none. */
async function listenAll(host: AppHost, wanted: readonly ListenerOptions[]): Promise<Listener[]> {
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    const closing = listeners.map((listener) => listener.close());
    for (const app of [...host.apps]) app.stop();
    await Promise.all(closing);
  };
  try {
    for (const options of wanted) listeners.push(await host.listen(options));
  } catch (error) {
    await close();
    throw error;
  }
  host.engine.own(close);
  return listeners;
}

function installHalt(engine: Engine, host: AppHost): void {
  const { haltPriority } = host.config;
  if (haltPriority === undefined) return;
  engine.install({
    name: "engine.halt",
    priority: haltPriority,
    receive() {
      for (const app of [...host.apps]) if (app.pid !== undefined) app.stop();
      return false;
    },
  });
}

function installStatus(host: AppHost): void {
  host.engine.install({
    name: "engine.status",
    priority: 110,
    trackName: "extmodule",
    receive(message) {
      const wanted = message.get("module") ?? "";
      if (!["", "misc", "extmodule", "external"].includes(wanted)) return false;
      const chans = [...host.apps].filter(({ connection }) => connection.channel).length;
      message.retvalue += `name=extmodule,type=misc;scripts=${host.apps.size},chans=${chans}\r\n`;
      return wanted === "extmodule" || wanted === "external";
    },
  });
}
