import { YaytsError } from "../../base/index.ts";
import { checkAppFile } from "../app/load-app.ts";
import { checkKeys } from "../calling/scripted-call.ts";
import type { Command } from "../command-line.ts";
import { type DevEngine, startDevEngine } from "../dev/dev-engine.ts";
import { createTerminalPhone, phoneHelp } from "../dev/phone.ts";
import { createSample } from "../dev/sample.ts";
import { createSupervisor, type Supervisor } from "../dev/supervisor.ts";
import { readEngineConfig } from "../engine-config.ts";
import { realPath } from "../errors/source-place.ts";
import { type Interrupt, onInterrupt } from "../interrupt.ts";
import type { Arguments } from "../parse-arguments.ts";
import type { Terminal } from "../terminal.ts";

/** `yayts dev` */
export const dev: Command = async (args, terminal) => {
  const [given = ""] = args.words;
  const file = realPath(checkAppFile(given));
  const config = readEngineConfig(args.text("config"));
  const target = args.text("call") ?? "";
  const press = checkKeys(args.text("press") ?? "");
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const scripted = args.has("sample") && !interactive;
  const open = {
    host: args.text("host") ?? "",
    port: args.number("port", { max: 65_535 }) ?? 0,
  };
  const wantsPort = !scripted || args.given("port") || args.given("host");
  using interrupt = onInterrupt();
  const engine = await explained(startDevEngine(terminal, config, wantsPort ? open : undefined), open);
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
  const parts: Parts = { args, terminal, engine, supervisor, interrupt, over: over.promise, target, press };
  try {
    return await (scripted ? runSample(parts) : runUntilQuit(parts, interactive));
  } finally {
    await Promise.all([supervisor.close(), engine.stop()]);
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

async function runUntilQuit(
  { args, terminal, engine, supervisor, interrupt, over, target }: Parts,
  interactive: boolean,
): Promise<number> {
  const { errStyle: style } = terminal;
  const say = (text: string): void => terminal.err(`${style.dim("·")} ${text}`);
  const quit = Promise.withResolvers<void>();
  if (engine.address)
    say(`listening at ${engine.address}; try: yayts call ${target}${yateFlag(engine.address)}`);
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
  ]);
  await phone?.close();
  return code;
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
