import type { VNode } from "preact";
import type { MessageResult } from "../../../src/console/protocol.ts";
import { durationText } from "../../../src/trace/ladder/index.ts";
import { Changes } from "../ladder/detail/changes.tsx";
import { clockWords } from "../parts/time-words.ts";
import { paramChanges } from "./param-changes.ts";
import type { ComposedMessage } from "./yayts-code.ts";

/** A message that was sent by hand, and what became of it. */
export interface Sent {
  readonly message: ComposedMessage;
  readonly result?: MessageResult;
  readonly problem?: string;
  readonly atMs: number;
}

export function SendResult({ sent: { message, result, problem, atMs } }: { readonly sent: Sent }): VNode {
  if (!result)
    return (
      <section class="send-result" aria-label="result" role="status">
        <p>
          <span class="badge bad">not sent</span> {problem}
        </p>
      </section>
    );
  if (message.enqueue)
    return (
      <section class="send-result" aria-label="result" role="status">
        <p>
          <span class="badge good">enqueued</span> at {clockWords(atMs)}. Who handles it is in the table.
        </p>
      </section>
    );
  const changes = paramChanges(message.params, result.params);
  return (
    <section class="send-result" aria-label="result" role="status">
      <p>
        <span class={`badge ${result.handled ? "good" : "warn"}`}>
          {result.handled ? "handled" : "not handled"}
        </span>{" "}
        in {durationText(result.tookMs)}, at {clockWords(atMs)}
        {result.name !== message.name && (
          <>
            , as <code>{result.name}</code>
          </>
        )}
      </p>
      <dl class="facts">
        <dt>Return value</dt>
        <dd>{result.retvalue === "" ? <span class="dim">empty</span> : <pre>{result.retvalue}</pre>}</dd>
        <dt>Changed</dt>
        <dd>
          {changes.length === 0 ? (
            <span class="dim">no parameter</span>
          ) : (
            <div class="record-detail flush">
              <Changes changes={changes} />
            </div>
          )}
        </dd>
      </dl>
    </section>
  );
}
