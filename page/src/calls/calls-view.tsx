import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { classNames } from "../parts/class-names.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { Split } from "../parts/split.tsx";
import { stored } from "../parts/stored.ts";
import { route } from "../route.ts";
import { CallList } from "./call-list.tsx";
import { CallPage } from "./call-page.tsx";
import { openJournals } from "./opened-journals.ts";

const wholeView: Signal<boolean> = stored(
  "call-whole",
  false,
  (found): found is boolean => typeof found === "boolean",
);

/** Calls, and the chosen one beside them; where there is no room for both, one of them. */
export function CallsView(): VNode {
  const id = route.value.view === "calls" ? route.value.rest : "";
  const narrow = useNarrow();
  const dragged = useSignal(false);
  const page = id !== "" && (
    <CallPage
      name={id}
      wholeView={wholeView.value}
      onWholeView={() => {
        wholeView.value = !wholeView.value;
      }}
    />
  );
  // Hidden, not taken away: the list stays where it was scrolled to, and the ladder as near as it was.
  const alone = page ? (narrow || wholeView.value) && "call-alone" : narrow && "list-alone";
  return (
    <section
      class={classNames("view calls-view", narrow && "narrow", alone, dragged.value && "dropping")}
      aria-label="calls"
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        dragged.value = true;
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) dragged.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        dragged.value = false;
        void openJournals([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <Split
        name="calls"
        way="row"
        label="calls and the chosen one"
        start={28}
        leastPx={230}
        first={<CallList />}
        second={
          page || (
            <Empty icon="calls" title="Choose a call">
              <p>Its messages, its sound and what the app did with it are shown here on one time line.</p>
            </Empty>
          )
        }
      />
      {dragged.value && (
        <div class="drop-here">
          <Icon name="upload" /> Drop a saved call to open it
        </div>
      )}
    </section>
  );
}

function useNarrow(): boolean {
  const [query] = useState(() => matchMedia("(max-width: 719px)"));
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const change = (): void => setNarrow(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, [query]);
  return narrow;
}
