import { type CallEndpoint, Channel, type ConnectedApp, type Engine } from "../../engine/index.ts";
import type { ChannelEntry, ConnectionEntry, EngineRecord, RegistrationEntry } from "../../trace/index.ts";
import { type Outbox, shortened } from "./outbox.ts";
import { micro, type RecordTimes } from "./record-times.ts";
import type { Tap } from "./tap.ts";

/** Of each list, the most that are told; fewer when the record would not fit into a batch. */
const most = 120;
const mostIfLong = 15;
const mostHandlers = 40;
const weight = 40_000;

/** Makes records of the engine as a whole. */
export interface EngineTracer {
  /** To be called once a second. */
  report(): void;
}

export function createEngineTracer(
  engine: Engine,
  tap: Tap,
  outbox: Outbox,
  times: RecordTimes,
): EngineTracer {
  const { clock, kernel, ticker } = engine;
  let cpuBefore = process.cpuUsage();
  let beforeMs = clock.monotonicMs();

  /** Share of one core since it was asked last. */
  const cpu = (nowMs: number): number | undefined => {
    const used = process.cpuUsage(cpuBefore);
    const tookMs = nowMs - beforeMs;
    if (tookMs <= 0) return undefined;
    cpuBefore = process.cpuUsage();
    beforeMs = nowMs;
    return micro((used.user + used.system) / 1000 / tookMs);
  };

  return {
    report() {
      const nowMs = clock.monotonicMs();
      const share = cpu(nowMs);
      const { enqueued: _, dequeued: __, hooks: ___, ...dispatcher } = kernel.figures;
      const { ticks, late, skipped } = ticker.figures;
      const worstTickMs = micro(ticker.takeWorstMs());
      const memoryBytes = process.memoryUsage.rss();
      const make = (seq: number, longest: number): EngineRecord => {
        const limit = longest < 1000 ? mostIfLong : most;
        const endpoints = [...engine.endpoints.values()];
        const registrations = [...tap.registrations.flatMap((list) => [...list()])];
        return {
          kind: "engine",
          seq,
          atMs: times.at(nowMs),
          version: engine.runParams.get("version") ?? "",
          nodeName: engine.nodeName,
          startedMs: engine.startedMs,
          ...dispatcher,
          ticks,
          lateTicks: late,
          skippedTicks: skipped,
          worstTickMs,
          cpu: share,
          memoryBytes,
          modules: [...engine.modules],
          channels: endpoints.slice(-limit).map(channelEntry),
          channelCount: endpoints.length > limit ? endpoints.length : undefined,
          registrations: registrations.slice(-limit).map(registrationEntry),
          registrationCount: registrations.length > limit ? registrations.length : undefined,
          connections: [...engine.apps].slice(-limit).map((app) => connectionEntry(app, longest)),
          lost: outbox.lost,
        };
      };
      outbox.add(make, weight);
    },
  };
}

const longestField = 200;

function channelEntry(endpoint: CallEndpoint): ChannelEntry {
  const channel = endpoint instanceof Channel ? endpoint : undefined;
  return {
    id: endpoint.id,
    status: shortened(channel?.status ?? "", longestField),
    direction: channel?.direction ?? "",
    peer: endpoint.peer?.id ?? "",
    address: shortened(channel?.address ?? "", longestField),
    billId: channel?.billId ?? "",
    sinceMs: channel?.sinceMs ?? 0,
  };
}

function registrationEntry(entry: RegistrationEntry): RegistrationEntry {
  return {
    ...entry,
    name: shortened(entry.name, longestField),
    where: shortened(entry.where, longestField),
    status: shortened(entry.status, longestField),
  };
}

function connectionEntry(app: ConnectedApp, longest: number): ConnectionEntry {
  const limit = longest < 1000 ? mostHandlers / 4 : mostHandlers;
  const handlers = [...app.handlers].slice(0, limit);
  return {
    name: shortened(app.name, longestField),
    way: app.way,
    remote: shortened(app.remote, longestField),
    sinceMs: app.sinceMs,
    handlers: handlers.map(([name, { priority, filter }]) => ({
      name: shortened(name, longestField),
      priority,
      filter: filter && shortened(`${filter.name}=${filter.value}`, longestField),
    })),
    watches: [...app.watches].slice(0, limit).map((name) => shortened(name, longestField)),
    held: app.held,
  };
}
