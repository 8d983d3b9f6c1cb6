import type { VNode } from "preact";
import type { ErrorRecord } from "../../../src/trace/index.ts";
import { calls } from "../console.ts";
import { Panel } from "../engine/panel.tsx";
import { callOfChannel } from "../messages/call-of.ts";
import { copyText } from "../parts/copy-text.ts";
import { clockWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { Place } from "./place.tsx";

/** Errors that nobody caught; nothing at all when there are none. */
export function Errors({ errors }: { readonly errors: readonly ErrorRecord[] }): VNode | null {
  if (errors.length === 0) return null;
  return (
    <Panel title="Errors that nobody caught" count={errors.length}>
      <ul class="errors">
        {errors.map((error) => (
          <li key={error.seq}>
            <OneError error={error} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function OneError({ error: { atMs, text, stack, place, channel } }: { readonly error: ErrorRecord }): VNode {
  const call = channel ? callOfChannel(channel, calls.value.values()) : undefined;
  return (
    <details>
      <summary>
        <span class="numbers dim">{clockWords(atMs)}</span>
        <strong>{text}</strong>
        {channel && <code class="dim">{channel}</code>}
        {call && <a href={linkTo("calls", call.id)}>its call</a>}
        <Place place={place} />
      </summary>
      <div class="error-body">
        {place?.text && (
          <pre class="source">
            <span class="dim">{place.line} </span>
            {place.text}
          </pre>
        )}
        <pre>{stack ?? "no stack was told"}</pre>
        <button type="button" class="button small" onClick={() => copyText(stack ?? text, "error copied")}>
          Copy
        </button>
      </div>
    </details>
  );
}
