/**
 * Five hundred calls at once on the embedded engine, each playing an A-law file to a recorder on disk: does the engine keep
 * real time, and what does it cost. Run by `npm run bench -- calls`.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Row } from "./row.ts";

/** What the child measured. */
export interface CallsMeasured {
  readonly calls: number;
  readonly seconds: number;
  /** Processor time over real time. */
  readonly cores: number;
  readonly ticks: number;
  readonly lateTicks: number;
  /** Least sound in a recording, over what the time should have given. */
  readonly leastRecorded: number;
  readonly rssMiB: number;
}

export async function bench(): Promise<Row[]> {
  const child = fork(fileURLToPath(new URL("calls-child.ts", import.meta.url)), {
    execArgv: process.execArgv,
  });
  const [measured] = (await once(child, "message")) as [CallsMeasured];
  const { calls, seconds } = measured;
  const what = `calls: ${calls} files to recorders, ${seconds} s`;
  return [
    { name: `${what}: processor`, value: measured.cores, unit: "cores", target: "<= 1" },
    {
      name: `${what}: sound recorded of real time`,
      value: measured.leastRecorded,
      unit: "",
      target: ">= 0.98",
    },
    { name: `${what}: late ticks of ${measured.ticks}`, value: measured.lateTicks, unit: "ticks" },
    { name: `${what}: memory`, value: measured.rssMiB, unit: "MiB" },
  ];
}
