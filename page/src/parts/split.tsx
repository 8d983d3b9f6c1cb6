import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { classNames } from "./class-names.ts";
import { stored } from "./stored.ts";

const kept = new Map<string, Signal<number>>();
const isNumber = (found: unknown): found is number => typeof found === "number" && Number.isFinite(found);

/**
 * Two panes with a divider that is moved with the pointer, or with the arrow keys, Home and End. Without `second` the first
 * pane has all the place. Where it stands is kept in this browser under `name`.
 */
export function Split(props: {
  readonly name: string;
  /** `row`: beside one another; `column`: below one another. */
  readonly way: "row" | "column";
  readonly label: string;
  readonly first: ComponentChildren;
  readonly second: ComponentChildren;
  /** Of the first pane, in percent. Default 60. */
  readonly start?: number;
  /** Least size of either pane, in pixels. Default 120. */
  readonly leastPx?: number;
}): VNode {
  const { name, way, label, first, second, start = 60, leastPx = 120 } = props;
  const share = useMemo(() => {
    const found = kept.get(name) ?? stored(`split-${name}`, start, isNumber);
    kept.set(name, found);
    return found;
  }, [name, start]);
  const box = useRef<HTMLDivElement>(null);
  const moving = useSignal(false);

  if (!second) return <div class="split">{pane(first)}</div>;

  const put = (percent: number): void => {
    const whole = (way === "row" ? box.current?.clientWidth : box.current?.clientHeight) ?? 1000;
    const least = Math.min(45, (leastPx / Math.max(1, whole)) * 100);
    share.value = Math.min(100 - least, Math.max(least, percent));
  };
  const drag = (event: PointerEvent): void => {
    if (!moving.value || !box.current) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    put(way === "row" ? ((event.clientX - left) / width) * 100 : ((event.clientY - top) / height) * 100);
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 10 : 2;
    const back = way === "row" ? "ArrowLeft" : "ArrowUp";
    const on = way === "row" ? "ArrowRight" : "ArrowDown";
    const to = { [back]: share.value - step, [on]: share.value + step, Home: 0, End: 100, Enter: start }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    put(to);
  };
  return (
    <div ref={box} class={classNames("split", way)} style={{ "--first": `${share.value}%` }}>
      {pane(first)}
      {/* biome-ignore lint/a11y/useSemanticElements: a divider that can be moved is no <hr> */}
      <div
        class={classNames("divider", moving.value && "moving")}
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={way === "row" ? "vertical" : "horizontal"}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share.value)}
        onKeyDown={press}
        onDblClick={() => put(start)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          moving.value = true;
        }}
        onPointerMove={drag}
        onPointerUp={() => {
          moving.value = false;
        }}
        onPointerCancel={() => {
          moving.value = false;
        }}
      />
      {pane(second)}
    </div>
  );
}

function pane(children: ComponentChildren): VNode {
  return <div class="pane">{children}</div>;
}
