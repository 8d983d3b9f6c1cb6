import { YaytsError } from "../../base/index.ts";
import type { CallKit } from "../kit.ts";
import type { SoundSource } from "../speech/index.ts";
import type { NoSound, Playable, PlayableText } from "./playable.ts";

/** One thing to play, after names were looked up. */
export type Step =
  | { readonly kind: "sound"; readonly source: SoundSource; readonly name: string }
  | { readonly kind: "tone"; readonly name: string; readonly forMs: number | undefined }
  | { readonly kind: "silence"; readonly forMs: number }
  | { readonly kind: "stream"; readonly blocks: AsyncIterable<Int16Array> }
  | { readonly kind: "samples"; readonly samples: Int16Array };

/** The steps of what is to be played, in their order. All are looked up before the first is heard. */
export async function stepsOf(kit: CallKit, what: Playable, language: string): Promise<Step[] | NoSound> {
  const steps: Step[] = [];
  for (const part of flatten(what, language)) {
    const step = await stepOf(kit, part, language);
    if (step.kind === "failed") return step;
    steps.push(step);
  }
  return steps;
}

type Part = Exclude<Playable, readonly Playable[] | { readonly kind: "value" }>;

function* flatten(what: Playable, language: string): Generator<Part> {
  if (typeof what === "string") yield what;
  else if (isList(what)) for (const part of what) yield* flatten(part, language);
  else if (what.kind === "value") yield* what.promptsIn(language);
  else yield what;
}

/** The language's own test loses the type of a read-only list. */
function isList(what: Playable): what is readonly Playable[] {
  return Array.isArray(what);
}

async function stepOf(kit: CallKit, part: Part, language: string): Promise<Step | NoSound> {
  if (typeof part === "string") {
    const found = await kit.prompts.resolve(part, { language });
    return found.kind === "found"
      ? { kind: "sound", source: found.path, name: part }
      : { kind: "failed", error: new YaytsError("no-media", found.text) };
  }
  switch (part.kind) {
    case "tone":
      return { kind: "tone", name: part.name, forMs: part.forMs };
    case "silence":
      return part;
    case "text":
      return { kind: "sound", source: speechOf(kit, part, language), name: `the text “${part.text}”` };
    case "samples":
      return part.samples instanceof Int16Array
        ? { kind: "samples", samples: part.samples }
        : { kind: "stream", blocks: part.samples };
  }
}

function speechOf(kit: CallKit, part: PlayableText, language: string): SoundSource {
  return kit.speech(part.text, { voice: part.voice, language: part.language ?? language });
}
