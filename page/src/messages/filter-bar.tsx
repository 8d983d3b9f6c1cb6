import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { hello } from "../console.ts";
import { Icon } from "../parts/icon.tsx";
import { CompleteInput } from "./complete-input.tsx";
import { filterCompletion, seenIn, toggleWord, wordsOf } from "./filter-words.ts";
import { filterText, latestRows, parsedFilter } from "./message-store.ts";

/** Filters that are wanted often, each a word that is put in or taken out. */
const chips: readonly { readonly word: string; readonly text: string; readonly about: string }[] = [
  { word: "-engine.timer", text: "no timer", about: "hides engine.timer, which comes each second" },
  { word: "call.*", text: "calls", about: "only call.route, call.execute, …" },
  { word: "chan.dtmf", text: "keys", about: "only keys that were pressed" },
  { word: "-user.*", text: "no registrations", about: "hides user.auth, user.register, …" },
  { word: "handled:false", text: "nobody took", about: "only what nobody handled" },
  { word: "failed:true", text: "failed", about: "only where a handler threw or gave no answer in time" },
  { word: "took>50", text: "slow", about: "only what took more than 50 ms" },
];

/** The box for the filter, what is wrong with it, and the frequent ones. */
export function FilterBar(): VNode {
  const input = useRef<HTMLInputElement>(null);
  const text = filterText.value;
  const parsed = parsedFilter.value;
  const words = wordsOf(text);
  const put = (value: string): void => {
    filterText.value = value;
  };
  return (
    <div class="filter-bar">
      <div class="filter-box">
        <Icon name="filter" />
        <CompleteInput
          label="filter"
          value={text}
          onInput={put}
          inputRef={input}
          isSearch
          placeholder="chan.dtmf id=sip/1 -engine.timer …"
          invalid={!parsed.ok}
          describedBy={parsed.ok ? undefined : "filter-problem"}
          complete={(typed, cursor) =>
            filterCompletion(
              typed,
              cursor,
              seenIn(latestRows()),
              (hello.value?.catalogue ?? []).map(({ name, about }) => ({ value: name, about })),
            )
          }
        />
        {text !== "" && (
          <button
            type="button"
            class="button plain icon small"
            aria-label="no filter"
            onClick={() => {
              put("");
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <fieldset class="chips" aria-label="frequent filters">
        {chips.map(({ word, text: label, about }) => (
          <button
            key={word}
            type="button"
            class="button small"
            aria-pressed={words.includes(word)}
            title={`${word}: ${about}`}
            onClick={() => put(toggleWord(filterText.value, word))}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {!parsed.ok && (
        <p id="filter-problem" class="filter-problem" role="alert">
          <code>
            {text.slice(0, parsed.position)}
            <mark>{text.slice(parsed.position) || " "}</mark>
          </code>
          {parsed.text}
        </p>
      )}
    </div>
  );
}
