import { YaytsError } from "../../base/index.ts";
import { type CallBook, parseFilter, type SourcedRecord } from "../../trace/index.ts";
import type { AppView, CallView, EngineFacts, Told, Topic } from "../protocol.ts";
import { MessageFeed } from "./message-feed.ts";
import type { LoggedMessage, MessageLog } from "./message-log.ts";
import type { RecordViewer } from "./record-desk.ts";

/** Told with the first list of calls: a page asks for more when somebody scrolls. */
const pastAtFirst = 50;
const callsAtOnce = 200;
const recordsAtOnce = 500;
/** Lists of waits are long, and people read them slowly. */
const appEveryMs = 500;
const maxBacklog = 20_000;

type EngineTold = Extract<Told, { topic: "engine" }>;

/** What all viewers look at. */
export interface Viewed {
  readonly book: CallBook;
  readonly log: MessageLog;
  readonly facts: EngineFacts;
  readonly engine: EngineTold["engine"];
  readonly apps: () => readonly AppView[];
  readonly perSecond: number;
  readonly hasSound: (call: string) => boolean;
  readonly keepsSound: (call: string) => boolean;
}

interface CallFeed {
  /** As the page named it. */
  readonly name: string;
  pending: SourcedRecord[];
}

/** One page's view: what it follows, and what it was not told yet. */
export class Viewer implements RecordViewer {
  readonly #viewed: Viewed;
  readonly #tell: (told: Told) => void;
  readonly #lineOf: (channels: readonly string[]) => number | undefined;
  readonly #congested: () => boolean;
  readonly #closed: (viewer: Viewer) => void;
  /** Of each topic, as JSON, so that one that goes on is not told anew. */
  #followed = new Set<string>();
  #messages: MessageFeed | undefined;
  readonly #calls = new Map<string, CallFeed>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  #wants = { calls: false, engine: false, app: false };
  #engineDue = false;
  #appDue = false;
  #appToldMs = -Infinity;

  constructor(
    viewed: Viewed,
    options: {
      readonly tell: (told: Told) => void;
      readonly lineOf: (channels: readonly string[]) => number | undefined;
      readonly congested: () => boolean;
    },
    closed: (viewer: Viewer) => void,
  ) {
    this.#viewed = viewed;
    this.#tell = options.tell;
    this.#lineOf = options.lineOf;
    this.#congested = options.congested;
    this.#closed = closed;
  }

