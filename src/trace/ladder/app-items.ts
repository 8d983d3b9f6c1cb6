import type { ErrorRecord, LogRecord, OperationRecord, WaitRecord } from "../records.ts";
import type { LadderItem, LadderMark, LadderSpan, LadderTone } from "./ladder-item.ts";
import type { LadderDraft } from "./ladder-model.ts";
import { durationText, placeText } from "./words.ts";

const bad: ReadonlySet<string> = new Set(["failed", "error", "Disconnected", "threw"]);

function outcomeTone(outcome: string | undefined): LadderTone {
  return outcome !== undefined && bad.has(outcome) ? "bad" : "app";
}

/** An operation has a row where it begins and one where it ends; only those that last show what they came to by a row of its own. */
export function addOperation(draft: LadderDraft, entry: number, key: string, record: OperationRecord): void {
  const name = `${draft.sourceOf(entry)}/operation/${record.id}`;
  const { what, atMs } = record;
  if (record.phase === "begin") {
    const mark: LadderMark | undefined =
      what === "play" || what === "say" ? { kind: "prompt", text: record.detail ?? what } : undefined;
    const label = record.detail ? `${what} ${record.detail}` : what;
    const more = record.place ? placeText(record.place) : "";
    const span = draft.open(name, {
      key,
      kind: "operation",
      whole: what === "call",
      lane: "app",
      label,
      more,
      tone: "app",
      entry,
      atMs,
    });
    draft.items.push({
      kind: "operation",
      lane: "app",
      phase: "begin",
      key,
      entry,
      atMs,
      label,
      more,
      tone: "app",
      span,
      mark,
      place: record.place,
    });
    return;
  }
  const tone = outcomeTone(record.outcome);
  const span = draft.close(name, entry, atMs, tone);
  // Its beginning was before anybody looked: a span from where the picture begins.
  const known =
    span ??
    draft.unbegun(name, { key, kind: "operation", lane: "app", label: what, more: "", tone, entry, atMs });
  const took = span === undefined ? "" : durationText(atMs - draft.fromOf(span));
  const label = record.outcome ? `${what}: ${record.outcome}` : `${what} over`;
  const more = [took, record.result].filter(Boolean).join(" · ");
  draft.items.push({
    kind: "operation",
    lane: "app",
    phase: "end",
    key,
    entry,
    atMs,
    label,
    more,
    tone,
    span: known,
  });
}

/** A wait of an operation is part of its bar; only one that the app's author wrote has a row, and the library's own a quiet one. */
export function addWait(draft: LadderDraft, entry: number, key: string, record: WaitRecord): void {
  const name = `${draft.sourceOf(entry)}/wait/${record.id}`;
  const { atMs } = record;
  if (record.phase === "end") {
    draft.close(name, entry, atMs, outcomeTone(record.outcome) === "bad" ? "bad" : "dim");
    return;
  }
  const label = `${record.what} ${record.name}`;
  const more = [record.guard, record.place && placeText(record.place)].filter(Boolean).join(" · ");
  const within =
    record.operation === undefined
      ? undefined
      : draft.spanNamed(`${draft.sourceOf(entry)}/operation/${record.operation}`);
  const own = record.place !== undefined;
  const inner = record.operation !== undefined || !own;
  const span = draft.open(name, {
    key,
    kind: "wait",
    lane: "app",
    label,
    more,
    tone: "dim",
    entry,
    atMs,
    within,
    inner,
  });
  if (record.operation === undefined)
    draft.items.push({
      kind: "wait",
      lane: "app",
      phase: "begin",
      key,
      entry,
      atMs,
      label,
      more,
      tone: "dim",
      span,
      quiet: !own,
      place: record.place,
    });
}

export function addNote(
  draft: LadderDraft,
  entry: number,
  key: string,
  record: ErrorRecord | LogRecord,
  ofApp: boolean,
): void {
  const { kind, atMs } = record;
  const [first = ""] = record.text.split("\n", 1);
  const isError = kind === "error" || record.level === "error";
  const tone: LadderTone = isError ? "bad" : kind === "log" && record.level === "warn" ? "warn" : "dim";
  const item: LadderItem = {
    kind,
    lane: ofApp ? "app" : "engine",
    key,
    entry,
    atMs,
    label: first,
    more: kind === "error" && record.place ? placeText(record.place) : "",
    tone,
    place: kind === "error" ? record.place : undefined,
    mark: isError ? { kind: "error", text: first } : undefined,
  };
  draft.items.push(item);
}

/** What is known of a span when it begins. */
export type SpanBeginning = Pick<
  LadderSpan,
  "key" | "kind" | "lane" | "label" | "more" | "tone" | "entry" | "party" | "within" | "whole" | "inner"
> & {
  readonly atMs: number;
};
