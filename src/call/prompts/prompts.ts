import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nearestName, realClock, YaytsError } from "../../base/index.ts";
import { createFolderLister } from "./folder-listing.ts";
import {
  hasPromptEnding,
  isLanguageTag,
  languageChain,
  type PromptPlace,
  parsePromptName,
  placesInLanguage,
  placeWithoutLanguage,
  promptEndings,
} from "./prompt-name.ts";
import { promptNames } from "./prompt-names.ts";
import type {
  PromptMissing,
  PromptOutcome,
  PromptRefused,
  Prompts,
  PromptsOptions,
} from "./prompt-outcome.ts";

/** The prompts that come with the package. */
const packageFolder = fileURLToPath(new URL("../../../sounds", import.meta.url));

function refused(name: string, reason: string): PromptRefused {
  return { kind: "refused", name, text: `${JSON.stringify(name)} is no name of a prompt: ${reason}` };
}

function missing(name: string, lookedAt: readonly string[], nearest: string | undefined): PromptMissing {
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  const text = `there is no prompt ${JSON.stringify(name)}${hint}; looked at ${lookedAt.join(", ")}`;
  return { kind: "missing", name, lookedAt, nearest, text };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds sound files by name: `digits/5` in Polish is `digits/pl/5.gsm` or `pl/digits/5.wav` in the first folder that has
 * one, else `digits/5.*` there, else the same of the next folder, else the whole again in the fallback language. A name
 * with an ending (`welcome.mp3`) finds that file only; `en:welcome` and `en/welcome` name their language themselves. A name that begins with
 * `/` or `./`, or is a `file:` URL, is a path. The keys `*` and `#` are the files `star` and `pound`.
 * @throws YaytsError `bad-argument` for a language that is no tag
 */
export function createPrompts(options: PromptsOptions = {}): Prompts {
  const { language = "en", clock = realClock, rescanMs = 1000, packageSounds = true } = options;
  if (!isLanguageTag(language)) {
    throw new YaytsError("bad-argument", `language ${JSON.stringify(language)}: a tag such as en or pl-PL`);
  }
  const folders = [
    ...(options.folders ?? []).map((folder) => resolve(folder)),
    ...(packageSounds ? [packageFolder] : []),
  ];
  const lister = createFolderLister(clock, rescanMs);

  /** The file of a place, if there is one. */
  const look = async (folder: string, { base }: PromptPlace): Promise<string | undefined> => {
    const { files } = await lister.list(folder);
    const names = hasPromptEnding(base) ? [base] : promptEndings.map((ending) => base + ending);
    const file = names.find((one) => files.has(one));
    return file === undefined ? undefined : join(folder, file);
  };

  const atPath = async (name: string, path: string): Promise<PromptOutcome> => {
    const whole = resolve(options.baseFolder ?? ".", path);
    const lookedAt = [
      whole,
      ...(hasPromptEnding(whole) ? [] : promptEndings.map((ending) => whole + ending)),
    ];
    for (const one of lookedAt) {
      if (await isFile(one)) return { kind: "found", name, path: one, language: undefined };
    }
    return missing(name, [whole], undefined);
  };

  const inFolders = async (
    name: string,
    parts: readonly string[],
    wanted: string,
  ): Promise<PromptOutcome> => {
    const lookedAt: string[] = [];
    const languages = languageChain(wanted, language);
    for (const [round, tag] of languages.entries()) {
      for (const folder of folders) {
        const places = placesInLanguage(parts, tag);
        // A sound of no language comes before those of the language to fall back to.
        if (round === 0) places.push(placeWithoutLanguage(parts));
        for (const place of places) {
          const within = join(folder, place.folder);
          const path = await look(within, place);
          if (path !== undefined) return { kind: "found", name, path, language: place.language };
          lookedAt.push(join(within, place.base));
        }
      }
    }
    const names = await promptNames(lister, folders, languages);
    return missing(name, lookedAt, nearestName(parts.join("/"), names));
  };

  return {
    language,
    folders,
    async resolve(name, { language: wanted = language } = {}) {
      if (!isLanguageTag(wanted)) return refused(name, `its language ${JSON.stringify(wanted)} is no tag`);
      const parsed = parsePromptName(name);
      switch (parsed.kind) {
        case "refused":
          return refused(name, parsed.reason);
        case "path":
          return atPath(name, parsed.path);
        case "parts":
          return inFolders(name, parsed.parts, parsed.language ?? wanted);
      }
    },
  };
}
