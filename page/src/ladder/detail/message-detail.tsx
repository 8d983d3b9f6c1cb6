import type { VNode } from "preact";
import { type MessageRecord, messagePoint } from "../../../../src/trace/index.ts";
import { durationText } from "../../../../src/trace/ladder/index.ts";
import type { DetailProps } from "./detail-panel.tsx";
import { HandlerSteps } from "./handler-steps.tsx";
import { Params } from "./params.tsx";
import { SameId } from "./same-id.tsx";

export function MessageDetail(props: DetailProps & { readonly record: MessageRecord }): VNode {
  const { record, model, onChoose } = props;
  const handler = record.handled ? record.steps.findLast((step) => step.handled) : undefined;
  const { name, text, masquerade } = messagePoint(record);
  const told = record.tookMs !== undefined || record.steps.length > 0;
  return (
    <>
      <h2 class="detail-title">
        <code>{name}</code>
        {text && <code class="message-point">{text}</code>}
        {masquerade && (
          <span class="badge" title="an app sent chan.masquerade, in the name of a channel">
            masquerade
          </span>
        )}
        <span class={`badge ${record.handled ? "message" : ""}`}>
          {record.handled ? `handled${handler ? ` by ${handler.name}` : ""}` : "not handled"}
        </span>
      </h2>
      <dl class="facts">
        <dt>sender</dt>
        <dd>
          {record.sender ? (
            <code>{record.sender}</code>
          ) : told ? (
            "the engine itself"
          ) : (
            <span class="dim">this engine does not tell</span>
          )}
        </dd>
        <dt>took</dt>
        <dd>
          {record.tookMs === undefined ? (
            <span class="dim">this engine does not tell</span>
          ) : (
            durationText(record.tookMs)
          )}
        </dd>
        {record.queuedMs !== undefined && (
          <>
            <dt>in the queue</dt>
            <dd>{durationText(record.queuedMs)}</dd>
          </>
        )}
        {record.retvalue !== "" && (
          <>
            <dt>return value</dt>
            <dd>
              <code>{record.retvalue}</code>
            </dd>
          </>
        )}
      </dl>
      <HandlerSteps record={record} />
      <Params record={record} />
      <SameId model={model} record={record} onChoose={onChoose} />
    </>
  );
}