  /** @throws YaytsError `bad-argument` for a filter that cannot be read; nothing changes then */
  follow(topics: readonly Topic[]): void {
    const filters = topics.map((topic) =>
      topic.topic === "messages" ? readFilter(topic.filter) : undefined,
    );
    const followed = new Set(topics.map((topic) => JSON.stringify(topic)));
    const before = this.#followed;
    this.#followed = followed;
    const names = new Set(topics.map((topic) => topic.topic));
    if (!names.has("messages")) this.#messages = undefined;
    for (const name of [...this.#calls.keys()])
      if (!topics.some((topic) => topic.topic === "call" && topic.call === name)) this.#calls.delete(name);
    this.#wants = { calls: names.has("calls"), engine: names.has("engine"), app: names.has("app") };
    for (const [i, topic] of topics.entries()) {
      if (before.has(JSON.stringify(topic))) continue;
      this.#begin(topic, filters[i]);
    }
  }

  close(): void {
    this.follow([]);
    this.#closed(this);
  }

  message(message: LoggedMessage): void {
    this.#messages?.add(message);
  }

  lost(count: number): void {
    this.#messages?.lost(count);
  }

  callChanged(call: string): void {
    if (!this.#wants.calls) return;
    this.#gone.delete(call);
    this.#changed.add(call);
  }

  callGone(call: string): void {
    if (!this.#wants.calls) return;
    this.#changed.delete(call);
    this.#gone.add(call);
  }

  callRecord(call: string, record: SourcedRecord): void {
    for (const feed of this.#calls.values()) {
      if (feed.name !== call && this.#viewed.book.entry(feed.name)?.id !== call) continue;
      feed.pending.push(record);
    }
  }

  engineChanged(): void {
    this.#engineDue = this.#wants.engine;
  }

  appChanged(): void {
    this.#appDue = this.#wants.app;
  }

  notice(level: "info" | "warn" | "error", text: string): void {
    this.#tell({ topic: "notice", level, text });
  }

  /** Tells what has gathered, unless the page is busy. */
  flush(nowMs: number): void {
    if (this.#congested()) return;
    this.#flushCalls();
    const told = this.#messages?.take(this.#viewed.perSecond);
    if (told) this.#tell({ topic: "messages", ...told });
    for (const feed of this.#calls.values()) this.#flushCall(feed);
    if (this.#engineDue) this.#tellEngine();
    if (this.#appDue && nowMs - this.#appToldMs >= appEveryMs) this.#tellApp(nowMs);
  }

  #begin(topic: Topic, filter: ReturnType<typeof readFilter> | undefined): void {
    const { book, log } = this.#viewed;
    switch (topic.topic) {
      case "phone":
        return;
      case "calls": {
        this.#changed.clear();
        this.#gone.clear();
        const calls = [...book.live(), ...book.past({ limit: pastAtFirst }).calls];
        this.#tell({ topic: "calls", calls: calls.map((call) => this.#view(call)) });
        return;
      }
      case "engine":
        this.#tellEngine();
        return;
      case "app":
        this.#tellApp(this.#appToldMs);
        return;
      case "messages": {
        if (!filter) return;
        const count = Math.min(Math.max(0, Math.floor(topic.backlog) || 0), maxBacklog);
        const backlog = log.latest(filter.fits, count);
        this.#messages = new MessageFeed(topic.filter, filter.fits, backlog);
        const told = this.#messages.take(this.#viewed.perSecond);
        if (told) this.#tell({ topic: "messages", ...told });
        return;
      }
      case "call": {
        const feed: CallFeed = { name: topic.call, pending: [...(book.story(topic.call)?.records ?? [])] };
        this.#calls.set(topic.call, feed);
        if (!this.#flushCall(feed)) this.#tell({ topic: "call", call: feed.name, records: [] });
      }
    }
  }

  #flushCalls(): void {
    if (this.#changed.size === 0 && this.#gone.size === 0) return;
    const calls: CallView[] = [];
    for (const id of this.#changed) {
      if (calls.length === callsAtOnce) break;
      this.#changed.delete(id);
      const entry = this.#viewed.book.entry(id);
      if (entry?.id === id) calls.push(this.#view(entry));
    }
    const gone = [...this.#gone];
    this.#gone.clear();
    if (calls.length > 0 || gone.length > 0)
      this.#tell({ topic: "calls", calls, ...(gone.length > 0 ? { gone } : {}) });
  }

  #flushCall(feed: CallFeed): boolean {
    if (feed.pending.length === 0) return false;
    const records = feed.pending.slice(0, recordsAtOnce);
    feed.pending = feed.pending.slice(recordsAtOnce);
    this.#tell({ topic: "call", call: feed.name, records });
    return true;
  }

  #tellEngine(): void {
    this.#engineDue = false;
    this.#tell({ topic: "engine", facts: this.#viewed.facts, engine: this.#viewed.engine });
  }

  #tellApp(nowMs: number): void {
    this.#appDue = false;
    this.#appToldMs = nowMs;
    this.#tell({ topic: "app", apps: this.#viewed.apps() });
  }

  #view(entry: Omit<CallView, "hasSound" | "keepsSound" | "line">): CallView {
    return {
      ...entry,
      hasSound: this.#viewed.hasSound(entry.id),
      keepsSound: this.#viewed.keepsSound(entry.id),
      line: this.#lineOf(entry.channels),
    };
  }
}

function readFilter(text: string): Extract<ReturnType<typeof parseFilter>, { ok: true }> {
  const filter = parseFilter(text);
  if (!filter.ok)
    throw new YaytsError("bad-argument", `the filter, at character ${filter.position + 1}: ${filter.text}`);
  return filter;
}
