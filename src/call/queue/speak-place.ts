import { YaytsError } from "../../base/index.ts";
import { speakNumber } from "../prompts/index.ts";
import type { Playable } from "../sound/playable.ts";
import type { PlaceInLine } from "./queue-options.ts";

/** "You are number three in line"; in a language without spoken numbers only "please hold". */
export function speakPlace({ position, language }: PlaceInLine): Playable {
  if (position === 1) return "queue/next-in-line";
  try {
    return ["queue/you-are-number", ...speakNumber(position, { language }), "queue/in-line"];
  } catch (error) {
    if (error instanceof YaytsError) return "hold-please";
    throw error;
  }
}
