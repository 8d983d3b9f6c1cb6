import type { LadderTone } from "./ladder-item.ts";

/** Colours of a ladder, as CSS colours. */
export type Palette = Readonly<
  Record<LadderTone | "bg" | "surface" | "line" | "text" | "select" | "said" | "heard", string>
>;

/** For files, which are looked at on paper and in other people's documents. The values of the page's light theme. */
export const lightPalette: Palette = {
  bg: "#ffffff",
  surface: "#f2f4f5",
  line: "#dfe4e5",
  text: "#182022",
  dim: "#5a686c",
  wire: "#2864c7",
  message: "#7a4fc0",
  app: "#0a7d6c",
  key: "#b35900",
  good: "#1a7f37",
  warn: "#9a6200",
  bad: "#c0282d",
  select: "#0969da",
  said: "#2864c7",
  heard: "#0a7d6c",
};
