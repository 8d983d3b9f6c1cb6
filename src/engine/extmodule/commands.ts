import type { EngineMessage } from "../message.ts";
import type { AppHost, HostedApp } from "./app-host.ts";
import type { ScriptCall } from "./module-config.ts";
import { startProgram, startScript } from "./script.ts";

const words = ["info", "start", "stop", "restart", "execute"];
const syntax =
  "  external [info] [stop scriptname] [[start|restart] scriptname [parameter]] [execute progname [parameter]]\r\n";

/** The command `external` and its help (spec/protocol.md §16). */
export function installCommands(host: AppHost): void {
  const { engine } = host;
  engine.install({
    name: "engine.command",
    priority: 100,
    trackName: "extmodule",
    receive: (message) => command(host, message),
  });
  engine.install({
    name: "engine.help",
    priority: 100,
    trackName: "extmodule",
    receive(message) {
      const line = message.get("line");
      if (line !== undefined && line !== "external") return false;
      message.retvalue += syntax;
      if (line !== undefined) message.retvalue += "List, start and stop scripts, or run a program.\r\n";
      return line !== undefined;
    },
  });
}

function command(host: AppHost, message: EngineMessage): boolean {
  const line = message.get("line");
  if (line === undefined) return complete(host, message);
  const [, rest] = /^external(?:[ \t]+(.*))?$/s.exec(line.trim()) ?? [];
  if (rest === undefined && line.trim() !== "external") return false;
  const answer = answerTo(host, rest ?? "");
  if (answer === undefined) return false;
  message.retvalue += answer;
  return true;
}

function answerTo(host: AppHost, line: string): string | undefined {
  if (line === "" || line === "info") return list(host, line === "info");
  const [, verb = "", rest] = /^(start|stop|restart|execute)(?:[ \t]+(.*))?$/s.exec(line) ?? [];
  if (verb !== "" && !rest) return undefined;
  // `external <script>` starts it, too.
  const call = scriptCall(rest ?? line);
  switch (verb) {
    case "stop": {
      const app = find(host, call);
      app?.stop();
      return app ? "External command stopped\r\n" : "External not running\r\n";
    }
    case "execute":
      startProgram(host, call);
      return "External exec attempt\r\n";
    case "restart":
      find(host, call)?.stop();
      break;
    default:
      if (find(host, call)) return "External already running\r\n";
  }
  startScript(host, call, "nochan");
  return "External start attempt\r\n";
}

function scriptCall(text: string): ScriptCall {
  const [, script = "", argument = ""] = /^(\S+)[ \t]*(.*)$/s.exec(text) ?? [];
  return { script, argument };
}

/** A running app of that name; with an argument it must be the same. */
function find({ apps }: AppHost, { script, argument }: ScriptCall): HostedApp | undefined {
  return [...apps].find(
    ({ connection }) => connection.name === script && (argument === "" || connection.address === argument),
  );
}

function list({ apps }: AppHost, details: boolean): string {
  let text = "";
  let number = 0;
  for (const { connection, pid = 1 } of apps) {
    text += `${++number}. ${connection.name} ${connection.address}\r\n`;
    if (!details) continue;
    const role =
      connection.role === undefined ? "Unknown" : connection.role === "global" ? "Global" : "Channel";
    text += `\t${role}${connection.channel ? ", has channel" : ""}${connection.settings.restart ? ", autorestart" : ""}, pid=${pid}\r\n`;
  }
  return text;
}

/** Candidates for the word that is being written, separated by TABs. */
function complete({ apps }: AppHost, message: EngineMessage): boolean {
  const line = (message.get("partline") ?? "").trim();
  const word = message.get("partword") ?? "";
  const offer = (candidates: Iterable<string>): void => {
    for (const candidate of candidates) {
      if (candidate.startsWith(word)) message.retvalue += (message.retvalue ? "\t" : "") + candidate;
    }
  };
  if (line === "") offer(["external"]);
  else if (line === "external") {
    offer(words);
    return true;
  } else if (/^external (stop|restart)$/.test(line))
    offer(new Set([...apps].map(({ connection }) => connection.name)));
  return false;
}
