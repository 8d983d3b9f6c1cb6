import { type Clock, type Logger, realClock, silentLogger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import {
  CallBook,
  type CallBookLimits,
  type CallEntry,
  type EngineRecord,
  type JournalSound,
  journalName,
  type SourcedRecord,
  writeJournal,
} from "../../trace/index.ts";
import type { Ear } from "../phone/ear.ts";
import type { CallView, EngineFacts, Requests } from "../protocol.ts";
import { AppBoard } from "./app-board.ts";
import { createGatherer } from "./gatherer.ts";
import { type LoggedMessage, MessageLog, type MessageLogLimits } from "./message-log.ts";
import { isTrial } from "./own-messages.ts";
import type { RecordDesk, RecordRequest } from "./record-desk.ts";
import { RouteTrial } from "./route-trial.ts";
import { SoundKeeper } from "./sound-keeper.ts";
import { Viewer } from "./viewer.ts";

/** How to make a desk. */
export interface RecordDeskOptions {
  /** The console's connection; it stays the caller's to close, after the desk. */
  readonly yate: Yate;
  /** Where the engine is, for people. Default "". */
  readonly address?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
  /** How much of calls is kept. */
  readonly calls?: CallBookLimits | undefined;
  /** How much is kept for the table of messages. */
  readonly messages?: MessageLogLimits | undefined;
  /** Where a folder for kept sound is made, and deleted at the end; the engine must reach it too. Default: the system's for temporary files. */
  readonly folder?: string | undefined;
  /** Gives an ear to the console's own phones, whose sound is then kept without the engine. Default: there are none. */
  readonly listen?: ((channel: string, ear: Ear) => (() => void) | undefined) | undefined;
}

/** Pages are told 20 times a second at most. */
const flushMs = 50;
const sendMs = 20_000;
const maxPast = 500;

/**
 * Starts gathering what happens on an engine and in its apps: records of those who tell, and of a real YATE what can be watched.
 * Closing it ends that, and deletes the sound that was kept.
 */
export function createRecordDesk(options: RecordDeskOptions): RecordDesk {
  const { yate, address = "", clock = realClock, log = silentLogger } = options;
  const viewers = new Set<Viewer>();
  const messages = new MessageLog(options.messages);
  const apps = new AppBoard();
  let engine: EngineRecord | undefined;
  let perSecond = 0;
  let counted = 0;
  let countedSinceMs = clock.monotonicMs();
  let closed: Promise<void> | undefined;

  const each = (fn: (viewer: Viewer) => void): void => {
    for (const viewer of viewers) fn(viewer);
  };
  const book = new CallBook(
    {
      changed(call) {
        sound.look(call);
        each((viewer) => viewer.callChanged(call));
      },
      gone(call) {
        sound.gone(call);
        each((viewer) => viewer.callGone(call));
      },
      added: (call, record) => each((viewer) => viewer.callRecord(call, record)),
    },
    options.calls,
  );
  const sound = new SoundKeeper({
    yate,
    clock,
    log,
    book,
    folder: options.folder,
    listen: options.listen,
    changed: (call) => each((viewer) => viewer.callChanged(call)),
    own: () => gatherer.own,
    notice: (text) => each((viewer) => viewer.notice("warn", text)),
  });

  const list = (message: LoggedMessage): void => {
    counted++;
    messages.add(message);
    each((viewer) => viewer.message(message));
  };
  const take = (sourced: SourcedRecord): void => {
    const { record } = sourced;
    book.add(sourced);
    if (apps.add(sourced, clock.monotonicMs())) each((viewer) => viewer.appChanged());
    if (record.kind === "message") {
      sound.note(record);
      list({ source: sourced.source, record });
    } else if (record.kind === "engine") {
      engine = record;
      each((viewer) => viewer.engineChanged());
    }
  };

  const gatherer = createGatherer({
    yate,
    clock,
    log,
    tell: take,
    tellOwn({ source, record }) {
      trial.note({ source, record });
      if (record.kind === "message" && isTrial(record)) list({ source, record });
    },
    lost: (count) => each((viewer) => viewer.lost(count)),
    changed: () => each((viewer) => viewer.engineChanged()),
  });
  const trial = new RouteTrial({
    yate,
    clock,
    own: () => gatherer.own,
    tells: () => gatherer.kind === "embedded",
  });

  const flush = (): void => {
    const nowMs = clock.monotonicMs();
    const passedMs = nowMs - countedSinceMs;
    if (passedMs >= 1000) {
      perSecond = Math.round((counted * 1000) / passedMs);
      counted = 0;
      countedSinceMs = nowMs;
      if (apps.prune(nowMs)) each((viewer) => viewer.appChanged());
    }
    each((viewer) => viewer.flush(nowMs));
    timer = clock.after(flushMs, flush, { background: true });
  };
  let timer = clock.after(flushMs, flush, { background: true });

  const facts = (): EngineFacts => ({
    kind: gatherer.kind,
    version: engine?.version ?? gatherer.version,
    address,
    state: yate.state.kind === "closing" ? "closed" : yate.state.kind,
  });
  const viewed = {
    book,
    log: messages,
    get facts() {
      return facts();
    },
    get engine() {
      return engine;
    },
    get perSecond() {
      return perSecond;
    },
    apps: () => apps.views(),
    hasSound: (call: string) => sound.has(call),
    keepsSound: (call: string) => sound.keeps(call),
  };

  const storyOf = (call: string): NonNullable<ReturnType<CallBook["story"]>> => {
    const story = book.story(call);
    if (!story) throw new YaytsError("bad-argument", `the call ${call} is not kept (any more)`);
    return story;
  };
  const view = (entry: CallEntry): CallView => ({
    ...entry,
    hasSound: sound.has(entry.id),
    keepsSound: sound.keeps(entry.id),
  });

  const answers: {
    readonly [D in RecordRequest]: (
      params: Requests[D]["params"],
    ) => Requests[D]["result"] | Promise<Requests[D]["result"]>;
  } = {
    "calls.past": ({ search, before, limit = 100 }) => {
      const { calls, more } = book.past({ search, before, limit: Math.min(Math.max(1, limit), maxPast) });
      return { calls: calls.map(view), more };
    },
    "call.records": ({ call }) => {
      const { call: entry, records, cut } = storyOf(call);
      return { call: view(entry), records, cut };
    },
    "call.export": async ({ call }) => {
      const story = storyOf(call);
      const kept: JournalSound[] = [];
      for (const channel of sound.channels(story.call.id))
        kept.push({ channel, ...(await sound.get(story.call.id, channel)) });
      const text = writeJournal({ ...story, savedMs: clock.now(), sound: kept });
      return { name: journalName(story.call), file: Buffer.from(text).toString("base64") };
    },
    "sound.keep": async ({ call, on }) => {
      await sound.keep(call, on);
      return null;
    },
    "sound.get": ({ call, channel }) => sound.get(call, channel),
    "messages.clear": () => {
      messages.clear();
      return null;
    },
    "message.send": async ({ name, params, retvalue, enqueue }) => {
      if (name === "") throw new YaytsError("bad-argument", "the message has no name");
      const message = yate.msg(name, params, retvalue);
      if (enqueue) {
        message.enqueue();
        return { handled: false, name, retvalue: retvalue ?? "", params, tookMs: 0 };
      }
      const beganMs = clock.monotonicMs();
      const answer = await message.dispatch({ timeoutMs: sendMs });
      const tookMs = clock.monotonicMs() - beganMs;
      return {
        handled: answer.handled,
        name: answer.name,
        retvalue: answer.retvalue,
        params: [...answer.params],
        tookMs,
      };
    },
    "route.try": ({ called, caller, more = [] }) => trial.try(called, caller, more),
  };

  return {
    get facts() {
      return facts();
    },
    view(viewOptions) {
      const viewer = new Viewer(viewed, viewOptions, (one) => viewers.delete(one));
      viewers.add(viewer);
      return viewer;
    },
    async ask(request, params) {
      if (closed !== undefined) throw new YaytsError("closed", "the console is closing");
      return answers[request](params);
    },
    get targets() {
      const found = new Set<string>();
      for (const { handlers } of engine?.connections ?? []) {
        for (const { name, filter } of handlers) {
          if (name !== "call.route" && name !== "call.preroute") continue;
          const called = /^called=(.+)$/.exec(filter ?? "")?.[1];
          if (called !== undefined) found.add(called);
        }
      }
      for (const target of apps.targets()) found.add(target);
      return [...found];
    },
    close() {
      closed ??= (async () => {
        timer.cancel();
        viewers.clear();
        await sound.close();
        await gatherer.close();
      })();
      return closed;
    },
  };
}
