import { YaytsError } from "../../base/index.ts";
import { speakNumber } from "../prompts/index.ts";
import type { Playable } from "../sound/playable.ts";
import type { PlaceInLine } from "./queue-options.ts";

/** "Your position in line is three"; in a language without spoken numbers only "please hold". */
export function speakPlace({ position, language }: PlaceInLine): Playable {
  try {
    return ["queue/position", ...speakNumber(position, { language })];
  } catch (error) {
    if (error instanceof YaytsError) return "hold-please";
    throw error;
  }
}
