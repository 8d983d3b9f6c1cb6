/** Which of the two channels of stereo sound is listened to; `mixed` is both together. */
export type StereoPart = "left" | "right" | "mixed";

/** What a detector listens for: `tone/<spec>` (spec/media.md §8). */
export interface DetectorSpec {
  /** Undefined: the sound is mono, or made so. */
  readonly stereo: StereoPart | undefined;
  /** Keys are told. */
  readonly dtmf: boolean;
  /** Keys are taken for caller and called: `*caller*called*`. */
  readonly callSetup: boolean;
  /** Frequency of a fax that calls (1100 Hz) or answers (2100 Hz). */
  readonly faxHz: number | undefined;
  /** Frequency of a continuity test. */
  readonly continuityHz: number | undefined;
}

/**
 * Reads what follows `tone/`.
 * @param unknown told each word that is none of those known; it counts for nothing
 */
export function readDetectorSpec(text: string, unknown: (word: string) => void): DetectorSpec {
  const [, prefix, rest = ""] = /^(?:(mono|left|right|mixed)\/)?(.*)$/s.exec(text) ?? [];
  const stereo = prefix === "left" || prefix === "right" || prefix === "mixed" ? prefix : undefined;
  if (rest === "" || rest === "*")
    return { stereo, dtmf: true, callSetup: false, faxHz: 1100, continuityHz: undefined };
  const words = rest.split(",").filter((word) => word !== "");
  const known = ["dtmf", "callsetup", "fax", "rfax", "cotv", "cots"];
  for (const word of words) if (!known.includes(word)) unknown(word);
  const has = (word: string): boolean => words.includes(word);
  return {
    stereo,
    dtmf: has("dtmf"),
    callSetup: has("callsetup"),
    faxHz: has("rfax") ? 2100 : has("fax") ? 1100 : undefined,
    continuityHz: has("cots") ? 1780 : has("cotv") ? 2010 : undefined,
  };
}
