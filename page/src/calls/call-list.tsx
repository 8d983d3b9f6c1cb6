import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { calls, connection } from "../console.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { goTo, route } from "../route.ts";
import { orderCalls } from "./call-order.ts";
import { CallRow } from "./call-row.tsx";
import { namedCall } from "./named-call.ts";
import { journals, openJournals } from "./opened-journals.ts";
import { asking, askMore, askPast, more, past, search } from "./past-calls.ts";

const rowPx = 50;

/** Calls that are and were; the live ones on top. */
export function CallList(): VNode {
  const picker = useRef<HTMLInputElement>(null);
  const list = useComputed(() => [
    ...[...journals.value.values()].map(({ call }) => call),
    ...orderCalls(calls.value, past.value, search.value.trim()),
  ]);
  const state = connection.state.value;
  useEffect(() => {
    if (state !== "open") return;
    const soon = setTimeout(() => void askPast(), 200);
    return () => clearTimeout(soon);
  }, [state, search.value]);
  // The list is virtual, so the last row is in the document only when it is nearly in sight.
  const items = list.value;
  const live = items.filter((call) => call.state !== "ended" && !journals.value.has(call.id)).length;
  return (
    <div class="call-list">
      <div class="bar">
        <label class="search-field">
          <Icon name="search" />
          <input
            class="input"
            type="search"
            placeholder="Search calls"
            aria-label="search calls by number, channel, reason or keys"
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        </label>
        <button
          type="button"
          class="button icon plain"
          data-tip="Open a saved call (or drop it here)"
          data-tip-side="left"
          aria-label="open a saved call"
          onClick={() => picker.current?.click()}
        >
          <Icon name="upload" />
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".json,application/json"
          onChange={(event) => {
            void openJournals([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </div>
      {items.length === 0 ? (
        <Empty
          icon="calls"
          title={search.value ? "No call fits" : asking.value ? "Looking …" : "No calls yet"}
        >
          {!search.value && (
            <p>
              Call from the phone at the side, or let somebody call: each call appears here at once. A saved
              call can be dropped here.
            </p>
          )}
        </Empty>
      ) : (
        <VirtualList
          label="calls"
          items={items}
          keyOf={(call) => call.id}
          rowPx={rowPx}
          row={(call, index) => {
            if (index === items.length - 1 && more.value) queueMicrotask(() => void askMore());
            return <CallRow call={call} file={journals.value.has(call.id)} />;
          }}
          selected={namedCall(route.value.rest)}
          onSelect={(call) => goTo("calls", call.id)}
        />
      )}
      <p class="call-count dim numbers" role="status">
        {live} live · {items.length - live}
        {more.value ? "+" : ""} past
      </p>
    </div>
  );
}
