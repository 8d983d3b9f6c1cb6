import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { AppView } from "../app/app-view.tsx";
import { CallsView } from "../calls/calls-view.tsx";
import { EngineView } from "../engine/engine-view.tsx";
import { MessagesView } from "../messages/messages-view.tsx";
import { Notices } from "../parts/notices.tsx";
import { ShortcutSheet } from "../parts/shortcut-sheet.tsx";
import { useShortcuts } from "../parts/shortcuts.ts";
import { nextTheme } from "../parts/theme.ts";
import { focusPhone } from "../phone/phone-focus.ts";
import { PhonePanel } from "../phone/phone-panel.tsx";
import { linkBack, route } from "../route.ts";
import { BottomTabs } from "./bottom-tabs.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { focusSearch } from "./focus-search.ts";
import { TopBar } from "./top-bar.tsx";
import { viewTabs } from "./view-tabs.ts";

/** The page's frame: a bar, the phone at the left, a view beside it; on a narrow screen one of them at a time. */
export function Shell(): VNode {
  const { view } = route.value;
  const helps = useSignal(false);
  useShortcuts([
    ...viewTabs.map(({ view: to, text }) => ({
      keys: `g ${to[0]}`,
      what: text,
      group: "Go to" as const,
      run: () => {
        location.hash = linkBack(to);
      },
    })),
    { keys: "g p", what: "Phone", group: "Go to", run: focusPhone },
    { keys: "/", what: "search or filter", group: "In a view", run: focusSearch },
    { keys: "t", what: "light, dark, as the system", group: "Page", run: nextTheme },
    {
      keys: "?",
      what: "this sheet",
      group: "Page",
      run: () => {
        helps.value = true;
      },
    },
  ]);
  return (
    <div class="shell" data-view={view}>
      <TopBar
        onHelp={() => {
          helps.value = true;
        }}
      />
      <ConnectionBanner />
      <PhonePanel />
      <main class="main">
        {(view === "calls" || view === "phone") && <CallsView />}
        {view === "messages" && <MessagesView />}
        {view === "engine" && <EngineView />}
        {view === "app" && <AppView />}
      </main>
      <BottomTabs />
      <Notices />
      {helps.value && (
        <ShortcutSheet
          onClose={() => {
            helps.value = false;
          }}
        />
      )}
    </div>
  );
}
