import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";
import { connection, hello } from "../console.ts";
import { Icon } from "../parts/icon.tsx";
import { dial } from "./phone-state.ts";
import { recentNumbers } from "./recent-numbers.ts";
import { suggest } from "./suggest.ts";

/** Where a number is typed and called; with suggestions, of which the first is called when nothing is typed. */
export function DialField(): VNode {
  const id = useId();
  const typed = useSignal("");
  const open = useSignal(false);
  const chosen = useSignal(-1);
  const targets = hello.value?.targets ?? [];
  const suggestions = suggest(typed.value, targets, recentNumbers.value);
  const first = targets[0] ?? recentNumbers.value[0];
  // The one that the empty field names already is no news.
  const news = suggestions.length > 1 || (suggestions.length === 1 && typed.value !== "");
  const shown = open.value && news;

  const call = (number: string | undefined): void => {
    if (!number?.trim()) return;
    typed.value = "";
    open.value = false;
    chosen.value = -1;
    void dial(number);
    // So that digits typed next go into the call.
    document.querySelector<HTMLElement>(".phone")?.focus({ preventScroll: true });
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && suggestions.length > 0) {
      event.preventDefault();
      const count = suggestions.length;
      chosen.value = shown ? (chosen.value + step + count) % count : 0;
      open.value = true;
    } else if (event.key === "Escape") {
      open.value = false;
      chosen.value = -1;
    }
  };
  return (
    <form
      class="dial"
      onSubmit={(event) => {
        event.preventDefault();
        const picked = shown ? suggestions[chosen.value]?.number : undefined;
        call(picked ?? (typed.value.trim() || first));
      }}
    >
      <div class="dial-box">
        <input
          class="input"
          role="combobox"
          aria-label="number to call"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown && chosen.value >= 0 ? `${id}-${chosen.value}` : undefined}
          placeholder={first ? `Call ${first}` : "Number or address"}
          inputMode="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            open.value = true;
            chosen.value = -1;
          }}
          onClick={() => {
            open.value = true;
          }}
          onBlur={() => {
            open.value = false;
          }}
          onKeyDown={press}
        />
        {shown && (
          <div id={`${id}-list`} class="suggestions" role="listbox" aria-label="suggestions">
            {suggestions.map(({ number, from }, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
              <div
                key={number}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === chosen.value}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => call(number)}
              >
                <span class="cut">{number}</span>
                <span class="dim">{from === "app" ? "the app takes it" : "called before"}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <button
        type="submit"
        class="button primary"
        disabled={
          connection.state.value !== "open" || (!typed.value.trim() && !first) || hello.value?.viewOnly
        }
      >
        <Icon name="phone" /> Call
      </button>
    </form>
  );
}
