import type { VNode } from "preact";
import { activeLine, pressKey, takesKeys } from "./phone-state.ts";

const keys: readonly (readonly [key: string, letters: string])[] = [
  ["1", ""],
  ["2", "abc"],
  ["3", "def"],
  ["4", "ghi"],
  ["5", "jkl"],
  ["6", "mno"],
  ["7", "pqrs"],
  ["8", "tuv"],
  ["9", "wxyz"],
  ["*", ""],
  ["0", ""],
  ["#", ""],
];
const names: Readonly<Record<string, string>> = { "*": "star", "#": "hash" };

/** Twelve keys. They sound also without a call, so that one can try; then nothing is sent. */
export function Keypad(): VNode {
  const line = activeLine.value;
  const live = takesKeys(line);
  return (
    <div class="keypad" data-live={live ? "" : undefined}>
      <fieldset aria-label="keypad">
        {keys.map(([key, letters]) => (
          <button
            key={key}
            type="button"
            aria-label={names[key]}
            onPointerDown={(event) => {
              if (event.button === 0) void pressKey(key);
            }}
            onClick={(event) => {
              // A click without a pointer is one of the keyboard or of a screen reader.
              if (event.detail === 0) void pressKey(key);
            }}
          >
            <b>{key}</b>
            <i aria-hidden="true">{letters}</i>
          </button>
        ))}
      </fieldset>
      <output class="keys-sent mono" aria-label="keys sent">
        {line?.keys || <span class="dim">{live ? "type digits: they go into the call" : ""}</span>}
      </output>
    </div>
  );
}
