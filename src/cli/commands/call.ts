import { connect } from "../../client/index.ts";
import { checkKeys, playScriptedCall } from "../calling/scripted-call.ts";
import { isSipTarget, startSipCaller } from "../calling/sip-target.ts";
import { createTranscriptPrinter } from "../calling/transcript-line.ts";
import type { Command } from "../command-line.ts";
import { connectionNamer } from "../connection-name.ts";
import { engineAddress } from "../engine-address.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import { UsageError } from "../usage-error.ts";

/** `yayts call` */
export const call: Command = async (args, terminal) => {
  const [target = ""] = args.words;
  const json = args.has("json");
  const press = checkKeys(args.text("press") ?? "");
  const waitMs = args.number("wait");
  const stayMs = args.number("stay") ?? 0;
  const ringMs = args.number("timeout", { min: 1 }) ?? 0;
  // A SIP address needs no engine that runs already.
  const own = isSipTarget(target) && !args.given("yate");
  const address = engineAddress(args);
  const recordTo = args.text("record");
  if (recordTo !== undefined && !/\.(wav|au|slin)$/.test(recordTo))
    throw new UsageError(`--record cannot write ${recordTo}`, "name a .wav, .au or .slin file");
  const print = createTranscriptPrinter(terminal.outStyle, terminal.out);
  using interrupt = onInterrupt();
  const engine = own ? await startSipCaller(target, createLog(terminal, "engine")) : undefined;
  const yate =
    engine?.yate ?? (await connect(address, { log: createLog(terminal, "yayts"), reconnect: false }));
  if (!engine) void connectionNamer(yate, "terminal")();
  const outcome = await playScriptedCall(yate, {
    target,
    press,
    waitMs,
    stayMs,
    recordTo,
    caller: args.text("caller"),
    direct: isSipTarget(target) && !own ? `sip/${target}` : undefined,
    ringMs,
    signal: interrupt.signal,
    onEvent: json ? (event) => terminal.out(JSON.stringify(event)) : print,
  });
  await yate.close({ timeoutMs: 500 });
  await engine?.stop();
  if (json) {
    const { kind, ...rest } = outcome;
    terminal.out(JSON.stringify({ kind: "result", answered: kind === "answered", ...rest }));
  }
  if (outcome.kind === "not-answered") {
    if (!json)
      terminal.err(
        `${terminal.errStyle.red("yayts")}: ${terminal.errStyle.bold("[call-failed]")} ${target} did not answer: ${outcome.reason}${adviceFor(outcome.reason)}`,
      );
    return 1;
  }
  if (!json) {
    const sound = `${(outcome.soundMs / 1000).toFixed(1)} s of sound`;
    const heard =
      outcome.soundMs === 0
        ? "nothing"
        : `${sound}: ${outcome.heard.join(" ") || "no prompt that is known here"}`;
    terminal.out(`answered; heard ${heard}${recordTo === undefined ? "" : `; recorded to ${recordTo}`}`);
  }
  return 0;
};

function adviceFor(reason: string): string {
  return reason === "noroute" ? "; no app and no number plan has this number" : "";
}
