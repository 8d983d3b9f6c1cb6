import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Bindings, fillIn, matchLine } from "./scenario-pattern.ts";

/** Addresses of the engine under test, `host:port` or a path, by the word that `connect` steps use: global, any, unix. */
export type ScenarioAddresses = Readonly<Record<string, string>>;

export interface ScenarioOptions {
  readonly addresses: ScenarioAddresses;
  /** Names bound before the first step. */
  readonly vars?: Readonly<Record<string, string>> | undefined;
}

/** A step that did not go as written; the text tells the line and all that was said until then. */
export class ScenarioFailure extends Error {}

const defaultWaitMs = 3000;
let runs = 0;

/** One connection to the engine, with the lines that no step has claimed yet. */
interface Link {
  readonly socket: Socket;
  readonly unread: string[];
  closed: boolean;
  wake: () => void;
}

/**
 * Plays one scenario against a running engine; test/scenarios/README.md describes the language.
 * @throws ScenarioFailure when the engine does not do what a step says
 */
export async function playScenario(text: string, { addresses, vars = {} }: ScenarioOptions): Promise<void> {
  const known = new Map<string, string>([
    ...Object.entries(vars),
    ["now", String(Math.floor(Date.now() / 1000))],
    ["run", `${process.pid}x${(runs++).toString(36)}x${Math.random().toString(36).slice(2, 8)}`],
  ]);
  const links = new Map<string, Link>();
  const said: string[] = [];
  let number = 0;
  try {
    for (const line of text.split("\n")) {
      number++;
      const step = line.replace(/\r$/, "").trimStart();
      if (step === "" || /^(#|title:|needs:|why:)/.test(step)) continue;
      await playStep(step, { addresses, known, links, said });
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScenarioFailure(`line ${number}: ${why}\n${said.map((line) => `    ${line}`).join("\n")}`);
  } finally {
    for (const link of links.values()) link.socket.destroy();
  }
}

interface Play {
  readonly addresses: ScenarioAddresses;
  readonly known: Map<string, string>;
  readonly links: Map<string, Link>;
  readonly said: string[];
}

async function playStep(step: string, { addresses, known, links, said }: Play): Promise<void> {
  const [verb = "", who = "", ...words] = step.split(" ");
  const all = words.join(" ");
  const limit = verb === "send" ? null : /(?:^| )within (\d+)\s*$/.exec(all);
  const text = limit ? all.slice(0, limit.index) : all;
  const withinMs = limit ? Number(limit[1]) : defaultWaitMs;
  const link = (): Link => {
    const found = links.get(who);
    if (!found) throw new Error(`no connection is named ${who}`);
    return found;
  };
  const bind = (bound: Bindings): void => {
    for (const [name, value] of bound) known.set(name, value);
  };

  switch (verb) {
    case "connect": {
      const address = addresses[text.trim()];
      if (address === undefined) throw new Error(`the scenario needs an address for ${text}`);
      links.set(who, await open(address, (line) => said.push(`${who} <- ${short(line)}`)));
      return;
    }
    case "send":
    case "sendraw": {
      const bytes = expand(text, known);
      said.push(`${who} -> ${short(bytes)}`);
      link().socket.write(verb === "send" ? `${bytes}\n` : bytes);
      return;
    }
    case "expect": {
      const { unread } = link();
      const bound = await until(link(), withinMs, () => {
        for (const [at, line] of unread.entries()) {
          const found = matchLine(text, line, known);
          if (!found) continue;
          unread.splice(at, 1);
          return found;
        }
        return undefined;
      });
      if (!bound) throw new Error(`${who} never got ${text}`);
      return bind(bound);
    }
    case "next": {
      const line = await until(link(), withinMs, () => link().unread[0]);
      const bound = line === undefined ? undefined : matchLine(text, line, known);
      if (!bound) throw new Error(`the next line for ${who} should be ${text} but is ${line ?? "none"}`);
      link().unread.shift();
      return bind(bound);
    }
    case "never": {
      const line = await until(link(), withinMs, () =>
        link().unread.find((each) => matchLine(text, each, known)),
      );
      if (line !== undefined) throw new Error(`${who} should never get ${line}`);
      return;
    }
    case "quiet": {
      const line = await until(link(), withinMs, () => link().unread[0]);
      if (line !== undefined) throw new Error(`${who} should be quiet but got ${line}`);
      return;
    }
    case "closed":
      if (!(await until(link(), withinMs, () => link().closed || undefined)))
        throw new Error(`${who} should have been closed`);
      return;
    case "open":
      if (await until(link(), withinMs, () => link().closed || undefined))
        throw new Error(`${who} should still be open`);
      return;
    case "close":
      link().socket.destroy();
      return;
    case "forget":
      link().unread.length = 0;
      return;
    case "sleep":
      await delay(Number(who));
      return;
    case "set":
      known.set(who, fillIn(text, known));
      return;
    default:
      throw new Error(`there is no step '${verb}'`);
  }
}

/** Asks `test` now and after each arrival until it finds something, at most `ms`. */
function until<T>(link: Link, ms: number, test: () => T | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    const finish = (value: T | undefined): void => {
      clearTimeout(timer);
      link.wake = () => {};
      resolve(value);
    };
    const timer = setTimeout(() => finish(undefined), ms);
    link.wake = () => {
      const found = test();
      if (found !== undefined) finish(found);
    };
    link.wake();
  });
}

function open(address: string, heard: (line: string) => void): Promise<Link> {
  const colon = address.lastIndexOf(":");
  const socket = address.startsWith("/")
    ? connect({ path: address })
    : connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
  const link: Link = { socket, unread: [], closed: false, wake: () => {} };
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      heard(line);
      link.unread.push(line);
    }
    link.wake();
  });
  const ended = (): void => {
    link.closed = true;
    link.wake();
  };
  socket.on("close", ended).on("end", ended);
  return new Promise((resolve, reject) => {
    socket.once("connect", () => {
      socket.off("error", reject).on("error", ended);
      resolve(link);
    });
    socket.once("error", reject);
  });
}

/** What a `send` step means: names, `{rep:N:text}`, `\x00` and `\r`. */
function expand(text: string, known: Bindings): string {
  const repeats: string[] = [];
  const kept = text.replace(/\{rep:(\d+):([^}]*)\}/g, (_, times: string, part: string) => {
    repeats.push(part.repeat(Number(times)));
    return `\0${repeats.length - 1}\0`;
  });
  return fillIn(kept, known)
    .replace(/\0(\d+)\0/g, (_, at: string) => repeats[Number(at)] ?? "")
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\r/g, "\r");
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
