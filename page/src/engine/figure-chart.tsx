import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { clockWords } from "../parts/time-words.ts";
import { axisTop, type ChartBox, chartPaths, pointNear, xOf, yOf } from "./chart-scale.ts";
import type { FigurePoint } from "./figure-series.ts";

const height = 56;

/** A figure's last minutes: its value now, a line with its axis, and the value at the pointer or, with arrow keys, at any time. */
export function FigureChart(props: {
  readonly title: string;
  readonly about: string;
  readonly points: readonly FigurePoint[];
  readonly spanMs: number;
  readonly words: (value: number) => string;
  /** The axis goes up to this at least. */
  readonly least: number;
  readonly binary?: boolean;
  /** From this value on it is worth a warning. */
  readonly warnFrom?: number;
}): VNode {
  const { title, about, points, spanMs, words, least, binary, warnFrom } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(200);
  const pointed = useSignal<number | undefined>(undefined);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      width.value = Math.max(50, element.clientWidth);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);

  const toMs = points.at(-1)?.atMs ?? 0;
  const known = points.filter(({ value }) => value !== undefined);
  const most = Math.max(0, ...known.map(({ value }) => value ?? 0));
  const chart: ChartBox = {
    width: width.value,
    height,
    fromMs: toMs - spanMs,
    toMs: Math.max(toMs, 1),
    top: axisTop(most, least, binary),
  };
  const { line, area } = chartPaths(points, chart);
  const now = known.at(-1)?.value;
  const at = pointed.value === undefined ? undefined : pointNear(points, pointed.value, chart);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || known.length === 0) return;
    event.preventDefault();
    const index = at ? known.indexOf(at) : known.length - 1;
    const to = known[Math.min(known.length - 1, Math.max(0, index + step))];
    if (to) pointed.value = xOf(to.atMs, chart);
  };
  const warns = warnFrom !== undefined && now !== undefined && now >= warnFrom;
  return (
    <figure class={warns ? "figure-chart warns" : "figure-chart"}>
      <figcaption title={about}>
        <span class="dim">{title}</span>
        <strong class="numbers">{now === undefined ? "–" : words(now)}</strong>
      </figcaption>
      {known.length === 0 ? (
        <p class="not-told dim">not told</p>
      ) : (
        <div
          ref={box}
          class="plot"
          role="slider"
          tabIndex={0}
          aria-label={`${title}, the last ${Math.round(spanMs / 60_000)} minutes`}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuenow={(at ?? known.at(-1))?.value ?? 0}
          aria-valuetext={describe(at ?? known.at(-1), words)}
          onKeyDown={move}
          onBlur={() => {
            pointed.value = undefined;
          }}
          onPointerMove={(event) => {
            pointed.value = event.clientX - event.currentTarget.getBoundingClientRect().left;
          }}
          onPointerLeave={() => {
            pointed.value = undefined;
          }}
        >
          <span class="axis numbers" aria-hidden="true">
            {words(chart.top)}
          </span>
          <svg width={width.value} height={height} aria-hidden="true">
            <path
              class="grid"
              d={`M0 .5H${width.value}M0 ${height / 2}H${width.value}M0 ${height - 0.5}H${width.value}`}
            />
            <path class="area" d={area} />
            <path class="line" d={line} />
            {at?.value !== undefined && (
              <>
                <path class="cursor" d={`M${xOf(at.atMs, chart)} 0V${height}`} />
                <circle cx={xOf(at.atMs, chart)} cy={yOf(at.value, chart)} r="3" />
              </>
            )}
          </svg>
          {at && (
            <span
              class="tip numbers"
              style={
                xOf(at.atMs, chart) > chart.width / 2
                  ? { right: `${chart.width - xOf(at.atMs, chart) + 8}px` }
                  : { left: `${xOf(at.atMs, chart) + 8}px` }
              }
            >
              {describe(at, words)}
            </span>
          )}
        </div>
      )}
    </figure>
  );
}

function describe(point: FigurePoint | undefined, words: (value: number) => string): string {
  return point?.value === undefined ? "not told" : `${words(point.value)} at ${clockWords(point.atMs)}`;
}
