import type { Params } from "../../bus/index.ts";
import type { TracedHandler } from "../../engine/index.ts";
import { maskRetvalue } from "../../trace/index.ts";
import { quoted, textMember } from "./json-text.ts";
import { changesText, differs, type ParamsView, paramsText } from "./param-changes.ts";
import { micro } from "./record-times.ts";

/** A handler that was asked. */
export interface Step {
  readonly by: string;
  readonly priority: number;
  readonly askedMs: number;
  readonly before: Params;
  readonly nameBefore: string;
  readonly retvalueBefore: string;
  answeredMs: number;
  /** Undefined: as before. */
  after: Params | undefined;
  name: string;
  retvalue: string;
  handled: boolean;
  failed: string | undefined;
}

/** A dispatch that is over. Times are of the monotonic clock, but `atMs`. */
export interface ToldDispatch {
  readonly atMs: number;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly queuedMs: number | undefined;
  readonly name: string;
  readonly sender: string;
  readonly handled: boolean;
  readonly retvalue: string;
  readonly before: Params;
  readonly after: Params;
  readonly steps: readonly Step[];
  readonly next: readonly TracedHandler[];
}

/** Its `MessageRecord`, as JSON. */
export function messageText(told: ToldDispatch, seq: number, view: ParamsView): string {
  const { name, before, after, beganMs, queuedMs } = told;
  const retvalue = view.shorten(maskRetvalue(name, told.retvalue));
  const old = differs(before, after, view.trackParam) ? `,"before":${paramsText(before, view)}` : "";
  const queued = queuedMs === undefined ? "" : `,"queuedMs":${micro(queuedMs)}`;
  let steps = "";
  for (const step of told.steps) steps += `${steps && ","}${stepText(step, beganMs, name, view)}`;
  let next = "";
  for (const handler of told.next)
    next += `${next && ","}{"name":${quoted(handler.owner.name)},"priority":${handler.priority}}`;
  return (
    `{"kind":"message","seq":${seq},"atMs":${told.atMs},"name":${quoted(name)},"sender":${quoted(told.sender)}` +
    `,"handled":${told.handled},"retvalue":${quoted(retvalue)},"params":${paramsText(after, view)}${old}` +
    `,"steps":[${steps}],"next":[${next}],"tookMs":${micro(told.endedMs - beganMs)}${queued}}`
  );
}

function stepText(step: Step, beganMs: number, message: string, view: ParamsView): string {
  const { name, retvalue, after, failed } = step;
  const changes = after ? changesText(step.before, after, view) : "";
  const renamed = name === step.nameBefore ? undefined : name;
  const set = retvalue === step.retvalueBefore ? undefined : view.shorten(maskRetvalue(message, retvalue));
  return (
    `{"name":${quoted(step.by)},"priority":${step.priority},"afterMs":${micro(step.askedMs - beganMs)}` +
    `,"tookMs":${micro(step.answeredMs - step.askedMs)},"handled":${step.handled},"changes":[${changes}]` +
    `${textMember("renamed", renamed)}${textMember("retvalue", set)}${textMember("failed", failed && view.shorten(failed))}}`
  );
}
