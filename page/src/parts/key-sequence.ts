/** What a pressed key means for the page's shortcuts, which are one key (`/`) or two in a row (`g c`). */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** After a first key the second one must come within this time. */
export const secondKeyMs = 1200;

export interface KeySequence {
  /**
   * Takes a key; gives the shortcut that it completes.
   * @param known tells whether there is such a shortcut, or one that begins so
   */
  press(
    press: KeyPress,
    atMs: number,
    known: (keys: string) => "whole" | "begin" | "none",
  ): string | undefined;
}

export function createKeySequence(): KeySequence {
  let first = "";
  let firstMs = 0;
  return {
    press({ key, ctrlKey, metaKey, altKey }, atMs, known) {
      const before = first && atMs - firstMs <= secondKeyMs ? first : "";
      if (ctrlKey || metaKey || altKey || key.length !== 1) {
        // Shift comes as a key of its own before the `?` that it makes.
        if (key !== "Shift") first = "";
        return undefined;
      }
      first = "";
      for (const keys of before ? [`${before} ${key}`, key] : [key]) {
        const is = known(keys);
        if (is === "whole") return keys;
        if (is === "begin") {
          first = keys;
          firstMs = atMs;
          return undefined;
        }
      }
      return undefined;
    },
  };
}
