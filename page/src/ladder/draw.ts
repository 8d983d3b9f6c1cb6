import type { Shape } from "../../../src/trace/ladder/index.ts";

const font =
  'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", "DejaVu Sans Mono", Menlo, monospace';

/** Makes a canvas as fine as the screen. */
export function sizeCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const fine = Math.min(3, devicePixelRatio || 1);
  const [w, h] = [Math.round(width * fine), Math.round(height * fine)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d") ?? undefined;
  context?.setTransform(fine, 0, 0, fine, 0, 0);
  return context;
}

/** Draws what lies from `top` on. */
export function drawShapes(context: CanvasRenderingContext2D, shapes: readonly Shape[], top = 0): void {
  context.save();
  context.translate(0, -top);
  for (const shape of shapes) drawShape(context, shape);
  context.restore();
}

function drawShape(context: CanvasRenderingContext2D, shape: Shape): void {
  switch (shape.is) {
    case "rect":
      context.globalAlpha = shape.alpha ?? 1;
      context.fillStyle = shape.fill;
      if (shape.round) {
        context.beginPath();
        context.roundRect(
          shape.x,
          shape.y,
          shape.w,
          shape.h,
          Math.min(shape.round, shape.w / 2, shape.h / 2),
        );
        context.fill();
      } else context.fillRect(shape.x, shape.y, shape.w, shape.h);
      context.globalAlpha = 1;
      break;
    case "line":
      context.globalAlpha = shape.alpha ?? 1;
      context.strokeStyle = shape.stroke;
      context.lineWidth = shape.width ?? 1;
      context.setLineDash(shape.dash ? [...shape.dash] : []);
      context.beginPath();
      context.moveTo(shape.x1, shape.y1);
      context.lineTo(shape.x2, shape.y2);
      context.stroke();
      context.globalAlpha = 1;
      break;
    case "text":
      context.font = `${shape.bold ? 600 : 400} ${shape.size}px ${font}`;
      context.textAlign = shape.anchor === "middle" ? "center" : (shape.anchor ?? "start");
      context.fillStyle = shape.fill;
      context.fillText(shape.text, shape.x, shape.y);
      break;
    case "poly":
      context.fillStyle = shape.fill;
      context.beginPath();
      for (let i = 0; i < shape.points.length; i += 2)
        context.lineTo(shape.points[i] as number, shape.points[i + 1] as number);
      context.fill();
  }
}
