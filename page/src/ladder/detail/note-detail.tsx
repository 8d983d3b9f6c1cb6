import type { VNode } from "preact";
import type { ErrorRecord, LogRecord } from "../../../../src/trace/index.ts";
import { copyText } from "../../parts/copy-text.ts";
import { Icon } from "../../parts/icon.tsx";
import { Place } from "./place.tsx";

export function NoteDetail({ record }: { readonly record: ErrorRecord | LogRecord }): VNode {
  const bad = record.kind === "error" || record.level === "error";
  return (
    <>
      <h2 class="detail-title">
        <span class={`badge ${bad ? "bad" : ""}`}>{record.kind === "error" ? "error" : record.level}</span>
        <span class="note-text">{record.text}</span>
      </h2>
      {record.kind === "error" && record.place && <Place place={record.place} />}
      {record.kind === "error" && record.stack && (
        <section class="detail-part">
          <div class="part-head">
            <h3>Stack</h3>
            <span class="spread" />
            <button
              type="button"
              class="button small icon plain"
              aria-label="copy the stack"
              onClick={() => copyText(record.stack ?? "", "stack copied")}
            >
              <Icon name="copy" />
            </button>
          </div>
          <pre class="stack">{record.stack}</pre>
        </section>
      )}
    </>
  );
}
