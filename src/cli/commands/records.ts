import type { Yate } from "../../bus/index.ts";
import { callRecords } from "../../call/index.ts";
import { connect } from "../../client/index.ts";
import type { Command } from "../command-line.ts";
import { connectionOver } from "../connection-over.ts";
import { engineAddress } from "../engine-address.ts";
import { printError } from "../errors/error-report.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import { UsageError } from "../usage-error.ts";
import { recordsToFile, recordsToTerminal } from "./records-writer.ts";

/** `yayts records` */
export const records: Command = async (args, terminal) => {
  const format = { csv: args.has("csv"), fields: args.texts("field") };
  if (format.fields.length > 0 && !format.csv)
    throw new UsageError("--field is for --csv", "JSON has all fields anyway");
  const most = args.number("calls", { min: 1 }) ?? Number.POSITIVE_INFINITY;
  const out = args.text("out");
  const address = engineAddress(args);
  const writer = out === undefined ? undefined : recordsToFile(out, terminal, format);
  using interrupt = onInterrupt();
  const yate = await connect(address, { log: createLog(terminal, "yayts") });
  const closed = connectionOver(yate);
  const stream = callRecords(yate, { signal: interrupt.signal });
  if (!(await hasRecords(yate))) {
    terminal.err(
      `yayts: ${terminal.errStyle.yellow("[records]")} ${address} has no module cdrbuild, so no records will come; load it in yate.conf`,
    );
  }
  const { write } = writer ?? recordsToTerminal(terminal, format);
  terminal.err(
    terminal.errStyle.dim(`records of ${address}${out === undefined ? "" : ` go to ${out}`}; Ctrl-C ends it`),
  );
  let written = 0;
  const all = async (): Promise<void> => {
    for await (const record of stream) {
      write(record);
      if (++written >= most) return;
    }
  };
  const failure = await Promise.race([
    all().then(
      () => undefined,
      (error: unknown) => error,
    ),
    closed.then((cause) => (interrupt.signal.aborted ? undefined : cause)),
  ]);
  const lost = stream.dropped > 0 ? terminal.errStyle.red(`, ${stream.dropped} lost`) : "";
  terminal.err(`${written} ${written === 1 ? "record" : "records"}${lost}`);
  if (failure !== undefined && !interrupt.signal.aborted) return printError(terminal, failure);
  await yate.close({ timeoutMs: 500 });
  return 0;
};

/** Whether the engine tells of its calls at all; one that cannot say is taken to. */
async function hasRecords(yate: Yate): Promise<boolean> {
  try {
    return (await yate.setlocal("loaded.cdrbuild")) !== "false";
  } catch {
    return true;
  }
}
