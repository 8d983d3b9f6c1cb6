import type { VNode } from "preact";
import { calls, hello } from "../console.ts";
import { copyText } from "../parts/copy-text.ts";
import { Icon } from "../parts/icon.tsx";
import { clockWords, durationWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { callOf } from "./call-of.ts";
import { compose, composedFrom } from "./compose.ts";
import { quoted } from "./filter-words.ts";
import { HandlerSteps } from "./handler-steps.tsx";
import type { MessageRow } from "./message-book.ts";
import { filterText } from "./message-store.ts";
import { sentBy } from "./message-summary.ts";
import { yaytsCode } from "./yayts-code.ts";

/** Everything about the chosen message, and what can be done with it. */
export function MessageDetail(props: { readonly row: MessageRow; readonly onClose: () => void }): VNode {
  const { record } = props.row;
  const call = callOf(record.params, calls.value);
  const composed = composedFrom(record);
  return (
    <section class="message-detail" aria-label={`detail of ${record.name}`} tabIndex={-1}>
      <header class="bar">
        <h2 class="cut">
          <code>{record.name}</code>
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
          class="button small icon"
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
      <div class="scroll pad detail-body">
        <dl class="facts">
          <dt>When</dt>
          <dd class="numbers">
            {clockWords(record.atMs, true)}
            {record.tookMs !== undefined && `, took ${durationWords(record.tookMs)}`}
            {record.queuedMs !== undefined && `, after ${durationWords(record.queuedMs)} in the queue`}
          </dd>
          <dt>From</dt>
          <dd>{sentBy(record)}</dd>
          <dt>Return value</dt>
          <dd>{record.retvalue ? <pre>{record.retvalue}</pre> : <span class="dim">empty</span>}</dd>
        </dl>
        <h3>Handlers</h3>
        <HandlerSteps message={record} />
        <h3>Parameters</h3>
        <dl class="facts params">
          {record.params.map(([name, value], index) => [
            <dt key={`${index} name`}>
              <button
                type="button"
                title="filter by this"
                onClick={() => {
                  filterText.value = `${filterText.value} ${name}=${quoted(value)}`.trim();
                }}
              >
                <code>{name}</code>
              </button>
            </dt>,
            <dd key={`${index} value`}>
              <code>{value}</code>
            </dd>,
          ])}
        </dl>
      </div>
    </section>
  );
}
