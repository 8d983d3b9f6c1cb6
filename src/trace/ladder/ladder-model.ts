import { isQuietMessage, messagePoint } from "../message-point.ts";
import type { MessageRecord, RtpFigures, SourcedRecord } from "../records.ts";
import { addNote, addOperation, addWait, type SpanBeginning } from "./app-items.ts";
import {
  type LadderItem,
  type LadderMark,
  type LadderModel,
  type LadderSpan,
  type LadderTone,
  recordKey,
  type SpanPart,
} from "./ladder-item.ts";
import { assignTracks } from "./tracks.ts";
import { addRtp, addSip } from "./wire-items.ts";

type OpenSpan = { -readonly [K in keyof LadderSpan]: LadderSpan[K] } & { readonly parts: SpanPart[] };

/** A model while it is made: spans are found by name, since their beginnings and ends are records of their own. */
export class LadderDraft {
  readonly items: LadderItem[] = [];
  readonly spans: OpenSpan[] = [];
  readonly parties: string[] = [];
  readonly #records: readonly SourcedRecord[];
  readonly #startMs: number;
  readonly #byName = new Map<string, number>();
  readonly #heard = new Map<number, RtpFigures>();

  constructor(records: readonly SourcedRecord[], startMs: number) {
    this.#records = records;
    this.#startMs = startMs;
  }

  sourceOf(entry: number): string {
    return this.#records[entry]?.source.name ?? "";
  }

  open(name: string, { atMs, ...rest }: SpanBeginning): number {
    const span = this.spans.length;
    this.spans.push({ ...rest, fromMs: atMs, toMs: undefined, endEntry: undefined, track: 0, parts: [] });
    this.#byName.set(name, span);
    return span;
  }

  /** A span of which only a later moment is known. */
  unbegun(name: string, beginning: SpanBeginning): number {
    const span = this.open(name, { ...beginning, atMs: this.#startMs });
    if (beginning.kind !== "rtp") this.close(name, beginning.entry, beginning.atMs);
    return span;
  }

  /** @returns undefined for one whose beginning nobody saw */
  close(name: string, entry: number, atMs: number, tone?: LadderTone): number | undefined {
    const index = this.#byName.get(name);
    const span = index === undefined ? undefined : this.spans[index];
    if (!span) return undefined;
    span.toMs = Math.max(atMs, span.fromMs);
    span.endEntry = entry;
    if (tone) span.tone = tone;
    // An engine that began anew may use the name again.
    this.#byName.delete(name);
    return index;
  }

  spanNamed(name: string): number | undefined {
    return this.#byName.get(name);
  }

  fromOf(span: number): number {
    return this.spans[span]?.fromMs ?? this.#startMs;
  }

  part(span: number, toMs: number, tone: LadderTone): void {
    this.spans[span]?.parts.push({ toMs, tone });
  }

  /** Figures count from the beginning of a session; what they were the last time tells how it has been since. */
  heardBefore(span: number, now: RtpFigures | undefined): RtpFigures | undefined {
    const before = this.#heard.get(span);
    if (now) this.#heard.set(span, now);
    return before;
  }

  /** The column of an address. */
  party(remote: string): number {
    const known = this.parties.indexOf(remote);
    return known < 0 ? this.parties.push(remote) - 1 : known;
  }

  /** The column of the same host, whatever its port: sound has ports of its own. */
  partyAt(remote: string): number | undefined {
    const host = hostOf(remote);
    const found = this.parties.findIndex((party) => hostOf(party) === host);
    return found < 0 ? undefined : found;
  }
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}

function addMessage(
  draft: LadderDraft,
  entry: number,
  key: string,
  record: MessageRecord,
  apps: ReadonlySet<string>,
): void {
  const { sender, steps, tookMs, atMs } = record;
  const { name, text, masquerade } = messagePoint(record);
  const handler = record.handled ? steps.findLast(({ handled }) => handled)?.name : undefined;
  const failed = steps.some((step) => step.failed !== undefined);
  const path = [sender, ...(handler === undefined ? [] : [handler])].filter(Boolean).join(" → ");
  draft.items.push({
    kind: "message",
    lane: "engine",
    key,
    entry,
    atMs,
    label: name,
    point: text,
    masquerade,
    quiet: isQuietMessage(record),
    more: sender && handler === undefined ? `${sender} →` : handler && !sender ? `→ ${path}` : path,
    tone: failed ? "bad" : record.handled ? "message" : "dim",
    tookMs,
    // A console's own phones are no app, though they are connected as one.
    fromApp: sender !== "" && sender !== "console",
    byApp: handler !== undefined && apps.has(handler),
    mark: markOf(name, text),
  });
}

function markOf(name: string, text: string): LadderMark | undefined {
  if (name === "chan.dtmf" && text !== "") return { kind: "key", text };
  return name === "chan.attach" && text.startsWith("wave/play/") ? { kind: "prompt", text } : undefined;
}

/**
 * What happened in a call, as what a ladder shows. Records may come in any order; those of the engine's and the apps' general state are left out.
 * @param records of one call
 */
export function ladderModel(records: readonly SourcedRecord[]): LadderModel {
  const sorted = records
    .filter(({ record }) => record.kind !== "engine" && record.kind !== "app")
    .sort((a, b) => a.record.atMs - b.record.atMs || a.record.seq - b.record.seq);
  const startMs = sorted[0]?.record.atMs ?? 0;
  const apps = new Set<string>();
  for (const { record, source } of sorted) {
    if (record.kind === "message" && record.sender) apps.add(record.sender);
    if (source.kind === "app") apps.add(source.name);
  }
  const draft = new LadderDraft(sorted, startMs);
  let endMs = startMs;
  for (const [entry, sourced] of sorted.entries()) {
    const { record } = sourced;
    endMs = Math.max(endMs, record.atMs + (record.kind === "message" ? (record.tookMs ?? 0) : 0));
    addRecord(draft, entry, sourced, apps);
  }
  return {
    records: sorted,
    items: draft.items,
    spans: draft.spans,
    parties: draft.parties,
    tracks: placeTracks(draft.spans),
    startMs,
    endMs,
  };
}

function addRecord(
  draft: LadderDraft,
  entry: number,
  sourced: SourcedRecord,
  apps: ReadonlySet<string>,
): void {
  const { record, source } = sourced;
  const key = recordKey(sourced);
  if (record.kind === "message") addMessage(draft, entry, key, record, apps);
  else if (record.kind === "sip") addSip(draft, entry, key, record);
  else if (record.kind === "rtp") addRtp(draft, entry, key, record);
  else if (record.kind === "operation") addOperation(draft, entry, key, record);
  else if (record.kind === "wait") addWait(draft, entry, key, record);
  else if (record.kind === "error" || record.kind === "log")
    addNote(draft, entry, key, record, source.kind === "app");
}

/** Tracks of the two lanes that have spans: sessions with different parties lie on different life lines and need none beside one another. */
function placeTracks(spans: readonly OpenSpan[]): LadderModel["tracks"] {
  const count = { wire: 0, app: 0 };
  const seen = spans.filter(({ inner }) => !inner);
  const groups = Map.groupBy(seen, (span) => `${span.lane} ${span.party ?? ""}`);
  for (const group of groups.values()) {
    // A span whose beginning nobody saw is found late, but begins first.
    const own = group.toSorted((a, b) => a.fromMs - b.fromMs);
    for (const [i, track] of assignTracks(own).entries()) {
      const span = own[i] as OpenSpan;
      span.track = track;
      count[span.lane] = Math.max(count[span.lane], track + 1);
    }
  }
  return count;
}
