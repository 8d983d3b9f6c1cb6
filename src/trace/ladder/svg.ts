import { ladderGeometry } from "./geometry.ts";
import type { LadderLane, LadderModel, LadderTone } from "./ladder-item.ts";
import { fitZoom, type LadderZoom, layoutLadder } from "./ladder-layout.ts";
import { paintLadder } from "./paint.ts";
import { headPx, paintHead } from "./paint-head.ts";
import type { SoundPeaks } from "./paint-sound.ts";
import { lightPalette } from "./palette.ts";
import { type Shape, textWidth } from "./shape.ts";

/** What a picture says besides the call itself. */
export interface SvgOptions {
  /** Who called whom. */
  readonly title: string;
  /** When, and how it ended. */
  readonly subtitle: string;
  /** In pixels; 1100 unless told. */
  readonly width?: number | undefined;
  readonly zoom?: LadderZoom | undefined;
  /** Quiet items have rows of their own. */
  readonly all?: boolean | undefined;
  readonly notices?: Partial<Record<LadderLane, string>> | undefined;
  readonly sound?: SoundPeaks | undefined;
}

const titlePx = 64;
const legendPx = 30;
/** Pictures that are higher than this open in no viewer. */
const mostPx = 30_000;

const legend: readonly (readonly [tone: LadderTone, text: string])[] = [
  ["wire", "SIP, RTP"],
  ["message", "handled message"],
  ["dim", "not handled"],
  ["app", "operation"],
  ["key", "key"],
  ["good", "good sound"],
  ["warn", "worse, or sent again"],
  ["bad", "bad, failed"],
];

/** The whole ladder as a file of its own: SVG 1.1, light, without anything from elsewhere. What would be too high is put together. */
export function ladderSvg(model: LadderModel, options: SvgOptions): string {
  const { width = 1100, sound, notices, all } = options;
  const zoom = options.zoom ?? { pxPerMs: 0.02, groupMs: 0 };
  const asked = layoutLadder(model, { ...zoom, all });
  const layout = asked.height <= mostPx ? asked : layoutLadder(model, fitZoom(model, mostPx));
  const geometry = ladderGeometry(model, { width: width - 20, sound: sound !== undefined });
  const colours = lightPalette;
  const bodyHeight = Math.max(layout.height, notices ? 120 : 40);
  const height = Math.ceil(titlePx + headPx + bodyHeight + legendPx);
  const body = paintLadder(layout, geometry, { top: 0, bottom: bodyHeight, colours, notices, sound });
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace">`,
    `<title>${xmlText(options.title)}</title>`,
    `<desc>${xmlText(options.subtitle)}</desc>`,
    `<rect width="100%" height="100%" fill="${colours.bg}"/>`,
    text({ is: "text", x: 16, y: 28, text: options.title, fill: colours.text, size: 16, bold: true }),
    text({ is: "text", x: 16, y: 48, text: options.subtitle, fill: colours.dim, size: 11.5 }),
    `<g transform="translate(10 ${titlePx})">`,
    ...paintHead(model, geometry, colours).map(shapeToSvg),
    `</g><g transform="translate(10 ${titlePx + headPx})">`,
    ...body.map(shapeToSvg),
    "</g>",
    `<g transform="translate(16 ${height - legendPx + 8})">`,
    ...paintLegend().map(shapeToSvg),
    "</g></svg>",
  ];
  return parts.join("\n");
}

function paintLegend(): readonly Shape[] {
  const shapes: Shape[] = [];
  let x = 0;
  for (const [tone, words] of legend) {
    shapes.push({ is: "rect", x, y: 2, w: 9, h: 9, fill: lightPalette[tone], round: 2 });
    shapes.push({ is: "text", x: x + 13, y: 10, text: words, fill: lightPalette.dim, size: 10 });
    x += 13 + textWidth(words, 10) + 14;
  }
  return shapes;
}

/** One shape as an element. */
export function shapeToSvg(shape: Shape): string {
  switch (shape.is) {
    case "rect":
      return `<rect x="${n(shape.x)}" y="${n(shape.y)}" width="${n(shape.w)}" height="${n(shape.h)}" fill="${shape.fill}"${shape.round ? ` rx="${n(shape.round)}"` : ""}${faint(shape.alpha)}/>`;
    case "line":
      return `<line x1="${n(shape.x1)}" y1="${n(shape.y1)}" x2="${n(shape.x2)}" y2="${n(shape.y2)}" stroke="${shape.stroke}" stroke-width="${shape.width ?? 1}"${shape.dash ? ` stroke-dasharray="${shape.dash.join(" ")}"` : ""}${faint(shape.alpha)}/>`;
    case "text":
      return text(shape);
    case "poly":
      return `<polygon points="${shape.points.map(n).join(" ")}" fill="${shape.fill}"/>`;
  }
}

function text({ x, y, text: words, fill, size, bold, anchor }: Extract<Shape, { is: "text" }>): string {
  const more = `${bold ? ' font-weight="600"' : ""}${anchor && anchor !== "start" ? ` text-anchor="${anchor}"` : ""}`;
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${fill}"${more} xml:space="preserve">${xmlText(words)}</text>`;
}

function faint(alpha: number | undefined): string {
  return alpha === undefined ? "" : ` opacity="${alpha}"`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** XML has no way to write most control characters, not even escaped. */
function xmlText(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\u{fffd}");
}
