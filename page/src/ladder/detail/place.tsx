import type { VNode } from "preact";
import type { TracePlace } from "../../../../src/trace/index.ts";
import { placeText } from "../../../../src/trace/ladder/index.ts";
import { copyText } from "../../parts/copy-text.ts";
import { Icon } from "../../parts/icon.tsx";

/** The line of somebody's source. */
export function Place({ place }: { readonly place: TracePlace }): VNode {
  const whole = `${place.file.replace(/^file:\/\//, "")}:${place.line}:${place.column}`;
  return (
    <figure class="place">
      <figcaption>
        <code class="cut" title={whole}>
          {placeText(place)}
        </code>
        {place.within && <span class="dim cut">in {place.within}</span>}
        <span class="spread" />
        <button
          type="button"
          class="button small icon plain"
          aria-label={`copy ${whole}`}
          data-tip="Copy file:line"
          data-tip-side="left"
          onClick={() => copyText(whole, `${placeText(place)} copied`)}
        >
          <Icon name="copy" />
        </button>
      </figcaption>
      {place.text !== undefined && (
        <pre>
          <span class="line-number">{place.line}</span>
          {place.text}
        </pre>
      )}
    </figure>
  );
}
