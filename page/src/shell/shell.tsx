import type { VNode } from "preact";
import { AppView } from "../app/app-view.tsx";
import { CallsView } from "../calls/calls-view.tsx";
import { hello } from "../console.ts";
import { EngineView } from "../engine/engine-view.tsx";
import { MessagesView } from "../messages/messages-view.tsx";
import { PhonePanel } from "../phone/phone-panel.tsx";
import { linkTo, type Route, route } from "../route.ts";

const tabs: readonly { readonly view: Route["view"]; readonly text: string }[] = [
  { view: "calls", text: "Calls" },
  { view: "messages", text: "Messages" },
  { view: "engine", text: "Engine" },
  { view: "app", text: "App" },
];

export function Shell(): VNode {
  const { view } = route.value;
  return (
    <div class="shell">
      <header class="top">
        <strong>yayts</strong>
        <nav aria-label="views">
          {tabs.map((tab) => (
            <a key={tab.view} href={linkTo(tab.view)} aria-current={view === tab.view ? "page" : undefined}>
              {tab.text}
            </a>
          ))}
        </nav>
        <span class="engine">{hello.value?.engine.address}</span>
      </header>
      <PhonePanel />
      <main>
        {view === "calls" && <CallsView />}
        {view === "messages" && <MessagesView />}
        {view === "engine" && <EngineView />}
        {view === "app" && <AppView />}
      </main>
    </div>
  );
}
