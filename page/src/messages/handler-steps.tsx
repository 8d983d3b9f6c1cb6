import type { VNode } from "preact";
import type { MessageRecord } from "../../../src/trace/index.ts";
import { durationWords } from "../parts/time-words.ts";
import { Changes } from "./changes.tsx";

/** Who was asked to handle a message, in order, with what each did; and who would have been next. */
export function HandlerSteps({ message }: { readonly message: MessageRecord }): VNode {
  if (message.steps.length === 0)
    return <p class="dim">Who was asked is not known: this engine does not tell, or nobody was.</p>;
  return (
    <ol class="handler-steps">
      {message.steps.map(({ name, priority, tookMs, handled, changes, renamed, retvalue, failed }, index) => (
        <li key={index}>
          <span class="numbers dim">{priority}</span>
          <strong>{name}</strong>
          {failed !== undefined ? (
            <span class="badge bad">{failed}</span>
          ) : handled === true ? (
            <span class="badge good">took it</span>
          ) : (
            <span class="dim">{handled === false ? "passed it on" : "was asked"}</span>
          )}
          {tookMs !== undefined && <span class="numbers dim">{durationWords(tookMs)}</span>}
          {renamed !== undefined && (
            <span>
              named it <code>{renamed}</code>
            </span>
          )}
          {retvalue !== undefined && (
            <span>
              returned <code>{retvalue}</code>
            </span>
          )}
          {changes.length > 0 && <Changes changes={changes} />}
        </li>
      ))}
      {message.next.length > 0 && (
        <li class="dim">
          Next would have been: {message.next.map(({ name, priority }) => `${name} (${priority})`).join(", ")}
        </li>
      )}
    </ol>
  );
}
