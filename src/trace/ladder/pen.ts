import type { Palette } from "./palette.ts";
import { charWidth, elide, type Shape, textWidth } from "./shape.ts";

export interface TextStyle {
  readonly fill: string;
  readonly bold?: boolean;
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  /** At most so wide. */
  readonly within?: number;
  /** What lies below shows not through. */
  readonly halo?: boolean;
}

/** Size of labels in pixels. */
export const labelSize = 11.5;
export const smallSize = 10.5;

/** Gathers shapes. */
export class Pen {
  readonly shapes: Shape[] = [];
  readonly colours: Palette;

  constructor(colours: Palette) {
    this.colours = colours;
  }

  rect(
    x: number,
    y: number,
    w: number,
    h: number,
    fill: string,
    more: { round?: number; alpha?: number } = {},
  ): void {
    if (w > 0 && h > 0) this.shapes.push({ is: "rect", x, y, w, h, fill, ...more });
  }

  line(
    points: readonly [x1: number, y1: number, x2: number, y2: number],
    stroke: string,
    more: { width?: number; dash?: readonly number[]; alpha?: number } = {},
  ): void {
    const [x1, y1, x2, y2] = points;
    this.shapes.push({ is: "line", x1, y1, x2, y2, stroke, ...more });
  }

  /** The head of an arrow whose point is at x, y. */
  head(x: number, y: number, to: "left" | "right", fill: string): void {
    const back = to === "right" ? -6 : 6;
    this.shapes.push({ is: "poly", points: [x, y, x + back, y - 3.5, x + back, y + 3.5], fill });
  }

  /** @returns the width that the text took */
  text(x: number, y: number, text: string, style: TextStyle): number {
    const { fill, bold = false, size = labelSize, anchor = "start", within, halo } = style;
    const shown = within === undefined ? text : elide(text, size, within);
    if (shown === "") return 0;
    const width = textWidth(shown, size);
    if (halo) {
      const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
      this.rect(left - 2, y - size + 1, width + 4, size + 2, this.colours.bg, { round: 2, alpha: 0.9 });
    }
    this.shapes.push({ is: "text", x, y, text: shown, fill, size, bold, anchor });
    return width;
  }

  /** A text in lines of at most `width`. @returns the height */
  lines(x: number, y: number, text: string, width: number, fill: string): number {
    const fits = Math.max(8, Math.floor(width / (smallSize * charWidth)));
    const lines: string[] = [];
    for (const word of text.split(" ")) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + word.length < fits) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    for (const [i, line] of lines.entries())
      this.text(x, y + i * 15, line, { fill, size: smallSize, within: width });
    return lines.length * 15;
  }

  /** A key's cap. */
  cap(x: number, y: number, text: string, fill: string): void {
    const w = Math.max(15, textWidth(text, smallSize) + 8);
    this.rect(x - w / 2, y - 7.5, w, 15, fill, { round: 4 });
    this.text(x, y + 4, text, { fill: this.colours.bg, bold: true, size: smallSize, anchor: "middle" });
  }
}
