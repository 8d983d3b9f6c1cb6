import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { Socket } from "node:net";
import { isAbsolute, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { AppHost, HostedApp } from "./app-host.ts";
import type { AppConnection } from "./connection.ts";
import { feed } from "./feed.ts";
import type { ScriptCall } from "./module-config.ts";
import { ScriptConsumer, ScriptSource } from "./script-audio.ts";
import { createSocketTransport } from "./socket-transport.ts";

/** How a script takes part in a call (spec/protocol.md §14): which descriptors carry sound, and whether it has a call. */
export type ScriptMethod = "nochan" | "nodata" | "play" | "record" | "playrec";

/** Sound that a script left behind is played for so long at most. */
const afterplayMs = 1000;
/** A script that asks to be started again is not, sooner than so long after its start. */
const restartMs = 250;

const withRecord: ReadonlySet<ScriptMethod> = new Set(["record", "playrec"]);
const withPlay: ReadonlySet<ScriptMethod> = new Set(["play", "playrec"]);

/** The file that a script's name means: a relative one is in the scripts' folder. */
export function scriptPath(host: AppHost, script: string): string {
  return isAbsolute(script) ? script : join(host.config.scriptsDir, script);
}

/** Whether there is such a file and it may be run. */
export async function isRunnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Starts a script that speaks the protocol on its standard input and output; undefined when it cannot be started. */
export function startScript(
  host: AppHost,
  { script, argument }: ScriptCall,
  method: ScriptMethod,
): AppConnection | undefined {
  const { clock, log } = host.engine;
  const startedMs = clock.monotonicMs();
  const child = spawn(scriptPath(host, script), argument === "" ? [] : [argument], {
    stdio: stdioOf(method),
    // Out of reach of the keys that interrupt the engine.
    detached: true,
  });
  child.on("error", (error) => log.warn(`the script ${script} cannot be started: ${error.message}`));
  const { stdin, stdout } = child;
  if (child.pid === undefined || !stdin || !stdout) return undefined;

  let stopped = false;
  const transport = createSocketTransport(stdin as Socket, {
    clock,
    maxOutputBytes: host.limits.maxOutputBytes,
    onOverflow(waiting) {
      log.warn(
        `${script} was stopped: it does not read, ${waiting} bytes wait for it (limit ${host.limits.maxOutputBytes})`,
      );
      connection.lost();
    },
  });
  stdin.on("error", () => stdin.destroy());
  const connection = host.connect({
    transport,
    name: script,
    address: argument,
    role: method === "nochan" ? "global" : "channel",
    withChannel: method !== "nochan",
    restartable: method === "nochan",
    onClosed() {
      host.remove(app);
      terminate(host, child);
      if (stopped || !connection.settings.restart) return;
      clock.after(Math.max(0, restartMs - (clock.monotonicMs() - startedMs)), () => {
        if (!stopped && host.engine.accepting) startScript(host, { script, argument }, method);
      });
    },
    onLeaving(leave) {
      if (!source || source.gone) {
        leave();
        return;
      }
      const timer = clock.after(afterplayMs, leave);
      source.whenPlayed(() => {
        timer.cancel();
        leave();
      });
    },
  });
  const source = addSound(host, connection, child, method);
  const app: HostedApp = {
    connection,
    pid: child.pid,
    stop() {
      stopped = true;
      connection.close();
    },
  };
  host.add(app);
  feed(connection, stdout, clock);
  return connection;
}

function stdioOf(method: ScriptMethod): StdioOptions {
  const stdio: StdioOptions = ["pipe", "pipe", "inherit"];
  if (withRecord.has(method)) stdio.push("pipe");
  else if (withPlay.has(method)) stdio.push("ignore");
  if (withPlay.has(method)) stdio.push("pipe");
  return stdio;
}

/** Descriptors 3 and 4 become the sound of the script's endpoint; returns what it plays. */
function addSound(
  host: AppHost,
  { channel }: AppConnection,
  child: ChildProcess,
  method: ScriptMethod,
): ScriptSource | undefined {
  if (!channel) return undefined;
  // The types do not know that a pipe of ours can be written and read.
  const [heard, spoken] = [
    child.stdio[3] as Writable | null | undefined,
    child.stdio[4] as Readable | null | undefined,
  ];
  if (withRecord.has(method) && heard) channel.audio.setConsumer(new ScriptConsumer(heard));
  if (!withPlay.has(method) || !spoken) return undefined;
  const source = new ScriptSource(spoken, host.engine.ticker);
  channel.audio.setSource(source);
  return source;
}

/** Its input is closed by now; one that has not ended after the grace is asked to. */
function terminate({ engine, config }: AppHost, child: ChildProcess): void {
  engine.clock.after(config.graceMs, () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  });
}

/** Starts a program without the protocol and forgets it. */
export function startProgram(host: AppHost, { script, argument }: ScriptCall): void {
  const child = spawn(script, argument === "" ? [] : [argument], { stdio: "ignore", detached: true });
  child.on("error", (error) =>
    host.engine.log.warn(`the program ${script} cannot be started: ${error.message}`),
  );
  child.unref();
}
