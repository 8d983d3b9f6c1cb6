/** What a picture is made of; the same for the screen and for a file. Colours are CSS colours, lengths pixels. */
export type Shape =
  | {
      readonly is: "rect";
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
      readonly fill: string;
      readonly round?: number;
      readonly alpha?: number;
    }
  | {
      readonly is: "line";
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly stroke: string;
      readonly width?: number;
      readonly dash?: readonly number[];
      readonly alpha?: number;
    }
  | {
      readonly is: "text";
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      readonly text: string;
      readonly fill: string;
      readonly size: number;
      readonly bold?: boolean;
      readonly anchor?: "start" | "middle" | "end";
    }
  | { readonly is: "poly"; readonly points: readonly number[]; readonly fill: string };

/** All labels are in a font whose characters are alike wide, so that their width is known without measuring. */
export const charWidth = 0.602;

export function textWidth(text: string, size: number): number {
  return text.length * size * charWidth;
}

/** As much of a text as fits, with an ellipsis in place of the rest; "" when next to nothing does. */
export function elide(text: string, size: number, width: number): string {
  const fits = Math.floor(width / (size * charWidth));
  if (text.length <= fits) return text;
  return fits < 3 ? "" : `${text.slice(0, fits - 1)}…`;
}

/** The same from its other end: addresses of one network differ in their last digits. */
export function elideStart(text: string, size: number, width: number): string {
  const fits = Math.floor(width / (size * charWidth));
  if (text.length <= fits) return text;
  return fits < 3 ? "" : `…${text.slice(text.length - fits + 1)}`;
}
