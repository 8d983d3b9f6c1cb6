import type { VNode } from "preact";
import { type LadderHit, type LadderItem, offsetText } from "../../../src/trace/ladder/index.ts";
import type { LadderState } from "./ladder-state.ts";

/** Rows before and after the chosen one that are in the document: a reader of the screen looks a little around. */
const around = 12;

export function rowId(index: number): string {
  return `ladder-row-${index}`;
}

/** One item in words. */
export function itemWords(item: LadderItem): string {
  const sip = item.kind === "sip" ? (item.direction === "in" ? "received " : "sent ") : "";
  const handled = item.kind === "message" && item.tone === "dim" ? " not handled" : "";
  const point = item.kind === "message" && item.point ? ` ${item.point}` : "";
  const masquerade = item.kind === "message" && item.masquerade ? " by masquerade" : "";
  return `${sip}${item.label}${point}${masquerade}${handled}${item.more ? `, ${item.more}` : ""}`;
}

/** What is at a point, in full: rows leave out what has no room. */
export function hitWords(state: LadderState, hit: LadderHit | undefined): string {
  const { items, spans, startMs } = state.model.value;
  if (hit?.on === "span") {
    const span = spans[hit.index];
    return span ? [span.label, span.more].filter(Boolean).join(", ") : "";
  }
  if (hit?.on === "item") {
    const item = items[hit.index];
    return item ? `${offsetText(item.atMs - startMs)} s: ${itemWords(item)}` : "";
  }
  const row = hit && state.layout.value.rows[hit.row];
  if (!row) return "";
  const own = items.slice(row.first, row.first + row.count);
  const words = own.slice(0, most).map(itemWords);
  if (own.length > most) words.push("…");
  return [`${own.length} in one row; click to open`, ...words].join("\n");
}

/** Items of a group that are named. */
const most = 12;

/** What the ladder shows, for who does not see it: rows of the grid around it, which has the focus for them. */
export function LadderTable({ state }: { readonly state: LadderState }): VNode {
  const { items, startMs } = state.model.value;
  const chosen = state.selectedIndex;
  const from = Math.max(0, chosen - around);
  return (
    <div class="hidden-words" {...group}>
      {items.slice(from, from + 2 * around + 1).map((item, i) => (
        <div key={item.key} id={rowId(from + i)} {...row(from + i, from + i === chosen)}>
          <span {...cell}>{offsetText(item.atMs - startMs)}</span>
          <span {...cell}>{item.lane}</span>
          <span {...cell}>{itemWords(item)}</span>
        </div>
      ))}
    </div>
  );
}

const group = { role: "rowgroup" } as const;
const cell = { role: "gridcell" } as const;

function row(index: number, chosen: boolean) {
  return { role: "row", "aria-rowindex": index + 1, "aria-selected": chosen } as const;
}
