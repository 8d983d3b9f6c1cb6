import type { Engine } from "./engine.ts";
import { EngineMessage } from "./message.ts";

/** The engine's own part in `engine.*` messages (spec/kernel.md §6). */
export function installEngineMessages(engine: Engine, startedMs: number): void {
  installTimer(engine);
  installStatus(engine, startedMs);
  installCommands(engine);
  engine.install({
    name: "module.update",
    priority: 1,
    receive(message) {
      if (engine.nodeName) message.set("nodename", engine.nodeName);
      return false;
    },
  });
}

/** `engine.timer` each full second, corrected each time so that it does not drift. */
function installTimer(engine: Engine): void {
  const { clock, kernel } = engine;
  const schedule = (): (() => void) => {
    const timer = clock.after(1000 - (clock.now() % 1000), tick, { background: true });
    return () => timer.cancel();
  };
  const tick = (): void => {
    const now = clock.now();
    const params = {
      time: Math.round(now / 1000),
      ...(engine.nodeName ? { nodename: engine.nodeName } : {}),
    };
    kernel.enqueue(new EngineMessage("engine.timer", { params, timeMs: now, broadcast: true }));
    cancel = schedule();
  };
  let cancel = schedule();
  engine.own(() => cancel());
}

function installStatus(engine: Engine, startedMs: number): void {
  engine.install({
    name: "engine.status",
    priority: 90,
    trackName: "engine",
    receive(message) {
      const wanted = message.get("module") ?? "";
      if (wanted !== "" && wanted !== "engine" && wanted !== "system") return false;
      const figures = engine.kernel.figures;
      const head = [
        "name=engine,type=system",
        `version=${engine.runParams.get("version") ?? ""}`,
        `revision=${engine.runParams.get("revision") ?? ""}`,
        `nodename=${engine.nodeName}`,
      ];
      const columns = {
        plugins: engine.modules.size,
        inuse: engine.endpoints.size,
        handlers: figures.handlers,
        hooks: figures.hooks,
        messages: figures.queued,
        maxqueue: figures.maxQueued,
        enqueued: figures.enqueued,
        dequeued: figures.dequeued,
        dispatched: figures.dispatched,
        dropped: figures.dropped,
        supervised: false,
        uptime: Math.floor((engine.clock.now() - startedMs) / 1000),
        lateticks: engine.ticker.figures.late,
        acceptcalls: engine.accepting ? "accept" : "reject",
        congestion: false,
      };
      const list = Object.entries(columns).map(([key, value]) => `${key}=${value}`);
      message.retvalue += `${head.join(",")};${list.join(",")}\r\n`;
      return wanted === "engine";
    },
  });
}

/** What a command line can say to the engine itself. */
const commands: readonly { readonly syntax: string; readonly help: string }[] = [
  { syntax: "version", help: "Show the version of the engine" },
  { syntax: "module list", help: "List the modules that are loaded" },
  { syntax: "dispatcher", help: "Show the figures of the message dispatcher" },
];

function installCommands(engine: Engine): void {
  const answers: Record<string, () => string> = {
    version: () => `${engine.runParams.get("version") ?? ""} (${engine.runParams.get("release") ?? ""})`,
    "module list": () => [...engine.modules].sort().join("\r\n"),
    dispatcher: () =>
      Object.entries(engine.kernel.figures)
        .map(([key, value]) => `${key}: ${value}`)
        .join("\r\n"),
  };
  engine.install({
    name: "engine.command",
    priority: 100,
    trackName: "engine",
    receive(message) {
      const line = message.get("line");
      if (line === undefined) {
        complete(message);
        return false;
      }
      const answer = answers[line.trim()];
      if (!answer) return false;
      message.retvalue += `${answer()}\r\n`;
      return true;
    },
  });
  engine.install({
    name: "engine.help",
    priority: 100,
    trackName: "engine",
    receive(message) {
      const line = message.get("line");
      const asked = commands.filter(
        ({ syntax }) => line === undefined || syntax === line || syntax.split(" ")[0] === line,
      );
      for (const { syntax, help } of asked)
        message.retvalue += line === undefined ? `  ${syntax}\r\n` : `  ${syntax}\r\n${help}.\r\n`;
      return line !== undefined && asked.length > 0;
    },
  });
}

/** Candidates for the first word of a command, separated by TABs. */
function complete(message: EngineMessage): void {
  if ((message.get("partline") ?? "") !== "") return;
  const word = message.get("partword") ?? "";
  for (const name of new Set(commands.map(({ syntax }) => syntax.split(" ")[0] ?? ""))) {
    if (name.startsWith(word)) message.retvalue += (message.retvalue ? "\t" : "") + name;
  }
}
