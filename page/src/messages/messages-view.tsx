import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { connection, hello } from "../console.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { useShortcuts } from "../parts/shortcuts.ts";
import { Split } from "../parts/split.tsx";
import { countWords } from "../parts/time-words.ts";
import { compose } from "./compose.ts";
import { FilterBar } from "./filter-bar.tsx";
import { MessageDetail } from "./message-detail.tsx";
import {
  asideCount,
  chosen,
  clearMessages,
  filterText,
  followMessages,
  lostCount,
  pause,
  paused,
  perSecond,
  rows,
  showAside,
  skippedCount,
} from "./message-store.ts";
import { MessageTable } from "./message-table.tsx";
import { RouteTry } from "./route-try.tsx";
import { SendDialog } from "./send-dialog.tsx";

/** From this width on the detail is beside the table, else below it. */
const wideP = 1100;

/** The engine's messages as they come, and by hand. */
export function MessagesView(): VNode {
  const routing = useSignal(false);
  const wide = useSignal(false);
  const section = useRef<HTMLElement>(null);
  useEffect(followMessages, []);
  useEffect(() => {
    const element = section.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      wide.value = element.clientWidth >= wideP;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [wide]);
  const viewOnly = hello.value?.viewOnly ?? false;
  useShortcuts([
    { keys: "p", what: "pause and resume messages", group: "In a view", run: () => pause(!paused.value) },
    { keys: "s", what: "send a message", group: "In a view", run: () => !viewOnly && compose() },
    { keys: "w", what: "who would take a number", group: "In a view", run: () => setRouting(!viewOnly) },
  ]);
  const setRouting = (on: boolean): void => {
    routing.value = on;
  };
  const row = chosen.value;
  return (
    <section class="view messages" aria-label="messages" ref={section}>
      <div class="bar messages-bar">
        <FilterBar />
        <div class="messages-tools">
          <Counts />
          <span class="spread" />
          <button
            type="button"
            class="button plain"
            aria-pressed={paused.value}
            aria-label={paused.value ? "resume" : "pause"}
            onClick={() => pause(!paused.value)}
          >
            <Icon name={paused.value ? "play" : "pause"} />
            <span class="wide-words">{paused.value ? "Resume" : "Pause"}</span>
          </button>
          <button
            type="button"
            class="button plain icon"
            title="clear"
            aria-label="clear"
            onClick={clearMessages}
          >
            <Icon name="trash" />
          </button>
          <button
            type="button"
            class="button"
            disabled={viewOnly}
            aria-label="try a number"
            onClick={() => setRouting(true)}
          >
            <Icon name="transfer" />
            <span class="wide-words">Try a number</span>
          </button>
          <button type="button" class="button primary" disabled={viewOnly} onClick={() => compose()}>
            <Icon name="send" />
            Send
          </button>
        </div>
      </div>
      {paused.value && <PausedBar />}
      <Split
        name={wide.value ? "messages-wide" : "messages"}
        way={wide.value ? "row" : "column"}
        label="size of the detail"
        first={rows.value.length === 0 ? <Nothing /> : <Table />}
        second={
          row && (
            <MessageDetail
              key={row.n}
              row={row}
              onClose={() => {
                chosen.value = undefined;
              }}
            />
          )
        }
      />
      {routing.value && <RouteTry onClose={() => setRouting(false)} />}
      <SendDialog />
    </section>
  );
}

/** By itself, so that new rows draw nothing else anew. */
function Table(): VNode {
  return (
    <MessageTable
      rows={rows.value}
      chosen={chosen.value}
      onChoose={(row) => {
        chosen.value = row;
      }}
      onOpen={(row) => {
        chosen.value = row;
        document.querySelector<HTMLElement>(".message-detail")?.focus();
      }}
    />
  );
}

function Counts(): VNode {
  return (
    <>
      <span class="numbers dim" title="of all messages of the engine">
        {perSecond.value}/s
      </span>
      <span class="numbers dim" title="in the table">
        {countWords(rows.value.length)}
        <span class="wide-words"> shown</span>
      </span>
      {lostCount.value > 0 && (
        <span class="badge bad" title="records that did not reach the console in time">
          {countWords(lostCount.value)} lost
        </span>
      )}
      {skippedCount.value > 0 && (
        <span class="badge warn" title="messages that were left out because there were too many for a page">
          {countWords(skippedCount.value)} skipped
        </span>
      )}
    </>
  );
}

function PausedBar(): VNode {
  const count = asideCount.value;
  return (
    <div class="paused-bar" role="status">
      <Icon name="pause" />
      Paused{count > 0 && `: ${countWords(count)} came meanwhile`}
      {count > 0 && (
        <button type="button" class="button small" onClick={showAside}>
          Show them
        </button>
      )}
    </div>
  );
}

function Nothing(): VNode {
  if (connection.state.value !== "open")
    return (
      <Empty icon="messages" title="Not connected">
        <p>Messages are shown as soon as the console is there.</p>
      </Empty>
    );
  return filterText.value === "" ? (
    <Empty icon="messages" title="No messages yet">
      <p>Every message that the engine dispatches is shown here as it happens.</p>
    </Empty>
  ) : (
    <Empty icon="filter" title="Nothing fits the filter">
      <p>
        <code>{filterText.value}</code>
      </p>
      <button
        type="button"
        class="button"
        onClick={() => {
          filterText.value = "";
        }}
      >
        Show all messages
      </button>
    </Empty>
  );
}
