import { type Signal, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { createKeySequence } from "./key-sequence.ts";

export interface Shortcut {
  /** One key, or two with a space between: `/`, `g c`. */
  readonly keys: string;
  /** What it does, in a few words for the sheet. */
  readonly what: string;
  /** Under which heading of the sheet. */
  readonly group: "Go to" | "Phone" | "In a view" | "Page";
  readonly run: () => void;
}

/** Those that work now; the latest of the same keys wins. */
export const shortcuts: Signal<readonly Shortcut[]> = signal([]);

/** Adds shortcuts until the function returned is called. */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  shortcuts.value = [...shortcuts.value, ...added];
  return () => {
    shortcuts.value = shortcuts.value.filter((shortcut) => !added.includes(shortcut));
  };
}

/** Shortcuts while a component is there. `keys` and `what` of them are taken at the first time, `run` is always the latest. */
export function useShortcuts(given: readonly Shortcut[]): void {
  const latest = useRef(given);
  latest.current = given;
  useEffect(
    () =>
      addShortcuts(
        latest.current.map((shortcut, index) => ({ ...shortcut, run: () => latest.current[index]?.run() })),
      ),
    [],
  );
}

/** Whether keys pressed there are text. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button"].includes(target.type)
  );
}

const sequence = createKeySequence();

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || takesText(event.target) || document.querySelector("dialog[open]")) return;
  const all = shortcuts.value;
  const keys = sequence.press(event, event.timeStamp, (wanted) => {
    if (all.some((shortcut) => shortcut.keys === wanted)) return "whole";
    return all.some((shortcut) => shortcut.keys.startsWith(`${wanted} `)) ? "begin" : "none";
  });
  const shortcut = keys === undefined ? undefined : all.findLast((one) => one.keys === keys);
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run();
});
