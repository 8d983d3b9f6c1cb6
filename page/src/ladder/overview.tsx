import { useSignalEffect } from "@preact/signals";
import type { RefObject, VNode } from "preact";
import { useRef } from "preact/hooks";
import {
  offsetText,
  overviewTime,
  paintOverview,
  paintOverviewMarks,
  type Shape,
} from "../../../src/trace/ladder/index.ts";
import { drawShapes, sizeCanvas } from "./draw.ts";
import type { LadderState } from "./ladder-state.ts";
import { pagePalette } from "./page-palette.ts";

const height = 60;

/** The whole call as a strip, to scrub in. */
export function Overview({ state }: { readonly state: LadderState }): VNode {
  const whole = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const frames = useRef({ whole: 0, marks: 0 });
  const draw = (
    canvas: RefObject<HTMLCanvasElement | null>,
    of: "whole" | "marks",
    paint: () => readonly Shape[],
  ): void => {
    const { width } = state.size.value;
    cancelAnimationFrame(frames.current[of]);
    frames.current[of] = requestAnimationFrame(() => {
      const context = canvas.current && width > 0 ? sizeCanvas(canvas.current, width, height) : undefined;
      context?.clearRect(0, 0, width, height);
      if (context) drawShapes(context, paint());
    });
  };
  useSignalEffect(() => {
    const { width } = state.size.value;
    const options = {
      width,
      height,
      colours: pagePalette.value,
      endMs: state.endMs.value,
      sound: state.peaks.value,
    };
    const { value: model } = state.model;
    draw(whole, "whole", () => paintOverview(model, options));
  });
  useSignalEffect(() => {
    const { width, height: seen } = state.size.value;
    const { model, scale } = state.layout.value;
    const top = state.scrollTop.value;
    const [fromMs, toMs, cursorMs] = [scale.timeAt(top), scale.timeAt(top + seen), state.cursorMs.value];
    const options = {
      width,
      height,
      colours: pagePalette.value,
      endMs: state.endMs.value,
      fromMs,
      toMs,
      cursorMs,
    };
    draw(marks, "marks", () => paintOverviewMarks(model, options));
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
      <canvas ref={whole} />
      <canvas ref={marks} />
    </div>
  );
}
