import type { CallEntry, CallStory } from "./call-entry.ts";
import { CallState } from "./call-state.ts";
import { finalName, isBeside, looksLikeChannel, paramOf } from "./message-words.ts";
import { PendingRecords } from "./pending-records.ts";
import { type RecordTies, tiesOf } from "./record-ties.ts";
import type { EngineRecord, Pairs, SourcedRecord } from "./records.ts";

/** What a book tells of its calls, at once. */
export interface CallBookEvents {
  /** A call is new, or its entry is another. */
  changed?(call: string): void;
  /** A call is no longer kept, or is part of another now. */
  gone?(call: string): void;
  /** A record was put to a call. */
  added?(call: string, record: SourcedRecord): void;
}

/** How much a book keeps. */
export interface CallBookLimits {
  /** Calls that are over. Default 500. */
  readonly pastCalls?: number | undefined;
  /** Records of all calls. Default 50,000. */
  readonly records?: number | undefined;
  /** Estimated, of all records. Default 64 MiB. */
  readonly bytes?: number | undefined;
}

/** Which past calls are wanted. */
export interface PastCallsQuery {
  /** Words that must all be in its parties, channels, id, reason or keys. */
  readonly search?: string | undefined;
  /** Only calls that began before. */
  readonly before?: number | undefined;
  /** Default 100. */
  readonly limit?: number | undefined;
}

/** Two lists of the engine's channels without a channel: it is no more, though its end was not seen. */
const unseenLists = 2;

/**
 * Finds the calls in what happens: records go in, calls come out, each with its channels and its records in order.
 *
 * Channels belong together when they have the same billing id, are connected, or one executed the other (spec/calls.md). Two calls
 * that have billing ids of their own stay two when they are connected; what names channels of both is put to both.
 *
 * Bounded: over a limit the oldest calls that are over go first, whole; when that is not enough, the oldest records of the longest
 * call that lives, which is then marked as cut.
 */
export class CallBook {
  readonly #events: CallBookEvents;
  readonly #limits: { readonly pastCalls: number; readonly records: number; readonly bytes: number };
  /** By their ids, in the order of their coming. */
  readonly #calls = new Map<string, CallState>();
  readonly #byChannel = new Map<string, CallState>();
  readonly #byBillId = new Map<string, CallState>();
  readonly #byAlias = new Map<string, CallState>();
  /** Operations and waits that have begun, by source and id. */
  readonly #open = new Map<string, CallState>();
  readonly #pending = new PendingRecords();
  /** How many lists of channels a living channel was missing in. */
  readonly #unseen = new Map<string, number>();
  #records = 0;
  #bytes = 0;
  #past = 0;
  #engineStartedMs: number | undefined;

