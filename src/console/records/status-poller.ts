import { type Clock, type Logger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import type { ConnectionEntry, EngineRecord, MessageRecord } from "../../trace/index.ts";
import { paramOf } from "../../trace/index.ts";
import { engineOf, parseConnections, parseStatus } from "./engine-status.ts";
import { ownParam } from "./own-messages.ts";

const everyMs = 1000;
/** Who is connected changes less often, and asking costs a command. */
const connectionsEvery = 5;
const answerMs = 5000;

/** Asks an engine that tells nothing by itself how it is, once a second. */
export interface StatusPoller {
  /** Messages that tell of what the status does not: whether a line of ours is registered. */
  note(message: MessageRecord): void;
  stop(): void;
}

export function pollStatus(options: {
  readonly yate: Yate;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the asking console, for {@link ownParam}. */
  readonly own: string;
  readonly tell: (record: EngineRecord) => void;
}): StatusPoller {
  const { yate, clock, log, own, tell } = options;
  const seen = new Map<string, number>();
  const lines = new Map<string, string>();
  let connections: ConnectionEntry[] = [];
  let connectedSince = new Map<string, number>();
  let startedMs: number | undefined;
  let seq = 0;
  let stopped = false;
  let timer = clock.after(0, () => void poll(), { background: true });

  const ask = async (name: string, params: Readonly<Record<string, string>>): Promise<string> =>
    (await yate.msg(name, { ...params, [ownParam]: own }).dispatch({ timeoutMs: answerMs })).retvalue;

  const askConnections = async (): Promise<void> => {
    const now = clock.now();
    const told = parseConnections(await ask("engine.command", { line: "external info" }));
    const since = new Map(told.map(({ remote }) => [remote, connectedSince.get(remote) ?? now]));
    connections = told.map(({ name, remote }) => ({
      name,
      way: /^\S+:\d+$/.test(remote) ? "tcp" : "",
      remote,
      sinceMs: since.get(remote) ?? now,
      handlers: [],
      watches: [],
      held: 0,
    }));
    connectedSince = since;
  };

  const look = async (): Promise<void> => {
    // The run id is the second of the engine's start (spec/protocol.md §8).
    startedMs ??= Number(await yate.setlocal("runid").catch(() => "0")) * 1000 || clock.now();
    if (seq % connectionsEvery === 0) await askConnections();
    const status = await ask("engine.status", {});
    const nowMs = clock.now();
    const sinceMs = (channel: string): number => {
      const since = seen.get(channel) ?? nowMs;
      seen.set(channel, since);
      return since;
    };
    const figures = engineOf(parseStatus(status), { nowMs, sinceMs });
    const there = new Set(figures.channels.map(({ id }) => id));
    for (const id of seen.keys()) if (!there.has(id)) seen.delete(id);
    tell({
      kind: "engine",
      seq: ++seq,
      atMs: nowMs,
      startedMs,
      ...figures,
      registrations: figures.registrations.map((entry) =>
        entry.kind === "line" ? { ...entry, status: lines.get(entry.name) ?? "" } : entry,
      ),
      connections,
      lost: 0,
    });
  };

  const poll = async (): Promise<void> => {
    const beganMs = clock.monotonicMs();
    try {
      if (yate.state.kind === "connected") await look();
      else startedMs = undefined;
    } catch (error) {
      // The next second asks again; a lost engine is told of by the connection itself.
      if (!(error instanceof YaytsError)) log.warn("the engine's status could not be read", { error });
    }
    if (stopped) return;
    const leftMs = Math.max(100, everyMs - (clock.monotonicMs() - beganMs));
    timer = clock.after(leftMs, () => void poll(), { background: true });
  };

  return {
    note(message) {
      if (message.name !== "user.notify") return;
      const account = paramOf(message, "account");
      if (account)
        lines.set(account, paramOf(message, "registered") === "true" ? "registered" : "not registered");
    },
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}
