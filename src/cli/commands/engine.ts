import { silentLogger } from "../../base/index.ts";
import type { ListenerOptions } from "../../engine/index.ts";
import { createEngine } from "../../modules/index.ts";
import { formatHostPort } from "../../sip/index.ts";
import type { Command } from "../command-line.ts";
import { readEngineConfig } from "../engine-config.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLog } from "../log.ts";
import type { Arguments } from "../parse-arguments.ts";
import { guideLines, transportsAt } from "../phones/phone-guide.ts";
import { prepareSipPhones, type SipWish } from "../phones/sip-phones.ts";
import { UsageError } from "../usage-error.ts";
import { keepRecords } from "./records-writer.ts";

/** `yayts engine` */
export const engine: Command = async (args, terminal) => {
  const sip = await prepareSipPhones(args, readEngineConfig(args.text("config")), sipWish(args));
  const { config, place, phones } = sip;
  const wanted = listenersOf(args);
  const configured = config.extmodule?.sections.some(({ name }) => name.startsWith("listener "));
  const listeners: ListenerOptions[] =
    wanted.length > 0 || configured
      ? wanted
      : [{ name: "global", addr: "127.0.0.1", port: 5039, role: "global" }];
  using interrupt = onInterrupt();
  const running = await createEngine({
    config,
    extmodule: { listeners },
    log: args.has("quiet") ? silentLogger : createLog(terminal, "engine"),
  });
  const file = args.text("records");
  const records = file === undefined ? undefined : keepRecords(running.yate, file, terminal);
  const places = [...running.addresses].map(([name, address]) =>
    address.startsWith(`${name}:`) ? address : `${name} ${address}`,
  );
  if (place) places.push(`sip:${formatHostPort(place.host, place.port)}`);
  terminal.out(`yayts engine ready: ${places.join(", ") || "no listener"}`);
  if (place && !args.has("quiet")) {
    const { errStyle: style } = terminal;
    const transports = transportsAt(place, running.sip.values());
    const opening = "--sip 0.0.0.0:5060";
    const guide = { place, phones, target: undefined, style, secrets: false, transports, opening };
    for (const line of guideLines(guide)) terminal.err(`${style.dim("·")} ${line}`);
  }
  await interrupt.asked;
  await running.stop();
  await records;
  return 0;
};

function sipWish(args: Arguments): SipWish {
  const given = args.text("sip");
  if (given !== undefined) {
    const { addr, port } = hostPort(given, "sip");
    return { host: addr, port, asked: "--sip" };
  }
  return { host: args.given("phone") ? "127.0.0.1" : undefined, port: undefined, asked: undefined };
}

function listenersOf(args: Arguments): ListenerOptions[] {
  const numbered = (name: string, at: number): string => (at === 0 ? name : `${name}${at + 1}`);
  return [
    ...args.texts("global").map((text, at) => ({
      name: numbered("global", at),
      ...hostPort(text, "global"),
      role: "global" as const,
    })),
    ...args.texts("any").map((text, at) => ({ name: numbered("any", at), ...hostPort(text, "any") })),
    ...args.texts("unix").map((path, at) => ({
      name: numbered("unix", at),
      type: "unix" as const,
      path,
      role: "global" as const,
    })),
  ];
}

/** `HOST:PORT`, `[IPV6]:PORT` or `PORT`. */
function hostPort(text: string, option: string): { addr: string; port: number } {
  const [, bracketed, host, digits] = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (!(port <= 65_535))
    throw new UsageError(`--${option} must be HOST:PORT, not ${text}`, `as in --${option} 127.0.0.1:5039`);
  return { addr: bracketed ?? (host || "127.0.0.1"), port };
}
