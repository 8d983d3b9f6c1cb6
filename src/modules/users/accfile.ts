import {
  type ConfigSection,
  type Engine,
  type EngineMessage,
  type EngineModule,
  toBoolean,
} from "../../engine/index.ts";

/**
 * Accounts with providers (spec/sip.md §9, lines): each section of `accfile.conf` is sent as `user.login` when the engine has
 * started. A section counts when it says `enabled=yes`, or has a `username` and does not say `enabled=no`. Without `protocol` it is
 * one of SIP. `accounts login|logout|… [account]` on the engine's command line sends them again, with that `operation`.
 */
export function accfile(): EngineModule {
  return {
    name: "accfile",
    start(engine) {
      const { sections } = engine.config("accfile");
      for (const { name, entries } of sections) {
        for (const { key, value, line } of entries) {
          if (key === "enabled" && toBoolean(value) === undefined)
            engine.log.warn(`accfile.conf:${line}: [${name}] enabled=${value} is neither yes nor no`);
        }
      }
      const accounts = sections.filter(isEnabled);
      engine.install({
        name: "engine.start",
        priority: 150,
        trackName: "accfile",
        receive() {
          send(engine, accounts, "login");
          return false;
        },
      });
      engine.install({
        name: "engine.status",
        priority: 100,
        trackName: "accfile",
        receive(message) {
          const wanted = message.get("module") ?? "";
          if (!["", "accfile", "accounts", "misc"].includes(wanted)) return false;
          let line = `name=accfile,type=misc;users=${sections.length}`;
          if (message.flag("details", true)) {
            const items = accounts.map((account) => `${account.name}=${account.get("username") ?? ""}`);
            line += `;${items.join(",")}`;
          }
          message.retvalue += `${line}\r\n`;
          return wanted === "accfile";
        },
      });
      installCommand(engine, accounts);
    },
  };
}

function isEnabled(section: ConfigSection): boolean {
  if (section.name === "" || section.name === "general") return false;
  return toBoolean(section.get("enabled")) ?? section.get("username") !== undefined;
}

function send(engine: Engine, accounts: readonly ConfigSection[], operation: string): void {
  for (const { name, entries } of accounts) {
    const message = engine.message("user.login");
    for (const { key, value } of entries) if (key !== "operation") message.params.append(key, value);
    if (message.get("protocol") === undefined) message.set("protocol", "sip");
    engine.kernel.enqueue(message.set("account", name).set("operation", operation));
  }
}

const syntax = "  accounts {login|logout|...} [account]\r\n";

function installCommand(engine: Engine, accounts: readonly ConfigSection[]): void {
  engine.install({
    name: "engine.command",
    priority: 100,
    trackName: "accfile",
    receive(message) {
      const line = message.get("line");
      if (line === undefined) {
        complete(message, accounts);
        return false;
      }
      const [, given] = /^accounts(?:\s+(.*))?$/.exec(line.trim()) ?? [];
      if (given === undefined) return false;
      const [, operation = "", account = ""] = /^(\S+)\s*(.*)$/.exec(given) ?? [];
      const wanted = account === "" ? accounts : accounts.filter(({ name }) => name === account);
      // There is nothing to read again: configuration is read when the engine starts.
      if (operation === "" || operation === "reload" || wanted.length === 0)
        message.retvalue = `Accounts operation failed: ${given}\r\n`;
      else send(engine, wanted, operation);
      return true;
    },
  });
  engine.install({
    name: "engine.help",
    priority: 100,
    trackName: "accfile",
    receive(message) {
      const line = message.get("line");
      if (line === undefined) message.retvalue += syntax;
      if (line !== "accounts") return false;
      message.retvalue += `${syntax}Sends the accounts with other servers to be logged in, logged out, ….\r\n`;
      return true;
    },
  });
}

function complete(message: EngineMessage, accounts: readonly ConfigSection[]): void {
  const line = message.get("partline") ?? "";
  const candidates = /^(help|status)?$/.test(line)
    ? ["accounts"]
    : line === "accounts"
      ? ["login", "logout"]
      : /^accounts log(in|out)$/.test(line)
        ? accounts.map(({ name }) => name)
        : [];
  for (const candidate of candidates) {
    if (candidate.startsWith(message.get("partword") ?? ""))
      message.retvalue += (message.retvalue ? "\t" : "") + candidate;
  }
}
