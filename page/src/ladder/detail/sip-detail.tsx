import type { VNode } from "preact";
import type { SipRecord } from "../../../../src/trace/index.ts";
import { offsetText, recordKey } from "../../../../src/trace/ladder/index.ts";
import { copyText } from "../../parts/copy-text.ts";
import { Icon } from "../../parts/icon.tsx";
import type { DetailProps } from "./detail-panel.tsx";
import { isChief, sdpWords, splitSip } from "./sip-text.ts";

export function SipDetail({ record, model, onChoose }: DetailProps & { readonly record: SipRecord }): VNode {
  const { first, headers, body, bodyType } = splitSip(record.text || record.line);
  const isSdp = /application\/sdp/i.test(bodyType);
  const others = model.records.filter(
    (one) =>
      one.record.kind === "sip" && one.record.callId === record.callId && one.record.method === record.method,
  );
  return (
    <>
      <h2 class="detail-title">
        <code>{record.line || record.method}</code>
        {record.again && <span class="badge warn">sent again: the same bytes as before</span>}
      </h2>
      <dl class="facts">
        <dt>{record.direction === "in" ? "from" : "to"}</dt>
        <dd>
          <code>{record.remote}</code> <span class="badge">{record.transport}</span>
        </dd>
        <dt>{record.direction === "in" ? "to us" : "from us"}</dt>
        <dd>
          <code>{record.local}</code>
        </dd>
        {record.channel !== "" && (
          <>
            <dt>channel</dt>
            <dd>
              <code>{record.channel}</code>
            </dd>
          </>
        )}
      </dl>
      <section class="detail-part">
        <div class="part-head">
          <h3>Text</h3>
          <span class="spread" />
          <button
            type="button"
            class="button small icon plain"
            aria-label="copy the text"
            data-tip="Copy"
            data-tip-side="left"
            onClick={() => copyText(record.text, "SIP message copied")}
          >
            <Icon name="copy" />
          </button>
        </div>
        {record.text === "" ? (
          <p class="dim">The engine told only its first line.</p>
        ) : (
          <div class="sip-text">
            <div class="sip-first">{first}</div>
            {headers.map(([name, value], i) => (
              <div key={`${i} ${name}`} class={isChief(name) ? "chief" : undefined}>
                <span class="sip-name">{name}</span>
                {name && ": "}
                {value}
              </div>
            ))}
          </div>
        )}
        {body !== "" && (
          <details class="sdp">
            <summary>{isSdp ? <>SDP · {sdpWords(body)}</> : bodyType || "Body"}</summary>
            <pre>{body}</pre>
          </details>
        )}
      </section>
      {others.length > 1 && (
        <section class="detail-part">
          <h3>
            The same {record.method} ({others.length})
          </h3>
          <ul class="same-id">
            {others.slice(0, 20).map((one) => (
              <li key={recordKey(one)}>
                <button
                  type="button"
                  class="link-row"
                  aria-current={one.record === record}
                  onClick={() => onChoose(recordKey(one))}
                >
                  <code class="dim">{offsetText(one.record.atMs - model.startMs)}</code>
                  <code class="cut">
                    {one.record.kind === "sip" &&
                      `${one.record.direction === "in" ? "←" : "→"} ${one.record.line}${one.record.again ? " (again)" : ""}`}
                  </code>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
