import { Console } from "node:console";
import type { Yate } from "../../bus/index.ts";
import { connect, connectStdio } from "../../client/index.ts";
import { checkAppFile, loadApp } from "../app/load-app.ts";
import { installModuleHooks } from "../app/module-hooks.ts";
import { onUncaught, startApp } from "../app/start-app.ts";
import { createVisibleApp } from "../app/visible-app.ts";
import type { Command } from "../command-line.ts";
import { connectionOver } from "../connection-over.ts";
import { engineAddress } from "../engine-address.ts";
import { printError } from "../errors/error-report.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import { UsageError } from "../usage-error.ts";
import { keepRecords } from "./records-writer.ts";

/** `yayts run` */
export const run: Command = async (args, terminal) => {
  const [file = ""] = args.words;
  const stdio = args.has("stdio");
  if (stdio === args.given("yate"))
    throw new UsageError(
      stdio ? "--stdio and --yate exclude each other" : "where is the engine?",
      "yayts run app.ts --yate tcp://HOST:PORT, or --yate unix:/PATH, or --stdio; yayts dev app.ts brings its own",
    );
  checkAppFile(file);
  const address = stdio ? "stdin" : engineAddress(args);
  // Whatever the app prints must not get between the lines of the protocol.
  if (stdio) globalThis.console = new Console(process.stderr, process.stderr);
  const visible = createVisibleApp(file, createLog(terminal, "yayts"));
  const { log } = visible;
  const watch = installModuleHooks();
  const app = await loadApp(file, watch);

  const crashed = Promise.withResolvers<unknown>();
  const crash = (error: unknown): void => crashed.resolve(visible.failed(error).then(() => error));
  onUncaught(crash);
  using interrupt = onInterrupt();
  const yate = stdio ? await connectStdio({ log }) : await connect(address, { log });
  visible.show(yate);
  const lost = connectionOver(yate);
  const records = args.text("records");
  if (records !== undefined) void keepRecords(yate, records, terminal);
  try {
    await startApp(app, yate, crash);
    visible.started();
  } catch (error) {
    crash(error);
  }
  if (!stdio) terminal.err(`${terminal.errStyle.green("running")} ${file} on ${address}; Ctrl-C ends it`);
  const outcome = await Promise.race([
    crashed.promise.then((error) => ({ kind: "crashed" as const, error })),
    lost.then((cause) => ({ kind: "lost" as const, cause })),
    interrupt.asked.then(() => ({ kind: "asked" as const })),
  ]);
  switch (outcome.kind) {
    case "crashed":
      printError(terminal, outcome.error);
      await hangUp(yate);
      return 1;
    case "lost":
      // The engine ends a script by closing its input.
      if (stdio) return 0;
      printError(terminal, outcome.cause);
      return 1;
    case "asked":
      terminal.err("ending; Ctrl-C again ends at once");
      await yate.close();
      return 0;
  }
};

async function hangUp(yate: Yate): Promise<void> {
  await Promise.race([yate.close({ timeoutMs: 500 }), new Promise((resolve) => setTimeout(resolve, 1000))]);
}
