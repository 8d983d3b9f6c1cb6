import type { VNode } from "preact";
import { messagePoint } from "../../../src/trace/index.ts";
import { durationText } from "../../../src/trace/ladder/index.ts";
import { calls, hello } from "../console.ts";
import { HandlerSteps } from "../ladder/detail/handler-steps.tsx";
import { Params } from "../ladder/detail/params.tsx";
import { copyText } from "../parts/copy-text.ts";
import { Icon } from "../parts/icon.tsx";
import { clockWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { callOf } from "./call-of.ts";
import { compose, composedFrom } from "./compose.ts";
import { quoted, toggleWord } from "./filter-words.ts";
import type { MessageRow } from "./message-book.ts";
import { filterText } from "./message-store.ts";
import { sentBy } from "./message-summary.ts";
import { yaytsCode } from "./yayts-code.ts";

/** Everything about the chosen message, and what can be done with it. */
export function MessageDetail(props: { readonly row: MessageRow; readonly onClose: () => void }): VNode {
  const { record } = props.row;
  const point = messagePoint(record);
  const call = callOf(record.params, calls.value);
  const composed = composedFrom(record);
  const narrow = (word: string) => () => {
    filterText.value = toggleWord(filterText.value, word);
  };
  const channel = record.params.find(([name]) => name === "id")?.[1];
  return (
    <section
      class="message-detail"
      aria-label={`detail of ${point.name}`}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        props.onClose();
        document.querySelector<HTMLElement>(".message-grid")?.focus();
      }}
    >
      <header class="bar">
        <h2 class="cut">
          <code>{point.name}</code> {point.masquerade && <span class="badge">masquerade</span>}{" "}
          <span class="dim">{point.text}</span>
        </h2>
        <span class="spread" />
        {call && (
          <a class="button small" href={linkTo("calls", call.id)}>
            <Icon name="calls" />
            Its call
          </a>
        )}
        <button
          type="button"
          class="button small"
          disabled={hello.value?.viewOnly}
          onClick={() => compose(composed)}
        >
          <Icon name="send" />
          Edit and send
        </button>
        <button
          type="button"
          class="button small icon plain"
          title="copy as yayts code"
          aria-label="copy as yayts code"
          onClick={() => copyText(yaytsCode(composed), "copied as code of an app")}
        >
          <Icon name="copy" />
        </button>
        <button
          type="button"
          class="button plain icon small"
          aria-label="close the detail"
          onClick={props.onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="scroll record-detail">
        <div class="detail-body">
          <dl class="facts">
            <dt>at</dt>
            <dd class="numbers">
              {clockWords(record.atMs, true)}
              {record.tookMs !== undefined && `, took ${durationText(record.tookMs)}`}
              {record.queuedMs !== undefined && `, after ${durationText(record.queuedMs)} in the queue`}
            </dd>
            <dt>sender</dt>
            <dd>{record.sender ? <code>{sentBy(record)}</code> : "the engine itself"}</dd>
            {record.retvalue !== "" && (
              <>
                <dt>return value</dt>
                <dd>
                  <pre class="whole">{record.retvalue}</pre>
                </dd>
              </>
            )}
            <dt>filter</dt>
            <dd class="chips">
              <button type="button" class="button small" onClick={narrow(point.name)}>
                only {point.name}
              </button>
              <button type="button" class="button small" onClick={narrow(`-${point.name}`)}>
                without
              </button>
              {channel && (
                <button type="button" class="button small" onClick={narrow(`call:${quoted(channel)}`)}>
                  only {channel}
                </button>
              )}
            </dd>
          </dl>
          <HandlerSteps record={record} />
          <Params record={record} />
        </div>
      </div>
    </section>
  );
}
