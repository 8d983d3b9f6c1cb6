import { type Signal, signal } from "@preact/signals";
import type { EngineFacts } from "../../../src/console/protocol.ts";
import type { EngineRecord } from "../../../src/trace/index.ts";
import { connection } from "../console.ts";
import { FigureSeries } from "./figure-series.ts";

/** The engine as it was told last. */
export const engine: Signal<EngineRecord | undefined> = signal(undefined);
export const facts: Signal<EngineFacts | undefined> = signal(undefined);
/** Its last minutes; as long as the page is open, so that the charts have a past when they are looked at. */
export const figures = new FigureSeries();

connection.on("engine", (told) => {
  facts.value = told.facts;
  if (told.engine) figures.add(told.engine);
  engine.value = told.engine;
});
connection.follow({ topic: "engine" });
