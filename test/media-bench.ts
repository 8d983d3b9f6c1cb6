import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock, type Logger, type ManualClock } from "../src/base/index.ts";
import type { ParamsInit } from "../src/bus/index.ts";
import { type Engine, type EngineMessage, startEngine } from "../src/engine/index.ts";
import { conf } from "../src/modules/conf/index.ts";
import { dumb } from "../src/modules/dumb.ts";
import { pbx } from "../src/modules/pbx.ts";
import { tone } from "../src/modules/tone/index.ts";
import { wave } from "../src/modules/wave/index.ts";

/** A message as it was after its dispatch. */
export interface Seen {
  readonly name: string;
  readonly params: Record<string, string>;
  readonly atMs: number;
}

/** An engine on a manual clock with the media modules, a folder for its files, and what was said in it. */
export interface MediaBench extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly folder: string;
  readonly seen: Seen[];
  readonly logged: string[];
  path(name: string): string;
  /** Time goes on, and whatever follows from what happened in it has its turn. */
  pass(ms: number): Promise<void>;
  file(name: string, bytes: Uint8Array): Promise<string>;
  /** Dispatches, and gives queued messages their turn. */
  send(
    name: string,
    params: ParamsInit,
  ): Promise<{ handled: boolean; params: Record<string, string>; retvalue: string }>;
  /** Two dumb channels connected to each other: [caller, called]. */
  pair(): Promise<[string, string]>;
  /** `chan.masquerade` of a message. */
  as(
    id: string,
    message: string,
    params: Record<string, string | number | boolean>,
  ): ReturnType<MediaBench["send"]>;
  /** What was sent under that name. */
  all(name: string): Record<string, string>[];
}

/**
 * For tests of the media modules: real files, real modules, time by hand.
 * @param sounds options of the module wave
 */
export async function createMediaBench(sounds: Parameters<typeof wave>[0] = {}): Promise<MediaBench> {
  const clock = createManualClock();
  const folder = await mkdtemp(join(tmpdir(), "yayts-media-"));
  const logged: string[] = [];
  const note = (text: string): void => void logged.push(text);
  const log: Logger = { debug() {}, info() {}, warn: note, error: note };
  const engine = await startEngine({
    clock,
    log,
    modules: [dumb(), pbx(), tone(), wave(sounds), conf()],
    config: {},
  });
  const seen: Seen[] = [];
  engine.kernel.hook((message: EngineMessage) => {
    seen.push({ name: message.name, params: { ...message.params.toObject() }, atMs: clock.monotonicMs() });
  });
  engine.install({
    name: "call.route",
    priority: 50,
    receive(message) {
      message.retvalue = message.get("called") ?? "";
      return true;
    },
  });
  const bench: MediaBench = {
    engine,
    clock,
    folder,
    seen,
    logged,
    path: (name) => join(folder, name),
    async pass(ms) {
      await clock.advance(ms);
      for (let turns = 0; turns < 5; turns++) await clock.advance(0);
    },
    async file(name, bytes) {
      await writeFile(join(folder, name), bytes);
      return join(folder, name);
    },
    async send(name, params) {
      const message = engine.message(name, params);
      const handled = await engine.kernel.dispatch(message);
      await bench.pass(0);
      return { handled, params: { ...message.params.toObject() }, retvalue: message.retvalue };
    },
    async pair() {
      const { params } = await bench.send("call.execute", { callto: "dumb/a", target: "dumb/b" });
      return [params.id ?? "", params.peerid ?? ""];
    },
    as: (id, message, params) => bench.send("chan.masquerade", { id, message, ...params }),
    all: (name) => seen.filter((one) => one.name === name).map((one) => one.params),
    async [Symbol.asyncDispose]() {
      const stopped = engine.stop();
      await clock.advance(0);
      await stopped;
      await rm(folder, { recursive: true });
    },
  };
  return bench;
}

/** Samples whose values tell where they stand: 1, 2, 3, … */
export function ramp(samples: number, from = 1): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => from + i);
}
