import type { ConfigFile, ConfigSection, EngineConfig } from "../../modules/index.ts";
import { UsageError } from "../usage-error.ts";
import type { Phone } from "./phone-list.ts";
import type { SipPlace } from "./sip-place.ts";

type Values = Readonly<Record<string, string>>;

/** The configuration with the phones as users of regfile. @throws UsageError for one that regfile.conf has already */
export function withPhones(config: EngineConfig, phones: readonly Phone[]): EngineConfig {
  if (phones.length === 0) return config;
  for (const { number } of phones) {
    if (config.regfile?.section(number))
      throw new UsageError(
        `--phone ${number}: regfile.conf has a user ${number} already`,
        "take another number, or leave out the option",
      );
  }
  const users = Object.fromEntries(phones.map(({ number, password }) => [number, { password }]));
  return { ...config, regfile: withSections(config.regfile, users) };
}

/** The configuration with SIP at that place. The sound goes out where SIP does. */
export function withSip(config: EngineConfig, { host, port }: SipPlace): EngineConfig {
  const at = { addr: host, port: String(port) };
  const everywhere = host === "0.0.0.0" || host === "::";
  const localIp = config.yrtpchan?.section("general")?.get("localip");
  return {
    ...config,
    ysipchan: withSections(config.ysipchan, {
      general: { type: "udp", ...at },
      "listener tcp": { type: "tcp", ...at },
    }),
    ...(everywhere || localIp
      ? {}
      : { yrtpchan: withSections(config.yrtpchan, { general: { localip: host } }) }),
  };
}

/**
 * The configuration with sound that waits 80 ms before it is played, where people would want less: no word is broken when
 * a machine is busy for a moment, ours or the other one.
 */
export function withPatientSound(config: EngineConfig): EngineConfig {
  return { ...config, yrtpchan: withSections(config.yrtpchan, { general: { minjitter: "80" } }) };
}

/** The file with more sections; one that is there gets the values added. */
function withSections(file: ConfigFile | undefined, added: Readonly<Record<string, Values>>): ConfigFile {
  const sections = [...(file?.sections ?? [])];
  for (const [name, values] of Object.entries(added)) {
    const at = sections.findIndex((section) => section.name === name);
    const made = sectionOf(name, sections[at], values);
    if (at < 0) sections.push(made);
    else sections[at] = made;
  }
  return { sections, section: (name) => sections.find((section) => section.name === name) };
}

function sectionOf(name: string, before: ConfigSection | undefined, values: Values): ConfigSection {
  const entries = [
    ...(before?.entries ?? []),
    ...Object.entries(values).map(([key, value]) => ({ key, value, line: 0 })),
  ];
  return { name, entries, get: (key) => entries.findLast((entry) => entry.key === key)?.value };
}
