import type { VNode } from "preact";
import type { OperationRecord, TraceRecord, WaitRecord } from "../../../../src/trace/index.ts";
import { durationText, type LadderSpan, offsetText } from "../../../../src/trace/ladder/index.ts";
import type { DetailProps } from "./detail-panel.tsx";
import { Place } from "./place.tsx";

type Lasting = OperationRecord | WaitRecord;

/** An operation or a wait: where in the source, how long, how it ended, and what it waits by. */
export function SpanDetail(
  props: DetailProps & { readonly record: Lasting; readonly span: LadderSpan | undefined },
): VNode {
  const { record, span, model, endMs, onChoose } = props;
  const recordOf = (entry: number | undefined): Lasting | undefined =>
    lasting(entry === undefined ? undefined : model.records[entry]?.record);
  const begin = recordOf(span?.entry) ?? record;
  const end = recordOf(span?.endEntry);
  const index = span ? model.spans.indexOf(span) : -1;
  const waits = model.spans.filter((one) => one.within !== undefined && one.within === index);
  const operation = span?.within === undefined ? undefined : model.spans[span.within];
  const unbegun = begin.phase === "end";
  return (
    <>
      <h2 class="detail-title">
        <code>{begin.kind === "wait" ? `${begin.what} ${begin.name}` : begin.what}</code>
        {begin.kind === "operation" && begin.detail && <code class="dim">{begin.detail}</code>}
        {end ? (
          <span class={`badge ${span?.tone === "bad" ? "bad" : "app"}`}>{end.outcome ?? "over"}</span>
        ) : (
          <span class="badge warn">goes on</span>
        )}
      </h2>
      <dl class="facts">
        <dt>{end ? "took" : "age"}</dt>
        <dd>
          {unbegun
            ? "it began before the record"
            : durationText((span?.toMs ?? endMs) - (span?.fromMs ?? begin.atMs))}
        </dd>
        {end?.kind === "operation" && end.result && (
          <>
            <dt>result</dt>
            <dd>
              <code>{end.result}</code>
            </dd>
          </>
        )}
        {begin.kind === "wait" && begin.guard && (
          <>
            <dt>guard</dt>
            <dd>
              <code>{begin.guard}</code>
            </dd>
          </>
        )}
        {begin.channel && (
          <>
            <dt>channel</dt>
            <dd>
              <code>{begin.channel}</code>
              {begin.kind === "operation" && begin.leg && (
                <>
                  {" "}
                  by our leg <code>{begin.leg}</code>
                </>
              )}
            </dd>
          </>
        )}
      </dl>
      <section class="detail-part">
        <h3>Source line</h3>
        {begin.place ? <Place place={begin.place} /> : <p class="dim">Not known.</p>}
      </section>
      {operation && (
        <section class="detail-part">
          <h3>Waits for</h3>
          <ul class="same-id">
            <SpanRow span={operation} startMs={model.startMs} endMs={endMs} onChoose={onChoose} />
          </ul>
        </section>
      )}
      {waits.length > 0 && (
        <section class="detail-part">
          <h3>It waited by</h3>
          <ul class="same-id">
            {waits.map((wait) => (
              <SpanRow key={wait.key} span={wait} startMs={model.startMs} endMs={endMs} onChoose={onChoose} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function SpanRow(props: {
  readonly span: LadderSpan;
  readonly startMs: number;
  readonly endMs: number;
  readonly onChoose: (key: string) => void;
}): VNode {
  const { span, startMs, endMs, onChoose } = props;
  return (
    <li>
      <button type="button" class="link-row" onClick={() => onChoose(span.key)}>
        <code class="dim">{offsetText(span.fromMs - startMs)}</code>
        <code class="cut">{span.label}</code>
        <span class="spread" />
        <span class="dim numbers">{durationText((span.toMs ?? endMs) - span.fromMs)}</span>
      </button>
    </li>
  );
}

function lasting(record: TraceRecord | undefined): Lasting | undefined {
  return record?.kind === "operation" || record?.kind === "wait" ? record : undefined;
}
