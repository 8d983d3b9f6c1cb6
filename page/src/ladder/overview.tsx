import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { offsetText, overviewTime, paintOverview } from "../../../src/trace/ladder/index.ts";
import { drawShapes, sizeCanvas } from "./draw.ts";
import type { LadderState } from "./ladder-state.ts";
import { pagePalette } from "./page-palette.ts";

const height = 60;

/** The whole call as a strip, to scrub in. */
export function Overview({ state }: { readonly state: LadderState }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef(0);
  useSignalEffect(() => {
    const { width, height: seen } = state.size.value;
    const { value: layout } = state.layout;
    const options = {
      width,
      height,
      colours: pagePalette.value,
      endMs: state.endMs.value,
      fromMs: layout.scale.timeAt(state.scrollTop.value),
      toMs: layout.scale.timeAt(state.scrollTop.value + seen),
      cursorMs: state.cursorMs.value,
      sound: state.peaks.value,
    };
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      if (!canvas.current || width === 0) return;
      const context = sizeCanvas(canvas.current, width, height);
      if (context) drawShapes(context, paintOverview(layout.model, options));
    });
  });
  const scrub = (event: PointerEvent): void => {
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const strip = { width: state.size.value.width, endMs: state.endMs.value };
    state.moveCursor(overviewTime(state.model.value, strip, event.clientX - left));
    state.showTime(state.cursorMs.value ?? 0);
  };
  const at = (state.cursorMs.value ?? state.model.value.startMs) - state.model.value.startMs;
  return (
    <div
      class="overview"
      role="slider"
      tabIndex={0}
      aria-label="time in the call"
      aria-valuemin={0}
      aria-valuemax={Math.round(state.endMs.value - state.model.value.startMs)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={`${offsetText(at)} seconds`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        scrub(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) scrub(event);
      }}
      onKeyDown={(event) => {
        const way = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1 }[event.key];
        if (way === undefined) return;
        event.preventDefault();
        const step = (state.endMs.value - state.model.value.startMs) / (event.shiftKey ? 20 : 100);
        state.moveCursor(state.model.value.startMs + at + way * step);
      }}
    >
      <canvas ref={canvas} />
    </div>
  );
}
