import type { VNode } from "preact";
import type { SourcedRecord } from "../../../../src/trace/index.ts";
import {
  type LadderModel,
  type LadderSpan,
  offsetText,
  recordKey,
} from "../../../../src/trace/ladder/index.ts";
import { Icon } from "../../parts/icon.tsx";
import { clockWords } from "../../parts/time-words.ts";
import { MessageDetail } from "./message-detail.tsx";
import { NoteDetail } from "./note-detail.tsx";
import { RtpDetail } from "./rtp-detail.tsx";
import { SipDetail } from "./sip-detail.tsx";
import { SpanDetail } from "./span-detail.tsx";

export interface DetailProps {
  readonly model: LadderModel;
  readonly endMs: number;
  readonly onChoose: (key: string) => void;
}

/** Everything about the chosen record. */
export function DetailPanel(
  props: DetailProps & { readonly selected: string; readonly onClose: () => void },
): VNode {
  const { model, selected, onClose } = props;
  const sourced = model.records.find((one) => recordKey(one) === selected);
  return (
    <aside
      class="record-detail"
      tabIndex={-1}
      aria-label="detail"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
        document.querySelector<HTMLElement>(".ladder-box")?.focus();
      }}
    >
      <header class="detail-head">
        {sourced && (
          <span class="dim numbers" title={clockWords(sourced.record.atMs, true)}>
            <code>{offsetText(sourced.record.atMs - model.startMs)} s</code> ·{" "}
            {clockWords(sourced.record.atMs, true)}
          </span>
        )}
        <span class="spread" />
        <button
          type="button"
          class="button small icon plain"
          aria-label="close"
          data-tip="Close (Esc)"
          data-tip-side="left"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="scroll detail-body">
        {sourced ? body(sourced, props) : <p class="dim">This record is gone.</p>}
      </div>
    </aside>
  );
}

function body({ record, source }: SourcedRecord, props: DetailProps): VNode | null {
  switch (record.kind) {
    case "message":
      return <MessageDetail record={record} {...props} />;
    case "sip":
      return <SipDetail record={record} {...props} />;
    case "rtp":
      return <RtpDetail record={record} {...props} />;
    case "operation":
    case "wait":
      return <SpanDetail record={record} span={spanOf(props.model, { record, source })} {...props} />;
    case "error":
    case "log":
      return <NoteDetail record={record} />;
    case "engine":
    case "app":
      return null;
  }
}

function spanOf(model: LadderModel, sourced: SourcedRecord): LadderSpan | undefined {
  const key = recordKey(sourced);
  return model.spans.find((span) => {
    const end = span.endEntry === undefined ? undefined : model.records[span.endEntry];
    return span.key === key || (end && recordKey(end) === key);
  });
}
