import type { VNode } from "preact";
import { durationText } from "../../../src/trace/ladder/index.ts";
import { bytesWords, countWords } from "../parts/time-words.ts";
import { engine, figures } from "./engine-store.ts";
import { FigureChart } from "./figure-chart.tsx";
import type { FigureName } from "./figure-series.ts";
import { percentWords } from "./percent-words.ts";

const spanMs = 3 * 60_000;

const charts: readonly {
  readonly name: FigureName;
  readonly title: string;
  readonly about: string;
  readonly words: (value: number) => string;
  readonly least: number;
  readonly binary?: boolean;
  readonly warnFrom?: number;
}[] = [
  {
    name: "messagesPerSecond",
    title: "Messages a second",
    about: "messages that were dispatched",
    words: (value) => (value < 10 ? String(Number(value.toFixed(1))) : countWords(value)),
    least: 10,
  },
  {
    name: "queued",
    title: "In the queue",
    about: "messages that were enqueued and wait to be dispatched",
    words: countWords,
    least: 10,
    warnFrom: 1000,
  },
  {
    name: "worstTickMs",
    title: "Latest tick",
    about: "the most by which the clock of all media was late, each second",
    words: durationText,
    least: 20,
    warnFrom: 40,
  },
  {
    name: "lateTicks",
    title: "Late ticks",
    about: "ticks of the clock of all media that came late, each second",
    words: countWords,
    least: 5,
    warnFrom: 10,
  },
  { name: "cpu", title: "CPU", about: "of one core", words: percentWords, least: 1, warnFrom: 0.9 },
  {
    name: "memoryBytes",
    title: "Memory",
    about: "of the engine's process",
    words: bytesWords,
    least: 2 ** 26,
    binary: true,
  },
];

/** Small charts of the engine's last minutes. */
export function EngineFigures(): VNode {
  void engine.value;
  return (
    <div class="figure-charts">
      {charts.map((chart) => (
        <FigureChart key={chart.name} {...chart} points={figures.points(chart.name)} spanMs={spanMs} />
      ))}
    </div>
  );
}
