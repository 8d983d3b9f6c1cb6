// biome-ignore-all lint/a11y/useSemanticElements: cells of a grid of which only what is in view is there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its row
import type { VNode } from "preact";
import { messagePoint } from "../../../src/trace/index.ts";
import { clockWords, millisecondsInColumn } from "../parts/time-words.ts";
import type { MessageRow } from "./message-book.ts";
import { failure, mainParams, sentBy, takenBy } from "./message-summary.ts";

/** The columns of the table of messages; `key` is the class of its cells. */
export const columns: readonly { readonly key: string; readonly text: string }[] = [
  { key: "time", text: "Time" },
  { key: "name", text: "Message" },
  { key: "sender", text: "From" },
  { key: "params", text: "Parameters" },
  { key: "taken", text: "Handled by" },
  { key: "took", text: "Took ms" },
];

/** A dispatch that took longer is worth a look. */
const slowMs = 100;

/** The cells of a row: text only, because hundreds of them are made anew each second. */
export function MessageCells({ row: { record } }: { readonly row: MessageRow }): VNode {
  const taker = takenBy(record);
  const failed = failure(record);
  const point = messagePoint(record);
  return (
    <>
      <span role="gridcell" class="time">
        {clockWords(record.atMs, true)}
      </span>
      <span role="gridcell" class={`name ${area(point.name)}`}>
        {point.name}
        {point.masquerade && <small> masquerade</small>}
      </span>
      <span role="gridcell" class={record.sender ? "sender" : "sender own"}>
        {sentBy(record)}
      </span>
      <span role="gridcell" class="params">
        {point.text && <b>{point.text}</b>}
        {mainParams(record.params, point).map(([name, value]) => [<i key={name}>{name}=</i>, `${value}  `])}
      </span>
      <span
        role="gridcell"
        class={failed ? "taken failed" : record.handled ? "taken" : "taken nobody"}
        title={failed}
      >
        {failed ? `${failed}` : taker === "?" ? "handled" : taker || "nobody"}
      </span>
      <span role="gridcell" class={(record.tookMs ?? 0) >= slowMs ? "took slow" : "took"}>
        {record.tookMs === undefined ? "" : millisecondsInColumn(record.tookMs)}
      </span>
    </>
  );
}

/** What a message is about, for its colour. */
function area(name: string): string {
  const [first = ""] = name.split(".", 1);
  return ["call", "chan", "engine", "user"].includes(first) ? first : "other";
}
