import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TracePlace } from "../../../src/trace/index.ts";
import {
  headPx,
  hitLadder,
  type LadderHit,
  type LadderLane,
  paintHead,
  paintLadder,
  placeText,
} from "../../../src/trace/ladder/index.ts";
import { copyText } from "../parts/copy-text.ts";
import { wholePlace } from "./detail/place.tsx";
import { drawShapes, sizeCanvas } from "./draw.ts";
import { type LadderActions, pressLadderKey } from "./ladder-keys.ts";
import type { LadderState } from "./ladder-state.ts";
import { hitWords, LadderTable, rowId } from "./ladder-table.tsx";
import { pagePalette } from "./page-palette.ts";
import { usePinch } from "./pinch.ts";

/** The ladder itself. The canvas is as high as its place, and draws what is seen; a table that only readers of the screen have says the same. */
export function LadderCanvas(props: {
  readonly state: LadderState;
  readonly notices: Partial<Record<LadderLane, string>>;
  readonly actions: LadderActions;
}): VNode {
  const { state, notices, actions } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLCanvasElement>(null);
  const frame = useRef(0);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => {
      state.resize(element.clientWidth, element.clientHeight);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [state]);
  usePinch(box, (factor, y) => state.zoomAt(factor, y));

  // What is live stays at its end, until the user goes back.
  useSignalEffect(() => {
    const most = Math.max(0, state.layout.value.height - state.size.value.height);
    if (!state.live.value || !state.following.value || state.size.value.height === 0) return;
    state.moved = true;
    state.scrollTop.value = most;
  });
  useSignalEffect(() => {
    const { width, height } = state.size.value;
    const top = state.scrollTop.value;
    const { value: layout } = state.layout;
    const { value: geometry } = state.geometry;
    const { value: colours } = pagePalette;
    const options = {
      top,
      bottom: top + height,
      colours,
      notices,
      selected: state.selected.value,
      hovered: state.hovered.value,
      cursorMs: state.cursorMs.value,
      sound: state.peaks.value,
    };
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const element = box.current;
      if (!element || !canvas.current || !head.current || width === 0) return;
      if (state.moved) element.scrollTop = top;
      state.moved = false;
      const context = sizeCanvas(canvas.current, width, height);
      context?.clearRect(0, 0, width, height);
      if (context) drawShapes(context, paintLadder(layout, geometry, options), top);
      const above = sizeCanvas(head.current, width, headPx);
      if (above) drawShapes(above, paintHead(layout.model, geometry, colours));
    });
  });

  const hitAt = (event: MouseEvent): LadderHit | undefined => {
    const { left, top } = (box.current as HTMLDivElement).getBoundingClientRect();
    return hitLadder(
      state.layout.value,
      state.geometry.value,
      event.clientX - left,
      event.clientY - top + state.scrollTop.value,
    );
  };
  const keyOf = (hit: LadderHit | undefined): string | undefined => {
    const { items, spans } = state.model.value;
    if (hit?.on === "item") return items[hit.index]?.key;
    if (hit?.on === "span") return spans[hit.index]?.key;
    return hit ? items[state.layout.value.rows[hit.row]?.first ?? -1]?.key : undefined;
  };
  const placeOf = (hit: LadderHit | undefined): TracePlace | undefined =>
    hit?.on === "item" && hit.place ? state.model.value.items[hit.index]?.place : undefined;
  /** What does not fit into a row is told where the pointer is. */
  const point = (event: MouseEvent): void => {
    const hit = hitAt(event);
    state.hovered.value = keyOf(hit);
    const element = box.current as HTMLDivElement;
    const place = placeOf(hit);
    element.style.cursor = place || hit?.on === "group" ? "pointer" : "";
    const title = place ? `copy ${wholePlace(place)}` : hitWords(state, hit);
    if (element.title !== title) element.title = title;
  };
  const click = (event: MouseEvent): void => {
    const { left, top } = (box.current as HTMLDivElement).getBoundingClientRect();
    const y = event.clientY - top + state.scrollTop.value;
    const { timeWidth, sound } = state.geometry.value;
    if (event.clientX - left < timeWidth + (sound?.w ?? 0)) {
      state.moveCursor(state.layout.value.scale.timeAt(y));
      return;
    }
    const hit = hitAt(event);
    const place = placeOf(hit);
    if (place) void copyText(wholePlace(place), `${placeText(place)} copied`);
    else if (hit?.on === "group") state.openGroup(hit.row);
    else state.choose(keyOf(hit));
  };

  const index = state.selectedIndex;
  return (
    <div class="ladder">
      <div class="ladder-head" aria-hidden="true">
        <canvas ref={head} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: its rows are drawn */}
      <div
        ref={box}
        class="ladder-box"
        role="grid"
        tabIndex={0}
        aria-label="what happened in the call"
        aria-rowcount={state.model.value.items.length}
        aria-activedescendant={index >= 0 ? rowId(index) : undefined}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          // What the ladder itself scrolled is told too, a little later.
          const own = state.moved || Math.abs(scrollTop - state.scrollTop.value) < 1;
          if (!own) state.scrolled(scrollTop, scrollHeight - clientHeight);
        }}
        onKeyDown={(event) => {
          if (!pressLadderKey(state, event, actions)) return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onClick={click}
        onMouseMove={point}
        onMouseLeave={() => {
          state.hovered.value = undefined;
        }}
      >
        <div
          class="ladder-space"
          aria-hidden="true"
          style={{ height: `${Math.max(state.layout.value.height, state.size.value.height)}px` }}
        >
          <canvas ref={canvas} />
        </div>
        <LadderTable state={state} />
      </div>
    </div>
  );
}
