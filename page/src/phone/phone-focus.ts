import { goTo } from "../route.ts";

/** Brings the phone into view and puts the focus where keys go into the call, or into the field for a number. */
export function focusPhone(): void {
  if (matchMedia("(max-width: 719px)").matches) goTo("phone");
  requestAnimationFrame(() => {
    const keypad = document.querySelector<HTMLElement>(".phone .keypad[data-live] button");
    (keypad ?? document.querySelector<HTMLElement>(".phone .dial input"))?.focus();
  });
}

/** Puts the focus into the field for a number. */
export function focusDial(): void {
  if (matchMedia("(max-width: 719px)").matches) goTo("phone");
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".phone .dial input")?.focus());
}
