// The process of an app under `yayts dev`: reads the app's file, connects to the engine as an external module, runs the app.
import { connect } from "../../client/index.ts";
import { reportOf } from "../errors/error-report.ts";
import { createLog } from "../log.ts";
import { createTerminal } from "../terminal.ts";
import { type FromHost, isToHost } from "./host-messages.ts";
import { loadApp } from "./load-app.ts";
import { installModuleHooks } from "./module-hooks.ts";
import { createRetiringYate } from "./retiring-yate.ts";
import { onUncaught, startApp } from "./start-app.ts";
import { createVisibleApp } from "./visible-app.ts";
import { startWatchdog } from "./watchdog.ts";

const [file = "", address = "", verbose = ""] = process.argv.slice(2);

/** Ends the process once the parent has been told. */
function end(message: FromHost): void {
  const exit = (): void => process.exit(1);
  if (process.connected) process.send?.(message, exit);
  else exit();
}

async function main(): Promise<void> {
  const send = (message: FromHost): void => {
    if (process.connected) process.send?.(message);
  };
  // A Ctrl-C on the terminal reaches this process too; what it means is the parent's to say.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit(0));
  const visible = createVisibleApp(file, createLog(createTerminal({ verbose: verbose !== "" }), "app"));
  let state: "starting" | "running" | "over" = "starting";
  const crashed = (error: unknown): void => {
    if (state === "over") return;
    const kind = state === "starting" ? "failed" : "crashed";
    state = "over";
    void visible.failed(error).finally(() => end({ kind, report: reportOf(error) }));
  };
  onUncaught(crashed);
  startWatchdog();
  const watch = installModuleHooks((seen) => send({ kind: "file", file: seen }));
  try {
    const app = await loadApp(file, watch);
    const yate = await connect(address, { log: visible.log, reconnect: { maxMs: 2000 } });
    visible.show(yate);
    // A lost engine is found again; one that is lost while this copy ends need not be.
    let ending = false;
    yate.onState((now) => {
      if (now.kind === "closed" || (ending && now.kind === "reconnecting")) process.exit(0);
    });
    const retiring = createRetiringYate(yate);
    process.on("message", (message) => {
      if (!isToHost(message)) return;
      if (message.kind === "retire") retiring.retire(message.channels);
      else if (yate.state.kind === "reconnecting") process.exit(0);
      else {
        ending = true;
        void yate.close({ timeoutMs: 1000 }).finally(() => process.exit(0));
      }
    });
    await startApp(app, retiring.yate, crashed);
    state = "running";
    visible.started();
    send({ kind: "started" });
  } catch (error) {
    crashed(error);
  }
}

await main();
