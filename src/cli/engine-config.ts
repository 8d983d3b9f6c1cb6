import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { YaytsError } from "../base/index.ts";
import { type ConfigFile, type ConfigSection, type EngineConfig, parseConfig } from "../modules/index.ts";

/** Names that a single file may have to be that one of YATE's files. */
const knownFiles = new Set([
  "yate",
  "extmodule",
  "regexroute",
  "wavefile",
  "tonegen",
  "conference",
  "dumbchan",
  "pbx",
  "callfork",
  "queues",
  "cdrbuild",
  "moh",
  "tonedetect",
  "regfile",
  "accfile",
  "ysipchan",
  "yrtpchan",
  "openssl",
]);

/** The number plan of an engine that has no other. */
const defaultNumberPlan = "[default]\n^99991001$=tone/dial\n";

/**
 * Reads the engine's configuration: all `*.conf` of a folder; one of YATE's files by its own name; or one file whose
 * sections are headed `[file:section]`. Without a regexroute configuration the number plan is 99991001 to `tone/dial`.
 * @throws YaytsError `config-invalid`
 */
export function readEngineConfig(path: string | undefined): EngineConfig {
  const config = path === undefined ? {} : readConfigAt(path);
  return config.regexroute
    ? config
    : { ...config, regexroute: parseConfig(defaultNumberPlan, "number plan") };
}

function readConfigAt(path: string): Record<string, ConfigFile> {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (!kind)
    throw new YaytsError("config-invalid", `${path} does not exist; --config takes a file or a folder`);
  if (!kind.isDirectory()) return readOneFile(path);
  const files = readdirSync(path).filter((file) => file.endsWith(".conf"));
  if (files.length === 0)
    throw new YaytsError(
      "config-invalid",
      `${path} has no .conf file; it should have yate.conf, extmodule.conf or regexroute.conf`,
    );
  return Object.fromEntries(files.map((file) => [basename(file, ".conf"), readFile(join(path, file))]));
}

function readFile(path: string): ConfigFile {
  return parseConfig(readFileSync(path, "utf8"), path);
}

function readOneFile(path: string): Record<string, ConfigFile> {
  const file = readFile(path);
  const name = basename(path, ".conf");
  if (knownFiles.has(name)) return { [name]: file };
  const byFile = new Map<string, ConfigSection[]>();
  for (const section of file.sections) {
    const [, to, own] = /^([\w-]+):(.*)$/.exec(section.name) ?? [];
    if (to === undefined || own === undefined)
      throw new YaytsError(
        "config-invalid",
        `${path}: the section [${section.name}] does not say whose it is; write [file:section], as in [regexroute:default]`,
      );
    byFile.set(to, [...(byFile.get(to) ?? []), { ...section, name: own.trim() }]);
  }
  return Object.fromEntries([...byFile].map(([to, sections]) => [to, configFile(sections)]));
}

function configFile(sections: readonly ConfigSection[]): ConfigFile {
  return { sections, section: (name) => sections.find((section) => section.name === name) };
}
