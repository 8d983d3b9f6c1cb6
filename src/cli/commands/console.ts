import { setTimeout as sleep } from "node:timers/promises";
import { type Console, connectCuttable, startConsole } from "../../console/index.ts";
import type { Command } from "../command-line.ts";
import { connectionNamer } from "../connection-name.ts";
import { connectionOver } from "../connection-over.ts";
import { showConsole } from "../dev/console-lines.ts";
import { browse, hasScreen } from "../dev/open-browser.ts";
import { engineAddress } from "../engine-address.ts";
import { printError } from "../errors/error-report.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import { shownHost } from "../phones/sip-place.ts";
import type { Terminal } from "../terminal.ts";

/** `yayts console` */
export const consoleCommand: Command = async (args, terminal) => {
  const address = engineAddress(args);
  const host = args.text("host") ?? "127.0.0.1";
  const port = args.number("port", { max: 65_535 });
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  using interrupt = onInterrupt();
  const log = createLog(terminal, "console");
  const { yate, cut } = await connectCuttable(address, { log });
  void connectionNamer(yate, "console")();
  const over = connectionOver(yate);
  try {
    const console = await startConsole({
      yate,
      address,
      cutSelf: cut,
      host,
      port,
      shownHost: shownHost({ host }),
      keptFor: `engine ${address}`,
      keepSound: args.has("keep-sound"),
      log,
    });
    try {
      showConsole(console, terminal, interactive);
      if (interactive && hasScreen() && !args.has("no-open")) void browse(console, interrupt.signal);
      void sayWhatYateTells(console, terminal, interrupt.signal);
      const failure = await Promise.race([
        interrupt.asked.then(() => undefined),
        over.then((cause) => ({ cause })),
      ]);
      return failure ? printError(terminal, failure.cause) : 0;
    } finally {
      await console.close();
    }
  } finally {
    await yate.close({ timeoutMs: 500 });
  }
};

/** Who the engine is shows when it answers a question of the console. */
const lookMs = 100;
const looks = 30;

async function sayWhatYateTells(
  console: Pick<Console, "engine">,
  { err, errStyle }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  for (let look = 0; look < looks && !signal.aborted; look++) {
    if (console.engine.kind === "yate")
      return err(
        `${errStyle.dim("·")} this is a real YATE: it tells messages and how they ended, but not SIP and RTP, nor what each handler did`,
      );
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
}
