import { effect, type Signal } from "@preact/signals";
import { stored } from "./stored.ts";

export type Theme = "auto" | "light" | "dark";

export const themes: readonly Theme[] = ["auto", "light", "dark"];

/** Light, dark, or as the system has it. */
export const theme: Signal<Theme> = stored<Theme>("theme", "auto", (found): found is Theme =>
  themes.includes(found as Theme),
);

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === "auto") delete dataset.theme;
  else dataset.theme = theme.value;
});

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "auto";
}
