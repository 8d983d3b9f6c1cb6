// The thread of the console under `yayts dev`. It is an external module with a connection of its own, as the app is.
import { parentPort, workerData } from "node:worker_threads";
import { errorText, type Logger } from "../../base/index.ts";
import { connectCuttable, startConsole } from "../../console/index.ts";
import { connectionNamer } from "../connection-name.ts";
import { reportOf } from "../errors/error-report.ts";
import type { ConsoleWish, FromConsole, ToConsole } from "./console-messages.ts";
import { browse } from "./open-browser.ts";

const tell = (message: FromConsole): void => parentPort?.postMessage(message);

const write =
  (level: keyof Logger): Logger["debug"] =>
  (text, details) => {
    const error = details?.error ?? details?.cause;
    tell({ kind: "log", level, text: error === undefined ? text : `${text}: ${errorText(error)}` });
  };
const log: Logger = {
  debug: write("debug"),
  info: write("info"),
  warn: write("warn"),
  error: write("error"),
};

async function main({ address, ...wish }: ConsoleWish): Promise<void> {
  const { yate, cut } = await connectCuttable(address, { log });
  void connectionNamer(yate, "console")();
  const console = await startConsole({ ...wish, yate, address: "yayts dev", cutSelf: cut, log });
  const closing = new AbortController();
  const close = async (): Promise<void> => {
    closing.abort();
    await console.close();
    await yate.close({ timeoutMs: 500 });
    parentPort?.close();
  };
  parentPort?.on("message", (message: ToConsole) => {
    const done = message.kind === "close" ? close() : browse(console, closing.signal);
    done.catch((error: unknown) => tell({ kind: "failed", report: reportOf(error) }));
  });
  const { url, viewUrl, secondPhone } = console;
  tell({ kind: "ready", links: { url, viewUrl, secondPhone } });
}

await main(workerData).catch((error: unknown) => {
  tell({ kind: "failed", report: reportOf(error) });
  parentPort?.close();
});
