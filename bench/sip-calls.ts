/**
 * Calls a second, INVITE to BYE, that are answered without a retransmission, each answerer in a process of its own under the same
 * caller: our user agent and the whole embedded engine, against the npm package `sip`. Run by `npm run bench -- sipcalls`.
 */
import { createRequire } from "node:module";
import { startChild } from "./child.ts";
import { median, type Row } from "./row.ts";

/** One step of the caller. */
export interface LoadWanted {
  readonly port: number;
  /** Calls a second. */
  readonly rate: number;
  readonly calls: number;
  /** The caller takes no sound: the engine then has no RTP session to make. */
  readonly held: boolean;
}

export interface LoadMeasured {
  readonly completed: number;
  /** Not through five seconds after the last was begun. */
  readonly lost: number;
  /** Requests sent again as nothing had come within T1, and responses that came again. */
  readonly retransmitted: number;
  /** Calls a second that the caller reached. */
  readonly rate: number;
  /** Processor time of the caller for a call. */
  readonly cpuUs: number;
}

/** Where an answerer listens. */
export interface Answering {
  readonly port: number;
}

/** What an answerer has used, after a garbage collection where that can be asked for. */
export interface Usage {
  readonly cpuUs: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Sessions, transactions, channels… that are there. */
  readonly living: Readonly<Record<string, number>>;
}

/** An answerer under test. */
export interface Answerer {
  measure(rate: number, calls: number): Promise<Measured>;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export interface Measured extends LoadMeasured {
  /** Processor time of the answerer for a call. */
  readonly answerUs: number;
}

/** @param kind `package`, `agent`, `engine`; or `engine+rtp`, whose callers take sound */
export async function startAnswerer(kind: string, execArgv: readonly string[] = []): Promise<Answerer> {
  const [file = "", sound] = kind.split("+");
  const answerer = await startChild("sip-answer-child.ts", [file], execArgv);
  const load = await startChild("sip-load-child.ts");
  const { port } = await answerer.ask<Answering>("port");
  return {
    async measure(rate, calls) {
      const before = await answerer.ask<Usage>("usage");
      const wanted: LoadWanted = { port, rate, calls, held: sound === undefined };
      const measured = await load.ask<LoadMeasured>(wanted);
      const after = await answerer.ask<Usage>("usage");
      return { ...measured, answerUs: (after.cpuUs - before.cpuUs) / calls };
    },
    usage: () => answerer.ask<Usage>("usage"),
    async stop() {
      await load[Symbol.asyncDispose]();
      await answerer[Symbol.asyncDispose]();
    },
  };
}

const kinds = ["package", "agent", "engine", "engine+rtp"] as const;
type Kind = (typeof kinds)[number];

const names: Readonly<Record<Kind, string>> = {
  package: "npm sip 0.0.6",
  agent: "our user agent",
  engine: "the embedded engine, no sound",
  "engine+rtp": "the embedded engine, with RTP",
};

const stepSeconds = 1.5;
const firstRate = 600;
const stepUp = 1.2;
/** A step that failed is tried again: on a shared machine one disturbance is not the limit. */
const tries = 3;
const cpuRate = 1000;
const cpuRounds = 5;
/** Code is compiled as it is used. */
const warmUp = 4000;

export async function bench(): Promise<Row[] | string> {
  try {
    createRequire(import.meta.url).resolve("sip");
  } catch {
    return "the package sip is not installed";
  }
  const costs = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  const best = new Map<Kind, number>();
  const answerers = new Map<Kind, Answerer>();
  for (const kind of kinds) answerers.set(kind, await startAnswerer(kind));
  for (const answerer of answerers.values()) await answerer.measure(cpuRate, warmUp);
  // All in turns: they meet the same disturbances.
  for (let round = 0; round < cpuRounds; round++)
    for (const [kind, answerer] of answerers)
      costs.get(kind)?.push((await answerer.measure(cpuRate, cpuRate)).answerUs);

  const climbing = new Map(kinds.map((kind) => [kind, { rate: firstRate, left: tries }]));
  while (climbing.size > 0) {
    for (const [kind, step] of [...climbing]) {
      const answerer = answerers.get(kind);
      if (!answerer) continue;
      const result = await answerer.measure(step.rate, Math.round(step.rate * stepSeconds));
      if (result.lost === 0 && result.retransmitted === 0) {
        best.set(kind, Math.max(best.get(kind) ?? 0, result.rate));
        // Where the caller itself cannot go faster, the end is reached too.
        if (result.rate < step.rate * 0.93) step.left--;
        else climbing.set(kind, { rate: step.rate * stepUp, left: tries });
      } else step.left--;
      if ((climbing.get(kind)?.left ?? 0) === 0) climbing.delete(kind);
    }
  }
  for (const answerer of answerers.values()) await answerer.stop();

  const rows: Row[] = [];
  const theirs = best.get("package") ?? Number.NaN;
  const theirCost = median(costs.get("package") ?? []);
  for (const kind of kinds) {
    if (kind === "package") continue;
    const rate = best.get(kind) ?? 0;
    const cost = median(costs.get(kind) ?? []);
    rows.push(
      {
        name: `sipcalls: ${names[kind]}: most without retransmission`,
        value: rate,
        unit: "calls/s",
        baseline: theirs,
        ratio: rate / theirs,
        ...(kind === "engine+rtp" ? {} : { target: "ratio >= 1" }),
      },
      {
        name: `sipcalls: ${names[kind]}: processor, ${cpuRate} calls/s`,
        value: cost,
        unit: "us/call",
        baseline: theirCost,
        ratio: cost / theirCost,
      },
    );
  }
  return rows;
}
