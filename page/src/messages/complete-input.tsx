import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { classNames } from "../parts/class-names.ts";
import type { Completion } from "./filter-words.ts";

/** A field of text with a list of what may be meant: arrows, Enter or Tab choose, Escape closes it; anything else may be typed. */
export function CompleteInput(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** What fits the text at the cursor. */
  readonly complete: (text: string, cursor: number) => Completion;
  /** Enter with nothing chosen in the list. */
  readonly onEnter?: () => void;
  readonly placeholder?: string;
  readonly invalid?: boolean;
  readonly describedBy?: string | undefined;
  readonly class?: string;
  /** The key `/` leads here. */
  readonly isSearch?: boolean;
  readonly inputRef?: { current: HTMLInputElement | null };
}): VNode {
  const { label, value, onInput, complete, onEnter } = props;
  const id = useId();
  const own = useRef<HTMLInputElement>(null);
  const input = props.inputRef ?? own;
  const list = useRef<HTMLDivElement>(null);
  const completion = useSignal<Completion | undefined>(undefined);
  const at = useSignal(-1);

  const show = (): void => {
    const element = input.current;
    if (!element) return;
    const found = complete(element.value, element.selectionStart ?? element.value.length);
    // Just what is typed already is no help.
    const typed = element.value.slice(found.from, found.to);
    const useful = found.choices.length > 1 || (found.choices[0] && found.choices[0].value !== typed);
    completion.value = useful ? found : undefined;
    at.value = -1;
  };
  const hide = (): void => {
    completion.value = undefined;
    at.value = -1;
  };
  const take = (index: number): void => {
    const found = completion.value;
    const choice = found?.choices[index];
    const element = input.current;
    if (!found || !choice || !element) return;
    const text = element.value.slice(0, found.from) + choice.value + element.value.slice(found.to);
    onInput(text);
    hide();
    // The cursor behind what was put in, once the field has its new text; after `id=` the values are next.
    requestAnimationFrame(() => {
      const end = found.from + choice.value.length;
      element.focus();
      element.setSelectionRange(end, end);
      if (/[:=]$/.test(choice.value)) show();
    });
  };
  const press = (event: KeyboardEvent): void => {
    const count = completion.value?.choices.length ?? 0;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        event.preventDefault();
        if (count === 0) {
          show();
          return;
        }
        at.value =
          event.key === "ArrowDown" ? (at.value + 1) % count : at.value <= 0 ? count - 1 : at.value - 1;
        list.current?.children[at.value]?.scrollIntoView({ block: "nearest" });
        return;
      case "Enter":
        if (at.value >= 0) {
          event.preventDefault();
          take(at.value);
        } else {
          hide();
          onEnter?.();
        }
        return;
      case "Tab":
        if (at.value >= 0) {
          event.preventDefault();
          take(at.value);
        }
        return;
      case "Escape":
        if (count === 0) return;
        // Not for the dialog in which the field is.
        event.preventDefault();
        event.stopPropagation();
        hide();
        return;
      default:
        return;
    }
  };

  // In the top layer, because a dialog or a scrolling box would cut it.
  const open = completion.value !== undefined;
  useLayoutEffect(() => {
    const box = list.current;
    const field = input.current?.getBoundingClientRect();
    if (!box || !field || !open) return;
    box.showPopover();
    const below = innerHeight - field.bottom - 12;
    const above = field.top - 12;
    const up = below < 160 && above > below;
    box.style.maxHeight = `${Math.min(300, up ? above : below)}px`;
    box.style.minWidth = `${Math.min(field.width, 320)}px`;
    box.style.left = `${Math.max(6, Math.min(field.left, innerWidth - Math.max(box.offsetWidth, 240) - 6))}px`;
    box.style.top = up ? "auto" : `${field.bottom + 3}px`;
    box.style.bottom = up ? `${innerHeight - field.top + 3}px` : "auto";
  }, [open, completion.value]);

  return (
    <>
      <input
        ref={input}
        class={classNames("input mono", props.class)}
        type="text"
        role="combobox"
        data-search={props.isSearch}
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-activedescendant={at.value >= 0 ? `${id}-${at.value}` : undefined}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.describedBy}
        placeholder={props.placeholder}
        value={value}
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck={false}
        onInput={(event) => {
          onInput(event.currentTarget.value);
          show();
        }}
        onKeyDown={press}
        onClick={show}
        onBlur={hide}
      />
      {open && (
        <div
          ref={list}
          id={`${id}-list`}
          class="choices"
          role="listbox"
          aria-label={`${label}: choices`}
          popover="manual"
        >
          {completion.value?.choices.map(({ value: text, about }, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus, and names the choice
            <div
              key={text}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at.value}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <code>{text}</code>
              {about && <span class="dim cut">{about}</span>}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
