import type { VNode } from "preact";
import type { TracePlace } from "../../../../src/trace/index.ts";
import { placeText } from "../../../../src/trace/ladder/index.ts";
import { copyText } from "../../parts/copy-text.ts";
import { Icon } from "../../parts/icon.tsx";

/** `/srv/app.ts:12`, as editors take it. */
export function wholePlace({ file, line }: TracePlace): string {
  return `${file.replace(/^file:\/\//, "")}:${line}`;
}

/** The line of somebody's source; a click copies where it is. */
export function Place({ place }: { readonly place: TracePlace }): VNode {
  const whole = wholePlace(place);
  const copy = (): void => void copyText(whole, `${placeText(place)} copied`);
  return (
    <figure class="place">
      <figcaption>
        <button type="button" class="place-link cut" title={`copy ${whole}`} onClick={copy}>
          {placeText(place)}
        </button>
        {place.within && <span class="dim cut">in {place.within}</span>}
        <span class="spread" />
        <button
          type="button"
          class="button small icon plain"
          aria-label={`copy ${whole}`}
          data-tip="Copy file:line"
          data-tip-side="left"
          onClick={copy}
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
