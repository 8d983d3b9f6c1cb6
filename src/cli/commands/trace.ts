import type { WatchedMessage } from "../../bus/index.ts";
import { connect } from "../../client/index.ts";
import type { Command } from "../command-line.ts";
import { connectionOver } from "../connection-over.ts";
import { engineAddress } from "../engine-address.ts";
import { printError } from "../errors/error-report.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import { createMessageFilter, messagesToWatch } from "../message-filter.ts";
import { formatMessageJson, formatMessageLine } from "../message-line.ts";

/** Messages held while the terminal is slow. */
const bufferSize = 20_000;

/** `yayts trace` */
export const trace: Command = async (args, terminal) => {
  const wanted = createMessageFilter({
    names: args.words,
    channel: args.text("call"),
    params: args.texts("param"),
  });
  const address = engineAddress(args);
  using interrupt = onInterrupt();
  const yate = await connect(address, { log: createLog(terminal, "yayts") });
  const closed = connectionOver(yate);
  const streams = messagesToWatch(args.words).map((name) =>
    yate.watches(name, (message: WatchedMessage) => wanted(message), {
      bufferSize,
      signal: interrupt.signal,
    }),
  );
  const json = args.has("json");
  const { outStyle: style, errStyle } = terminal;
  terminal.err(
    errStyle.dim(`tracing ${args.words.join(" ") || "all messages"} at ${address}; Ctrl-C ends it`),
  );
  let shown = 0;
  const startedMs = Date.now();
  const show = (message: WatchedMessage): void => {
    shown++;
    const now = new Date();
    terminal.out(json ? formatMessageJson(message, now) : formatMessageLine(message, now, style));
  };
  const shows = streams.map(async (stream) => {
    for await (const message of stream) show(message);
  });
  const ended = Promise.all(shows);
  const failure = await Promise.race([
    ended.then(
      () => undefined,
      (error: unknown) => error,
    ),
    closed.then((cause) => (interrupt.signal.aborted ? undefined : cause)),
  ]);
  const lost = streams.reduce((sum, stream) => sum + stream.dropped, 0);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  terminal.err(
    `${shown} messages shown in ${seconds} s${lost > 0 ? errStyle.red(`, ${lost} lost`) : ", none lost"}`,
  );
  if (failure !== undefined && !interrupt.signal.aborted) return printError(terminal, failure);
  await yate.close({ timeoutMs: 500 });
  return 0;
};
