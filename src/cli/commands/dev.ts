import { YaytsError } from "../../base/index.ts";
import type { EngineConfig } from "../../modules/index.ts";
import { checkAppFile } from "../app/load-app.ts";
import { checkKeys } from "../calling/scripted-call.ts";
import type { Command } from "../command-line.ts";
import { showConsole } from "../dev/console-lines.ts";
import { type ConsoleThread, startConsoleThread } from "../dev/console-thread.ts";
import { type DevEngine, startDevEngine } from "../dev/dev-engine.ts";
import { hasScreen } from "../dev/open-browser.ts";
import { createTerminalPhone, phoneHelp } from "../dev/phone.ts";
import { createSample } from "../dev/sample.ts";
import { createSupervisor, type Supervisor } from "../dev/supervisor.ts";
import { readEngineConfig } from "../engine-config.ts";
import { formatReport } from "../errors/error-report.ts";
import { realPath } from "../errors/source-place.ts";
import { type Interrupt, onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import type { Arguments } from "../parse-arguments.ts";
import type { CodeFormat } from "../phones/phone-code.ts";
import { createCodes, guideLines, type PhoneCodes, transportsAt } from "../phones/phone-guide.ts";
import { prepareSipPhones, type SipPhones } from "../phones/sip-phones.ts";
import { isLoopback, shownHost } from "../phones/sip-place.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { keepRecords } from "./records-writer.ts";

const loopback = "127.0.0.1";

/** `yayts dev` */
export const dev: Command = async (args, terminal) => {
  const [given = ""] = args.words;
  const file = realPath(checkAppFile(given));
  const target = args.text("call") ?? "";
  const press = checkKeys(args.text("press") ?? "");
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const scripted = args.has("sample") && !interactive;
  const open = {
    // Who reaches that port may do everything, so letting phones in does not open it.
    host: args.given("port") ? (args.text("host") ?? "") : loopback,
    port: args.number("port", { max: 65_535 }) ?? 0,
  };
  const consolePort = args.number("console-port", { max: 65_535 });
  if (args.given("console-port") && args.has("no-console"))
    throw new UsageError("--console-port and --no-console do not go together", "leave one of them out");
  const wantsPort = !scripted || args.given("port");
  const sip = await prepareDevPhones(args, readEngineConfig(args.text("config")), scripted);
  const codes = codeFormatOf(args, sip, interactive);
  using interrupt = onInterrupt();
  const engine = await explained(startDevEngine(terminal, sip.config, wantsPort ? open : undefined), open);
  const recordsFile = args.text("records");
  const records =
    recordsFile === undefined ? undefined : keepRecords(engine.embedded.yate, recordsFile, terminal);
  const over = Promise.withResolvers<void>();
  const supervisor = createSupervisor({
    file,
    address: engine.appAddress,
    reload: !args.has("no-reload") && !scripted,
    terminal,
    channels: engine.channels,
    onOver: args.has("no-reload") || scripted ? over.resolve : undefined,
    onStuck: scripted ? over.resolve : undefined,
  });
  const parts: Parts = {
    args,
    terminal,
    engine,
    supervisor,
    interrupt,
    over: over.promise,
    target,
    press,
    sip,
    codes,
    file,
    consolePort,
  };
  try {
    return await (scripted ? runSample(parts) : runUntilQuit(parts, interactive));
  } finally {
    await Promise.all([supervisor.close(), engine.stop()]);
    await records;
  }
};

interface Parts {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly engine: DevEngine;
  readonly supervisor: Supervisor;
  readonly interrupt: Interrupt;
  /** The app is over for good. */
  readonly over: Promise<void>;
  readonly target: string;
  readonly press: string;
  readonly sip: SipPhones;
  readonly codes: CodeFormat | undefined;
  readonly file: string;
  readonly consolePort: number | undefined;
}

/** A newcomer's phone finds the engine without an option; the sample call needs none. */
async function prepareDevPhones(args: Arguments, base: EngineConfig, scripted: boolean): Promise<SipPhones> {
  const asked = ["phone", "sip-port", "qr"].find((option) => args.given(option));
  const port = args.number("sip-port", { max: 65_535 });
  if (args.has("no-sip")) {
    if (asked) throw new UsageError(`--${asked} and --no-sip do not go together`, "leave one of them out");
    const { ysipchan: _, ...config } = base;
    return { config, place: undefined, phones: [] };
  }
  return prepareSipPhones(args, base, {
    host: scripted && !asked ? undefined : args.text("host"),
    port,
    asked: args.given("sip-port") ? "--sip-port" : undefined,
  });
}

/** Codes are for phones that can reach this machine. */
function codeFormatOf(args: Arguments, { place }: SipPhones, interactive: boolean): CodeFormat | undefined {
  const given = args.text("qr");
  const reachable = place !== undefined && !isLoopback(place.host);
  switch (given) {
    case undefined:
      return reachable && interactive ? "linphone" : undefined;
    case "none":
      return undefined;
    case "linphone":
    case "wave":
      if (reachable) return given;
      throw new UsageError(
        `--qr ${given}: what scans a code must reach this machine, and SIP is only at ${place?.host ?? "no address"}`,
        "add --host 0.0.0.0, or another address of this machine in the network",
      );
    default:
      throw new UsageError(`--qr must be linphone, wave or none, not ${given}`, "see yayts help dev");
  }
}

/** Says how to point a phone at the engine, with codes if they are wanted. */
async function showPhones({ terminal, sip, codes, target, engine }: Parts): Promise<PhoneCodes | undefined> {
  const { errStyle: style } = terminal;
  const { place, phones } = sip;
  if (!place) return undefined;
  const transports = transportsAt(place, engine.embedded.sip.values());
  const opening = "--host 0.0.0.0";
  for (const line of guideLines({ place, phones, target, style, secrets: true, transports, opening }))
    terminal.err(`${style.dim("·")} ${line}`);
  const shown = codes ? await createCodes(codes, { place, phones, style }) : undefined;
  for (const line of shown?.lines ?? []) terminal.err(line);
  return shown;
}

async function runSample({
  terminal,
  engine,
  supervisor,
  interrupt,
  over,
  target,
  press,
}: Parts): Promise<number> {
  const sample = createSample(engine.appAddress, terminal);
  const play = async (): Promise<number> => ((await supervisor.start()) ? sample.play(target, press) : 1);
  try {
    return await Promise.race([play(), over.then(() => 1), interrupt.asked.then(() => 1)]);
  } finally {
    await sample.close();
  }
}

async function runUntilQuit(parts: Parts, interactive: boolean): Promise<number> {
  const { args, terminal, engine, supervisor, interrupt, over, target } = parts;
  const { errStyle: style } = terminal;
  const say = (text: string): void => terminal.err(`${style.dim("·")} ${text}`);
  const quit = Promise.withResolvers<void>();
  if (engine.address)
    say(`listening at ${engine.address}; try: yayts call ${target}${yateFlag(engine.address)}`);
  const codes = await showPhones(parts);
  const page = args.has("no-console") ? undefined : openConsole(parts, interactive);
  const phone = interactive
    ? createTerminalPhone({
        address: engine.appAddress,
        terminal,
        target,
        onReload: () => void supervisor.reload(),
        onQuit: quit.resolve,
      })
    : undefined;
  if (phone) say(phoneHelp);
  void supervisor.start().then((started) => {
    if (started && args.has("sample")) phone?.call();
  });
  const code = await Promise.race([
    interrupt.asked.then(() => 0),
    quit.promise.then(() => 0),
    over.then(() => 1),
    ...(page && args.given("console-port") ? [page.failed.then(() => 1)] : []),
  ]);
  await Promise.all([phone?.close(), codes?.close(), page?.thread.close()]);
  return code;
}

/** Starts the console beside the app; `failed` resolves when it could not, which is told. */
function openConsole(parts: Parts, interactive: boolean): { thread: ConsoleThread; failed: Promise<void> } {
  const { args, terminal, engine, target, file } = parts;
  const { errStyle: style } = terminal;
  const log = createLog(terminal, "console");
  const host = args.text("host") ?? loopback;
  const thread = startConsoleThread(
    {
      address: engine.appAddress,
      host,
      shownHost: shownHost({ host }),
      port: parts.consolePort,
      keptFor: `app ${file}`,
      targets: [target],
      keepSound: false,
    },
    (message) => {
      if (message.kind === "log") log[message.level](message.text);
      else
        for (const line of formatReport(message.report, style, terminal.verbose, "console"))
          terminal.err(line);
    },
  );
  const failed = Promise.withResolvers<void>();
  void thread.started.then((outcome) => {
    if ("url" in outcome) {
      showConsole(outcome, terminal, interactive && args.text("qr") !== "none");
      if (interactive && hasScreen() && !args.has("no-open")) thread.browse();
      return;
    }
    for (const line of formatReport(outcome, style, terminal.verbose, "console")) terminal.err(line);
    failed.resolve();
  });
  return { thread, failed: failed.promise };
}

/** The port that `yayts call` takes by itself need not be told. */
function yateFlag(address: string): string {
  return address === "tcp://127.0.0.1:5039" ? "" : ` --yate ${address}`;
}

/** Says which option is meant when the port is taken. */
async function explained(
  starting: Promise<DevEngine>,
  open: { host: string; port: number },
): Promise<DevEngine> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof YaytsError) || error.code !== "port-taken") throw error;
    const text = `another program listens at ${open.host}:${open.port}; choose another port with --port N, or --port 0 for any that is free`;
    throw new YaytsError("port-taken", text, { cause: error });
  }
}
