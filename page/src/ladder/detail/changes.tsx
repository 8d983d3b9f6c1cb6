import type { VNode } from "preact";
import type { ParamChange } from "../../../../src/trace/index.ts";

/** What became of parameters: added, changed, taken away. A sign says so too, not only the colour. */
export function Changes(props: {
  readonly changes: readonly ParamChange[];
  readonly renamed?: string | undefined;
  readonly retvalue?: string | undefined;
}): VNode {
  const { changes, renamed, retvalue } = props;
  return (
    <ul class="changes">
      {renamed !== undefined && (
        <li class="changed">
          <span class="sign">~</span> renamed to <code>{renamed}</code>
        </li>
      )}
      {retvalue !== undefined && (
        <li class="changed">
          <span class="sign">=</span> returned <code>{retvalue || "(empty)"}</code>
        </li>
      )}
      {changes.map(({ name, from, to }, i) => (
        <li
          key={`${i} ${name}`}
          class={from === undefined ? "added" : to === undefined ? "removed" : "changed"}
        >
          <span class="sign">{from === undefined ? "+" : to === undefined ? "−" : "~"}</span>{" "}
          <code class="name">{name}</code> {from !== undefined && <del>{from || "(empty)"}</del>}{" "}
          {from !== undefined && to !== undefined && "→"} {to !== undefined && <ins>{to || "(empty)"}</ins>}
        </li>
      ))}
    </ul>
  );
}
