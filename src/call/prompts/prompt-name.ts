import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Endings that a prompt may have, the one that wins first: what needs the least loss of quality, then what has it all in
 * a header, then what needs a decoder.
 */
export const promptEndings: readonly string[] = [
  ".wav",
  ".au",
  ".slin",
  ".alaw",
  ".mulaw",
  ".gsm",
  ".mp3",
  ".ogg",
  ".opus",
];

/** A name as it was read: a path that the program wrote out, or parts to look for in the folders, or neither. */
export type ParsedName =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "parts"; readonly parts: readonly string[]; readonly language: string | undefined }
  | { readonly kind: "refused"; readonly reason: string };

/** Keys that no file can be called after: npm packs no `*`, Windows holds none, and `#` ends the path of a URL. */
const fileOfKey: ReadonlyMap<string, string> = new Map([
  ["*", "star"],
  ["#", "pound"],
]);

const longestName = 1024;

/**
 * Reads a name. Only what begins with `/`, `./` or `file:` is a path; everything else stays inside the folders, whatever
 * a caller's data put into it. `pl:digits/5` names its language.
 */
export function parsePromptName(name: string): ParsedName {
  if (name === "") return { kind: "refused", reason: "it is empty" };
  if (name.length > longestName) return { kind: "refused", reason: `it is longer than ${longestName}` };
  if (name.includes("\0")) return { kind: "refused", reason: "it has a NUL in it" };
  if (name.startsWith("file:")) {
    try {
      return { kind: "path", path: fileURLToPath(name) };
    } catch (error) {
      return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
    }
  }
  if (name.startsWith("./") || isAbsolute(name)) return { kind: "path", path: name };
  const [, language, rest = name] = /^([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*):(.*)$/s.exec(name) ?? [];
  const parts = rest.split("/");
  if (parts.includes("..")) {
    return { kind: "refused", reason: "a name cannot lead out of its folder; a path begins with / or ./" };
  }
  if (parts.some((part) => part === "" || part === "." || part.includes("\\"))) {
    return { kind: "refused", reason: "it has a part that is empty, a dot or has a backslash" };
  }
  const last = parts.pop() ?? "";
  return { kind: "parts", parts: [...parts, fileOfKey.get(last) ?? last], language };
}

/** Whether a file's name ends as those of sounds do. */
export function hasPromptEnding(fileName: string): boolean {
  return promptEndings.some((ending) => fileName.length > ending.length && fileName.endsWith(ending));
}

/** Where a prompt may be in a folder. */
export interface PromptPlace {
  /** Folder of the file, relative to the folder of prompts. */
  readonly folder: string;
  /** File name, maybe without its ending. */
  readonly base: string;
  readonly language: string | undefined;
}

/**
 * The places of a name in a folder for one language: a tree of its own (`pl/digits/5`), the language before the last
 * part (`digits/pl/5`).
 */
export function placesInLanguage(parts: readonly string[], language: string): PromptPlace[] {
  const folders = parts.slice(0, -1);
  const base = parts.at(-1) ?? "";
  const tree = { folder: join(language, ...folders), base, language };
  return folders.length === 0 ? [tree] : [tree, { folder: join(...folders, language), base, language }];
}

/** The place of a name without a language. */
export function placeWithoutLanguage(parts: readonly string[]): PromptPlace {
  return { folder: join(".", ...parts.slice(0, -1)), base: parts.at(-1) ?? "", language: undefined };
}

const languageTag = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/;

/** Whether a text is a language tag, and thereby the name of a folder and nothing else. */
export function isLanguageTag(tag: string): boolean {
  return languageTag.test(tag);
}

/** The tags to try for some languages: each as it is, then without its last subtag, `pl-PL` then `pl`. No tag twice. */
export function languageChain(...tags: readonly string[]): string[] {
  const chain = new Set<string>();
  for (const tag of tags) {
    const subtags = tag.split("-");
    for (let length = subtags.length; length > 0; length--) chain.add(subtags.slice(0, length).join("-"));
  }
  return [...chain];
}
