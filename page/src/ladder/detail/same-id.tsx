import type { VNode } from "preact";
import { type MessageRecord, messagePoint } from "../../../../src/trace/index.ts";
import { type LadderModel, offsetText, paramOf, recordKey } from "../../../../src/trace/ladder/index.ts";
import { Icon } from "../../parts/icon.tsx";

/** How many others are listed: those nearest in time. */
const most = 9;

function words(record: MessageRecord): string {
  const { name, text } = messagePoint(record);
  const id = paramOf(record.params, "id") ?? "";
  // All of these are about the same channel.
  return `${name} ${text.replace(id, "").trim()}`;
}

/** The other messages about the same channel. */
export function SameId(props: {
  readonly model: LadderModel;
  readonly record: MessageRecord;
  readonly onChoose: (key: string) => void;
}): VNode | null {
  const { model, record, onChoose } = props;
  const id = paramOf(record.params, "id");
  if (!id) return null;
  const same = model.records.filter(
    (one) => one.record.kind === "message" && paramOf(one.record.params, "id") === id,
  );
  const at = same.findIndex((one) => one.record === record);
  const from = Math.max(0, Math.min(at - Math.floor(most / 2), same.length - most));
  const go = (to: number): void => {
    const target = same[to];
    if (target) onChoose(recordKey(target));
  };
  return (
    <section class="detail-part">
      <div class="part-head">
        <h3>
          Messages with id <code>{id}</code> ({at + 1} of {same.length})
        </h3>
        <span class="spread" />
        <button
          type="button"
          class="button small icon plain"
          aria-label="the one before"
          disabled={at <= 0}
          onClick={() => go(at - 1)}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          class="button small icon plain"
          aria-label="the one after"
          disabled={at >= same.length - 1}
          onClick={() => go(at + 1)}
        >
          <Icon name="right" />
        </button>
      </div>
      <ul class="same-id">
        {same.slice(from, from + most).map((one) => (
          <li key={recordKey(one)}>
            <button
              type="button"
              class="link-row"
              aria-current={one.record === record}
              onClick={() => onChoose(recordKey(one))}
            >
              <code class="dim">{offsetText(one.record.atMs - model.startMs)}</code>
              <code>{one.record.kind === "message" ? words(one.record) : ""}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
