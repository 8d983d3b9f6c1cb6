import type { VNode } from "preact";
import { type LadderItem, offsetText } from "../../../src/trace/ladder/index.ts";
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
  return `${sip}${item.label}${handled}${item.more ? `, ${item.more}` : ""}`;
}

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
