import type { VNode } from "preact";
import type { ParamChange } from "../../../src/trace/index.ts";

/** Parameters that became new, other or gone. */
export function Changes({ changes }: { readonly changes: readonly ParamChange[] }): VNode {
  return (
    <ul class="changes">
      {changes.map(({ name, from, to }, index) => (
        <li key={index}>
          <code class="name">{name}</code>
          {from !== undefined && <del>{from || "“”"}</del>}
          {from !== undefined && to !== undefined && <span aria-hidden="true">→</span>}
          {to !== undefined && <ins>{to || "“”"}</ins>}
        </li>
      ))}
    </ul>
  );
}
