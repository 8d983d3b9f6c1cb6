import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { MessageRecord } from "../../../../src/trace/index.ts";
import { copyText } from "../../parts/copy-text.ts";
import { Icon } from "../../parts/icon.tsx";
import { paramRows } from "./param-rows.ts";

const signs = { added: "+", changed: "~", removed: "−", same: "" } as const;

/** All parameters in their order, with what became of them. */
export function Params({ record }: { readonly record: MessageRecord }): VNode {
  const search = useSignal("");
  const all = paramRows(record.before ?? record.params, record.params);
  const wanted = search.value.toLowerCase();
  const rows = all.filter(({ name, value }) => `${name}=${value}`.toLowerCase().includes(wanted));
  return (
    <section class="detail-part">
      <div class="part-head">
        <h3>Parameters ({record.params.length})</h3>
        <span class="spread" />
        {all.length > 6 && (
          <input
            class="input small-input"
            placeholder="Filter"
            aria-label="filter parameters"
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        )}
        <button
          type="button"
          class="button small icon plain"
          aria-label="copy all parameters"
          data-tip="Copy all"
          data-tip-side="left"
          onClick={() =>
            copyText(record.params.map(([name, value]) => `${name}=${value}`).join("\n"), "parameters copied")
          }
        >
          <Icon name="copy" />
        </button>
      </div>
      {all.length === 0 && <p class="dim">None.</p>}
      {all.length > 0 && rows.length === 0 && <p class="dim">None fits.</p>}
      <table class="params">
        <tbody>
          {rows.map(({ name, value, was, what }, i) => (
            <tr key={`${i} ${name}`} class={what}>
              <td class="sign" title={what === "same" ? undefined : what}>
                {signs[what]}
              </td>
              <th scope="row">{name}</th>
              <td class="value">
                {was !== undefined && <del>{was || "(empty)"}</del>}{" "}
                {what === "removed" ? "" : value || <span class="dim">(empty)</span>}
              </td>
              <td class="copy">
                <button
                  type="button"
                  class="button small icon plain"
                  aria-label={`copy ${name}`}
                  onClick={() => copyText(value, `${name} copied`)}
                >
                  <Icon name="copy" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
