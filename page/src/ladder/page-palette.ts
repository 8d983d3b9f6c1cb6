import { type Signal, signal } from "@preact/signals";
import { lightPalette, type Palette } from "../../../src/trace/ladder/index.ts";
import { theme } from "../parts/theme.ts";

const names: Readonly<Record<keyof Palette, string>> = {
  bg: "--surface",
  surface: "--bg",
  line: "--line",
  text: "--text",
  dim: "--dim",
  wire: "--wire",
  message: "--message",
  app: "--app",
  key: "--key",
  good: "--good",
  warn: "--warn",
  bad: "--bad",
  select: "--focus",
  said: "--wire",
  heard: "--app",
};

/** The page's colours for a canvas, which knows no variables of CSS. */
export const pagePalette: Signal<Palette> = signal(lightPalette);

function read(): void {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = Object.entries(names).map(([role, name]) => {
    // Only a real property tells which of the two of light-dark() it is.
    probe.style.color = `var(${name})`;
    return [role, getComputedStyle(probe).color];
  });
  probe.remove();
  pagePalette.value = { ...lightPalette, ...Object.fromEntries(found) };
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", read);
// The attribute on the root follows the signal; it is there before the next frame.
theme.subscribe(() => void requestAnimationFrame(read));