  constructor(events: CallBookEvents = {}, limits: CallBookLimits = {}) {
    this.#events = events;
    this.#limits = {
      pastCalls: limits.pastCalls ?? 500,
      records: limits.records ?? 50_000,
      bytes: limits.bytes ?? 64 * 1024 * 1024,
    };
  }

  /** How many records and bytes (estimated) are kept. */
  get size(): { readonly calls: number; readonly records: number; readonly bytes: number } {
    return { calls: this.#calls.size, records: this.#records, bytes: this.#bytes };
  }

  add(sourced: SourcedRecord): void {
    const { record } = sourced;
    if (record.kind === "engine") {
      this.#observe(record);
      return;
    }
    // Told again, as to somebody who came later: what is open is told to each who begins to look.
    if ("phase" in record && record.phase === "begin" && this.#open.has(keyOf(sourced))) return;
    const ties = tiesOf(record);
    const calls = this.#place(sourced, ties);
    if (calls.size === 0) {
      this.#hold(sourced, ties);
      return;
    }
    for (const call of calls) this.#put(call, sourced);
    this.#trim();
  }

  /** Calls that live, the oldest first. */
  live(): CallEntry[] {
    return [...this.#calls.values()].filter((call) => !call.ended).map((call) => call.entry());
  }

  /** Calls that are over, the latest first. */
  past({ search = "", before = Infinity, limit = 100 }: PastCallsQuery = {}): {
    readonly calls: CallEntry[];
    readonly more: boolean;
  } {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found: CallEntry[] = [];
    const latest = [...this.#calls.values()]
      .filter((call) => call.ended && call.startedMs < before)
      .sort((a, b) => b.startedMs - a.startedMs);
    for (const call of latest) {
      const entry = call.entry();
      if (!fits(entry, words)) continue;
      if (found.length === limit) return { calls: found, more: true };
      found.push(entry);
    }
    return { calls: found, more: false };
  }

  entry(call: string): CallEntry | undefined {
    return this.#find(call)?.entry();
  }

  story(call: string): CallStory | undefined {
    const found = this.#find(call);
    return found && { call: found.entry(), records: found.records, cut: found.cut };
  }

  /** The call of a channel. */
  callOf(channel: string): string | undefined {
    return this.#byChannel.get(channel)?.id;
  }

  /** The channels of a living call that have not ended. */
  livingChannels(call: string): readonly string[] {
    return this.#find(call)?.living ?? [];
  }

  /** All channels of an engine that is no more have ended. */
  engineLost(atMs: number, reason: string): void {
    for (const call of [...this.#calls.values()]) {
      if (call.ended) continue;
      const { living } = call;
      for (const channel of living) call.lose(channel, atMs, reason);
      if (living.length === 0) this.#remove(call);
      else {
        this.#ended(call);
        this.#events.changed?.(call.id);
      }
    }
    // The next engine counts its channels from 1 again.
    this.#byChannel.clear();
    this.#unseen.clear();
  }

  #find(id: string): CallState | undefined {
    let call = this.#calls.get(id) ?? this.#byBillId.get(id) ?? this.#byChannel.get(id);
    while (call?.mergedInto) call = call.mergedInto;
    return call && this.#calls.has(call.id) ? call : undefined;
  }

  /** Finds, makes and joins the calls that a record is about. */
  #place(sourced: SourcedRecord, ties: RecordTies): Set<CallState> {
    const { record } = sourced;
    const openKey = record.kind === "operation" || record.kind === "wait" ? keyOf(sourced) : undefined;
    const open = openKey === undefined ? undefined : this.#open.get(openKey);
    if (record.kind === "message" && finalName(record) === "chan.startup")
      this.#makeRoomFor(record.params, ties);
    if (ties.begins !== undefined) this.#begin(ties.begins, ties.billId, record.atMs);
    this.#join(ties, record.atMs);
    const calls = new Set<CallState>();
    if (open) calls.add(current(open));
    for (const channel of ties.channels) {
      const call = this.#byChannel.get(channel);
      if (call) calls.add(call);
    }
    if (calls.size === 0 && ties.billId !== undefined) {
      const call = this.#byBillId.get(ties.billId);
      if (call) calls.add(call);
    }
    if (calls.size === 0) {
      for (const alias of ties.aliases) {
        const call = this.#byAlias.get(alias);
        if (call) calls.add(call);
      }
    }
    if (record.kind === "wait" && record.operation !== undefined && calls.size === 0) {
      const call = this.#open.get(`operation ${sourced.source.name} ${record.operation}`);
      if (call) calls.add(current(call));
    }
    const [first] = calls;
    if (first) {
      for (const alias of ties.aliases) this.#alias(alias, first);
      if (openKey !== undefined && "phase" in record) {
        if (record.phase === "begin") this.#open.set(openKey, first);
        else this.#open.delete(openKey);
      }
    }
    for (const call of [...calls]) if (!this.#calls.has(call.id)) calls.delete(call);
    return calls;
  }

  /** A channel that starts again is another one: the engine counts anew. */
  #makeRoomFor(params: Pairs, ties: RecordTies): void {
    const id = paramOf({ params }, "id");
    const call = id === undefined ? undefined : this.#byChannel.get(id);
    if (!call || id === undefined || !call.hasStarted(id)) return;
    if (ties.billId !== undefined && this.#byBillId.get(ties.billId) === call) return;
    this.#byChannel.delete(id);
  }

  #begin(channel: string, billId: string | undefined, atMs: number): void {
    if (this.#byChannel.has(channel)) {
      const call = this.#byChannel.get(channel) as CallState;
      if (billId !== undefined) this.#bill(call, billId);
      return;
    }
    const known = billId === undefined ? undefined : this.#byBillId.get(billId);
    if (known) {
      this.#member(known, channel);
      return;
    }
    const call = new CallState(this.#freeId(billId ?? channel), billId, atMs);
    this.#calls.set(call.id, call);
    if (billId !== undefined) this.#byBillId.set(billId, call);
    this.#member(call, channel);
  }

  /** An engine that starts anew may give the same names. */
  #freeId(id: string): string {
    let free = id;
    for (let n = 2; this.#calls.has(free); n++) free = `${id}~${n}`;
    return free;
  }

  #bill(call: CallState, billId: string): void {
    const other = this.#byBillId.get(billId);
    if (other && other !== call) {
      if (call.billId === undefined) this.#merge(other, call);
      return;
    }
    call.billId ??= billId;
    this.#byBillId.set(billId, call);
  }

  #join({ joined, billId }: RecordTies, atMs: number): void {
    const [first, ...others] = joined;
    if (first === undefined || others.length === 0) return;
    for (const other of others) {
      if (first === other) continue;
      const [a, b] = [this.#byChannel.get(first), this.#byChannel.get(other)];
      if (a && b) {
        if (a !== b && (a.billId === undefined || b.billId === undefined)) this.#mergeByAge(a, b);
      } else if (a) this.#member(a, other);
      else if (b) this.#member(b, first);
      else if (billId !== undefined && (!isBeside(first) || !isBeside(other))) {
        const [begins, follows] = isBeside(first) ? [other, first] : [first, other];
        this.#begin(begins, billId, atMs);
        const call = this.#byChannel.get(begins);
        if (call) this.#member(call, follows);
      }
    }
  }

  #mergeByAge(a: CallState, b: CallState): void {
    const keepsA =
      (a.billId === undefined) === (b.billId === undefined)
        ? a.startedMs <= b.startedMs
        : a.billId !== undefined;
    if (keepsA) this.#merge(a, b);
    else this.#merge(b, a);
  }

  #merge(into: CallState, from: CallState): void {
    from.mergedInto = into;
    this.#calls.delete(from.id);
    this.#forget(from);
    if (from.ended) this.#past--;
    for (const channel of from.channels) {
      this.#byChannel.set(channel, into);
      into.join(channel);
    }
    for (const sourced of from.records) if (!into.records.includes(sourced)) this.#put(into, sourced);
    this.#events.gone?.(from.id);
    this.#events.changed?.(into.id);
  }

  #member(call: CallState, channel: string): void {
    this.#byChannel.set(channel, call);
    call.join(channel);
    this.#adopt(channel, call);
    this.#events.changed?.(call.id);
  }

  #alias(alias: string, call: CallState): void {
    if (this.#byAlias.get(alias) === call) return;
    this.#byAlias.set(alias, call);
    this.#adopt(alias, call);
  }

  /** What waited for the call to be known. */
  #adopt(key: string, call: CallState): void {
    for (const sourced of this.#pending.take(key)) {
      const { record } = sourced;
      const ties = tiesOf(record);
      for (const alias of ties.aliases) this.#byAlias.set(alias, call);
      this.#put(current(call), sourced);
      if (record.kind === "operation" || record.kind === "wait") {
        const openKey = keyOf(sourced);
        if (record.phase === "end") this.#open.delete(openKey);
        else {
          this.#open.set(openKey, call);
          this.#adopt(openKey, call);
        }
      }
      this.#join(ties, record.atMs);
    }
  }

  #hold(sourced: SourcedRecord, ties: RecordTies): void {
    const { record } = sourced;
    const key =
      ties.aliases[0] ??
      ties.channels.find((channel) => looksLikeChannel(channel) && !isBeside(channel)) ??
      (record.kind === "wait" && record.operation !== undefined
        ? `operation ${sourced.source.name} ${record.operation}`
        : undefined);
    if (key !== undefined) this.#pending.add(key, sourced);
  }

  #put(call: CallState, sourced: SourcedRecord): void {
    const [before, wasEnded] = [call.bytes, call.ended];
    call.add(sourced);
    this.#records++;
    this.#bytes += call.bytes - before;
    if (call.ended !== wasEnded) {
      if (wasEnded) this.#past--;
      else this.#ended(call);
    }
    this.#events.added?.(call.id, sourced);
    this.#events.changed?.(call.id);
  }

  #ended(call: CallState): void {
    this.#past++;
    for (const channel of call.channels) this.#unseen.delete(channel);
  }

  /** What a list of the engine's channels tells: calls from before this program came, and ends that nobody told of. */
  #observe(record: EngineRecord): void {
    if (this.#engineStartedMs !== undefined && record.startedMs > this.#engineStartedMs + 1500)
      this.engineLost(record.startedMs, "engine restarted");
    this.#engineStartedMs = record.startedMs;
    const there = new Map(record.channels.map((channel) => [channel.id, channel]));
    for (const { id, status, peer, billId, sinceMs } of record.channels) {
      if (isBeside(id)) continue;
      let call = this.#byChannel.get(id);
      if (!call) {
        const partner = this.#byChannel.get(peer);
        if (partner) this.#member(partner, id);
        else this.#begin(id, billId || undefined, sinceMs || record.atMs);
        call = this.#byChannel.get(id);
      }
      if (call && !call.ended && call.observe(id, status, record.atMs)) this.#events.changed?.(call.id);
    }
    for (const call of [...this.#calls.values()]) if (!call.ended) this.#missing(call, there, record.atMs);
    this.#trim();
  }

  #missing(call: CallState, there: ReadonlyMap<string, unknown>, atMs: number): void {
    for (const channel of call.living) {
      if (there.has(channel)) {
        this.#unseen.delete(channel);
        continue;
      }
      const count = (this.#unseen.get(channel) ?? 0) + 1;
      this.#unseen.set(channel, count);
      if (count < unseenLists) continue;
      this.#unseen.delete(channel);
      call.lose(channel, atMs, "");
      if (call.ended) this.#ended(call);
      this.#events.changed?.(call.id);
    }
  }

  #trim(): void {
    const { pastCalls, records, bytes } = this.#limits;
    while (this.#past > pastCalls || this.#records > records || this.#bytes > bytes) {
      const oldest = this.#past > 0 ? this.#oldestPast() : undefined;
      if (oldest) this.#remove(oldest);
      else if (!this.#cutLongest()) return;
    }
  }

  #oldestPast(): CallState | undefined {
    for (const call of this.#calls.values()) if (call.ended) return call;
    return undefined;
  }

  #cutLongest(): boolean {
    let longest: CallState | undefined;
    for (const call of this.#calls.values()) if (!longest || call.bytes > longest.bytes) longest = call;
    if (!longest || longest.bytes === 0) return false;
    const before = longest.bytes;
    this.#records -= longest.drop(longest.bytes / 10);
    this.#bytes += longest.bytes - before;
    this.#events.changed?.(longest.id);
    return true;
  }

  #remove(call: CallState): void {
    this.#calls.delete(call.id);
    if (call.ended) this.#past--;
    this.#forget(call);
    for (const channel of call.channels)
      if (this.#byChannel.get(channel) === call) this.#byChannel.delete(channel);
    if (call.billId !== undefined && this.#byBillId.get(call.billId) === call)
      this.#byBillId.delete(call.billId);
    for (const sourced of call.records)
      for (const alias of tiesOf(sourced.record).aliases)
        if (this.#byAlias.get(alias) === call) this.#byAlias.delete(alias);
    for (const [key, open] of this.#open) if (current(open) === call) this.#open.delete(key);
    this.#events.gone?.(call.id);
  }

  #forget(call: CallState): void {
    this.#records -= call.records.length;
    this.#bytes -= call.bytes;
  }
}

function current(call: CallState): CallState {
  let found = call;
  while (found.mergedInto) found = found.mergedInto;
  return found;
}

function keyOf({ source, record }: SourcedRecord): string {
  return "id" in record ? `${record.kind} ${source.name} ${record.id}` : "";
}

function fits(call: CallEntry, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text =
    `${call.from}\n${call.to}\n${call.id}\n${call.channels.join("\n")}\n${call.reason}\n${call.keys}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
